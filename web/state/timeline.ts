import type { Entry, OutboxItem, ViewMessage } from "../../sdk/mod.ts";
import { dayOf } from "./day_of.ts";

/** A line of the chat, and how it stands to the one above. */
export type Line =
  | { kind: "day"; key: string; at: number }
  | { kind: "event"; key: string; entry: Entry }
  | { kind: "unread"; key: string }
  | MessageLine
  | PendingLine;

interface Answer {
  /** The message it answers, where that is known and not hidden. */
  quoted?: ViewMessage;
  /** The seq of the message it answers. */
  replyTo?: number;
}

export interface MessageLine extends Answer {
  kind: "message";
  key: string;
  message: ViewMessage;
  isMine: boolean;
  startsGroup: boolean;
}

export interface PendingLine extends Answer {
  kind: "pending";
  key: string;
  item: OutboxItem;
  startsGroup: boolean;
}

export interface TimelineParts {
  /** These two in seq order. */
  messages: readonly ViewMessage[];
  events: readonly Entry[];
  pending: readonly OutboxItem[];
  myId: string;
  /** Messages that are answered from further away. */
  quotes?: ReadonlyMap<number, ViewMessage | null>;
  /** A line says that what comes after this message is new; null: nothing is. */
  unreadAfter?: number | null;
}

/** Messages of one person closer than this stand together. */
const GROUP_MS = 5 * 60_000;

/** A chat as lines: days apart, one person's messages in a row together, what is not stored yet at the end. */
export function timeline(
  { messages, events, pending, myId, quotes, unreadAfter = null }: TimelineParts,
): Line[] {
  const lines: Line[] = [];
  let day = NaN;
  let group = { by: "", at: 0 };
  let isNew = unreadAfter === null;
  let isFirstNew = false;
  const add = (at: number, by: string, make: (startsGroup: boolean) => Line) => {
    if (dayOf(at) !== day) {
      day = dayOf(at);
      lines.push({ kind: "day", key: `day-${day}`, at });
      group = { by: "", at: 0 };
    }
    if (isFirstNew) {
      lines.push({ kind: "unread", key: "unread" });
      isFirstNew = false;
      group = { by: "", at: 0 };
    }
    lines.push(make(by === "" || group.by !== by || at - group.at > GROUP_MS));
    group = { by, at };
  };
  const addEvent = (entry: Entry) =>
    add(entry.at, "", () => ({ kind: "event", key: `seq-${entry.seq}`, entry }));

  // What a person deleted for themselves is not there for them.
  const shown = messages.filter(({ content }) => content.type !== "hidden");
  const bySeq = new Map(shown.map((message) => [message.seq, message]));
  const answerOf = ({ replyTo }: { readonly replyTo?: unknown }): Answer =>
    typeof replyTo === "number"
      ? { replyTo, quoted: bySeq.get(replyTo) ?? quotes?.get(replyTo) ?? undefined }
      : {};
  let next = 0;
  for (const message of shown) {
    while (events[next]?.seq < message.seq) addEvent(events[next++]);
    const { seq, at, senderId, clientId, content } = message;
    // A message keeps its key, and so its place on the screen, when it is stored.
    const isMine = senderId === myId;
    const key = isMine && clientId ? `own-${clientId}` : `seq-${seq}`;
    isFirstNew = !isNew && !isMine && seq > unreadAfter!;
    isNew ||= isFirstNew;
    add(
      at,
      senderId,
      (startsGroup) => ({ kind: "message", key, message, ...answerOf(content), isMine, startsGroup }),
    );
  }
  for (const entry of events.slice(next)) addEvent(entry);

  const stored = new Set(messages.filter((one) => one.senderId === myId).map(({ clientId }) => clientId));
  for (const item of pending.filter(({ clientId }) => !stored.has(clientId))) {
    const key = `own-${item.clientId}`;
    const answer = answerOf(item.content);
    add(item.at, myId, (startsGroup) => ({ kind: "pending", key, item, ...answer, startsGroup }));
  }
  return lines;
}
