import { useEffect, useState } from "preact/hooks";
import { ImError, type User } from "../../sdk/mod.ts";
import { Field } from "../components/field.tsx";
import { callOf } from "../state/naming.ts";
import { meet, nameOf } from "../state/people.ts";
import { AuditWords, type Line } from "./audit_words.tsx";
import { dayStart } from "../text/day_start.ts";
import { auditFilter, NO_FILTER } from "./audit_filter.ts";
import { call } from "./call.ts";
import { nameOrSomeone, Paged, Select } from "./parts.tsx";
import { usePages } from "./use_pages.ts";
import { When } from "./when.tsx";
import { words } from "./words.ts";

/** What admins did: a table where there is room, cards where there is none. */
export function Audit() {
  const w = words.value;
  const wanted = auditFilter.value;
  const pages = usePages<Line>(async (cursor) => {
    const { adminId, act, target, from, to } = wanted;
    const { lines, nextCursor } = await call("admin.audit", {
      adminId: adminId || undefined,
      act: act || undefined,
      targetId: await idOf(target.trim()),
      since: dayStart(from),
      until: dayStart(to, 1),
      cursor,
    });
    return { items: lines, nextCursor };
  }, JSON.stringify(wanted));
  const columns = [w.time, w.who, w.what, w.address];
  return (
    <>
      <Filters />
      <Paged pages={pages} empty={w.noLines} icon="shield">
        {(lines) => (
          <section class="card">
            <table class="cards-table log" role="table" aria-label={w.audit} data-testid="audit">
              <thead role="rowgroup">
                <tr role="row">
                  {columns.map((column) => <th key={column} role="columnheader" scope="col">{column}</th>)}
                </tr>
              </thead>
              <tbody role="rowgroup">
                {lines.map((line) => <LineRow key={line.id} line={line} columns={columns} />)}
              </tbody>
            </table>
          </section>
        )}
      </Paged>
    </>
  );
}

function LineRow({ line, columns }: { line: Line; columns: readonly string[] }) {
  const w = words.value;
  return (
    <tr role="row">
      <td role="cell" data-label={columns[0]}>
        <When at={line.at} seconds />
      </td>
      <td role="cell" data-label={columns[1]}>
        <bdi>{line.adminId === null ? w.commandLine : nameOrSomeone(nameOf(line.adminId))}</bdi>
      </td>
      <td role="cell" data-label={columns[2]}>
        <span>
          <AuditWords line={line} />
        </span>
      </td>
      <td role="cell" data-label={columns[3]}>{line.address}</td>
    </tr>
  );
}

/** Nothing is asked for before "Show" is pressed: every reading of the log is a line in it. */
function Filters() {
  const [draft, setDraft] = useState(auditFilter.value);
  const admins = useAdmins();
  const w = words.value;
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const submit = (event: Event) => {
    event.preventDefault();
    auditFilter.value = { ...draft };
  };
  const clear = () => setDraft(auditFilter.value = { ...NO_FILTER });
  const names = admins.map((one) => [one.id, callOf(one)] as const);
  // One who is none any more has still done what they did.
  const isUnknown = draft.adminId !== "" && !admins.some(({ id }) => id === draft.adminId);
  const former = isUnknown ? [[draft.adminId, nameOrSomeone(nameOf(draft.adminId))] as const] : [];
  return (
    <form class="filters" role="search" aria-label={w.filters} onSubmit={submit}>
      <Select
        label={w.who}
        value={draft.adminId}
        options={[["", w.any], ...names, ...former]}
        onChoose={(adminId) => change({ adminId })}
      />
      <Select
        label={w.act}
        value={draft.act}
        options={[["", w.any], ...Object.entries(w.actNames)]}
        onChoose={(act) => change({ act })}
      />
      <Field
        label={w.target}
        type="search"
        value={draft.target}
        onText={(target) => change({ target })}
        maxLength={64}
        autoCapitalize="none"
        spellcheck={false}
      />
      <Day label={w.from} value={draft.from} onChoose={(from) => change({ from })} />
      <Day label={w.to} value={draft.to} onChoose={(to) => change({ to })} />
      <div class="filter-buttons">
        <button type="submit" class="button primary">{w.apply}</button>
        <button type="button" class="button plain" onClick={clear}>{w.clear}</button>
      </div>
    </form>
  );
}

interface DayProps {
  label: string;
  value: string;
  onChoose: (day: string) => void;
}

function Day({ label, value, onChoose }: DayProps) {
  return (
    <label class="field date-field">
      <span>{label}</span>
      <input type="date" value={value} onInput={(event) => onChoose(event.currentTarget.value)} />
    </label>
  );
}

function useAdmins(): readonly User[] {
  const [admins, setAdmins] = useState<readonly User[]>([]);
  useEffect(() => {
    call("admin.users", { state: "admin", limit: 200 }).then(({ users }) => {
      meet(users);
      setAdmins(users);
    }, () => {});
  }, []);
  return admins;
}

/** Of a username, the account's id; an id stays what it is. */
async function idOf(target: string): Promise<string | undefined> {
  if (target === "") return undefined;
  if (/^[1-9]\d{9,15}$/.test(target)) return target;
  const { users } = await call("admin.users", { query: target.replace(/^@/, ""), limit: 20 });
  const name = target.replace(/^@/, "").toLowerCase();
  const found = users.find(({ username }) => username.toLowerCase() === name);
  if (!found) throw new ImError("user_not_found", words.value.nobodySuch);
  return found.id;
}
