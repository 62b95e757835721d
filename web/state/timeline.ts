import type { Entry, OutboxItem } from "../../sdk/mod.ts";
import { dayOf } from "./day_of.ts";

/** A line of the chat, and how it stands to the one above. */
export type Line =
  | { kind: "day"; key: string; at: number }
  | { kind: "event"; key: string; entry: Entry }
  | { kind: "message"; key: string; entry: Entry; isMine: boolean; startsGroup: boolean }
  | { kind: "pending"; key: string; item: OutboxItem; startsGroup: boolean };

/** Messages of one person closer than this stand together. */
const GROUP_MS = 5 * 60_000;

/** A chat as lines: days apart, one person's messages in a row together, what is not stored yet at the end. */
export function timeline(entries: readonly Entry[], pending: readonly OutboxItem[], myId: string): Line[] {
  const lines: Line[] = [];
  let day = NaN;
  let group = { by: "", at: 0 };
  const add = (at: number, by: string, make: (startsGroup: boolean) => Line) => {
    if (dayOf(at) !== day) {
      day = dayOf(at);
      lines.push({ kind: "day", key: `day-${day}`, at });
      group = { by: "", at: 0 };
    }
    lines.push(make(by === "" || group.by !== by || at - group.at > GROUP_MS));
    group = { by, at };
  };
  for (const entry of entries) {
    const { seq, at, senderId, clientId } = entry;
    if (entry.kind !== "message") add(at, "", () => ({ kind: "event", key: `seq-${seq}`, entry }));
    else {
      // A message keeps its key, and so its place on the screen, when it is stored.
      const isMine = senderId === myId;
      const key = isMine && clientId ? `own-${clientId}` : `seq-${seq}`;
      add(at, senderId, (startsGroup) => ({ kind: "message", key, entry, isMine, startsGroup }));
    }
  }
  const stored = new Set(entries.filter((entry) => entry.senderId === myId).map(({ clientId }) => clientId));
  for (const item of pending.filter(({ clientId }) => !stored.has(clientId))) {
    add(
      item.at,
      myId,
      (startsGroup) => ({ kind: "pending", key: `own-${item.clientId}`, item, startsGroup }),
    );
  }
  return lines;
}
