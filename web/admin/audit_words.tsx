import type { ComponentChildren } from "preact";
import type { Output } from "../../sdk/mod.ts";
import { nameOf } from "../state/people.ts";
import { pageHref } from "../state/route.ts";
import { nameOrSomeone } from "./parts.tsx";
import { shortMoment } from "./when.tsx";
import { words } from "./words.ts";

export type Line = Output<"admin.audit">["lines"][number];

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
function detailWords({ detail }: Line): string {
  return Object.entries(detail).map(([name, value]) => partWords(name, String(value))).filter(Boolean).join(
    ", ",
  );
}

function partWords(name: string, value: string): string {
  const w = words.value;
  switch (name) {
    case "reason":
    case "text":
      return value;
    case "query":
      return w.quoted(value);
    case "role":
      return value === "admin" ? w.admin : w.roleUser;
    case "state":
      return value === "any" ? "" : { ...w.groupStates, ...w.states }[value as "active"] ?? value;
    case "act":
      return w.actNames[value] ?? value;
    case "adminId":
      return nameOrSomeone(nameOf(value));
    case "since":
      return w.since(shortMoment(Number(value)));
    case "until":
      return w.until(shortMoment(Number(value)));
    case "userIds":
      return w.toPeople(value.split(",").length);
    default:
      return `${name} ${value}`;
  }
}
