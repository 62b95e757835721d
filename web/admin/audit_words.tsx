import type { ComponentChildren } from "preact";
import { nameOf } from "../state/people.ts";
import { pageHref } from "../state/route.ts";
import type { Line } from "./audit.tsx";
import { nameOrSomeone } from "./parts.tsx";
import { words } from "./words.ts";

/** Whose target is a group; of the others it is a person. */
const ABOUT_GROUPS: readonly string[] = ["admin.members", "admin.dissolve", "admin.groups"];

/** One line as a sentence without its subject: "disabled Ann: spam". */
export function AuditWords({ line }: { line: Line }) {
  const w = words.value;
  const [before, after] = (w.acts[line.act] ?? line.act).split("{target}");
  const extra = detailWords(line);
  return (
    <>
      {before}
      {after !== undefined && line.targetId !== null && <Target line={line} id={line.targetId} />}
      {after}
      {extra && (
        <>
          {": "}
          <bdi class="muted">{extra}</bdi>
        </>
      )}
    </>
  );
}

function Target({ line, id }: { line: Line; id: string }): ComponentChildren {
  if (ABOUT_GROUPS.includes(line.act)) {
    return <a href={pageHref("admin", "groups", id)}>{words.value.group(id)}</a>;
  }
  return (
    <a href={pageHref("admin", "users", id)}>
      <bdi>{nameOrSomeone(nameOf(id))}</bdi>
    </a>
  );
}

/** What else was asked for: a reason, a search, the words of an announcement. */
function detailWords({ act, detail }: Line): string {
  const w = words.value;
  if (act === "admin.setRole") return detail.role === "admin" ? w.admin : w.roleUser;
  const shown = Object.entries(detail)
    .filter(([name, value]) => value !== null && value !== "" && !(name === "state" && value === "any"))
    .map(([name, value]) =>
      name === "reason" || name === "text" ? String(value) : `${name} ${String(value)}`
    );
  return shown.join(", ");
}
