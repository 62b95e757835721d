import type { Entry, Message } from "../wire/schemas.ts";

/**
 * An entry as a server may send it: one newer than this client knows more kinds. Of a message, history also
 * says what became of it, and with `changedSeq` which entry was the last that is in that.
 */
export type AnyEntry =
  & Omit<Entry, "kind">
  & { kind: string }
  & Partial<Omit<Message, keyof Entry>>
  & { changedSeq?: number };

export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** Whether this person is among them. */
  readonly mine: boolean;
  /** Who, as far as this client was told: history gives no more than the count, and oneself. */
  readonly userIds: readonly string[];
}

/** A message as it is now. A change makes a new object. */
export interface ViewMessage {
  readonly seq: number;
  readonly senderId: string;
  readonly at: number;
  readonly clientId?: string;
  /** With all edits made; `{type: "recalled"}` of a recalled one, `{type: "hidden"}` of one deleted for me. */
  readonly content: Readonly<Record<string, unknown>>;
  readonly editedAt?: number;
  /** How many times. */
  readonly edits: number;
  readonly recalledAt?: number;
  readonly recalledBy?: string;
  readonly reactions: readonly Reaction[];
  readonly pinnedAt?: number;
}

const CHANGES = new Set([
  "message.edited",
  "message.recalled",
  "message.pinned",
  "message.unpinned",
  "reaction.added",
  "reaction.removed",
]);

/** The seq of the message that an entry changes; undefined if it changes none. */
export function targetOf({ kind, content }: AnyEntry): number | undefined {
  return CHANGES.has(kind) && typeof content.target === "number" ? content.target : undefined;
}

/** A message from its own entry, or from history's. `me`: whose reactions are `mine`. */
export function fromEntry(entry: AnyEntry, me: string): ViewMessage {
  const { seq, senderId, at, content, edits = 0, reactions = [] } = entry;
  const { clientId, editedAt, recalledAt, recalledBy, pinnedAt } = entry;
  return {
    ...present({ seq, senderId, at, clientId, content, editedAt, recalledAt, recalledBy, pinnedAt }),
    edits,
    reactions: reactions.map((one) => ({ ...one, userIds: one.mine ? [me] : [] })),
  };
}

/** The message after one more entry. A recalled message stays as it is, and so does one hidden from me. */
export function afterChange(message: ViewMessage, entry: AnyEntry, me: string): ViewMessage {
  const { kind, senderId, at, content } = entry;
  if (message.recalledAt !== undefined || message.content.type === "hidden") return message;
  const { reactions } = message;
  const emoji = String(content.emoji);
  switch (kind) {
    case "message.edited":
      return isObject(content.content)
        ? { ...message, content: content.content, editedAt: at, edits: message.edits + 1 }
        : message;
    case "message.recalled":
      return recalled(message, at, senderId);
    case "message.pinned":
      return { ...message, pinnedAt: at };
    case "message.unpinned":
      return present({ ...message, pinnedAt: undefined });
    case "reaction.added":
      return { ...message, reactions: withReaction(reactions, emoji, senderId, me) };
    case "reaction.removed":
      return { ...message, reactions: withoutReaction(reactions, emoji, senderId, me) };
    default:
      return message;
  }
}

/** As on the server, nothing of what was said stays. */
function recalled(message: ViewMessage, recalledAt: number, recalledBy: string): ViewMessage {
  return { ...emptied(message, "recalled"), recalledAt, recalledBy };
}

/** Deleted by this person for themselves. */
export function hidden(message: ViewMessage): ViewMessage {
  return emptied(message, "hidden");
}

function emptied({ seq, senderId, at, clientId }: ViewMessage, type: string): ViewMessage {
  return { ...present({ seq, senderId, at, clientId, content: { type } }), edits: 0, reactions: [] };
}

/**
 * An entry is always a change: the server stores none where there is nothing to change. That a row has it already that
 * this person has reacted says nothing of its count: what is one's own is read a moment later than the message.
 */
function withReaction(reactions: readonly Reaction[], emoji: string, userId: string, me: string) {
  const there = reactions.find((one) => one.emoji === emoji);
  const { count, userIds, mine } = there ?? { count: 0, userIds: [], mine: false };
  const known = [...new Set<string>(userIds).add(userId)];
  const more = { emoji, count: count + 1, mine: mine || userId === me, userIds: known };
  return there ? reactions.map((one) => one === there ? more : one) : [...reactions, more];
}

function withoutReaction(reactions: readonly Reaction[], emoji: string, userId: string, me: string) {
  const there = reactions.find((one) => one.emoji === emoji);
  if (!there) return reactions;
  const { count, userIds, mine } = there;
  // Whoever is not known to have reacted may be one of those who were only counted.
  const isKnown = userIds.includes(userId);
  if (!isKnown && userIds.length === count) return reactions;
  if (count === 1) return reactions.filter((one) => one !== there);
  const rest = userIds.filter((one) => one !== userId);
  const less = { emoji, count: count - 1, mine: mine && userId !== me, userIds: rest };
  return reactions.map((one) => one === there ? less : one);
}

/** Without the fields that are undefined: absent means that it did not happen. */
function present<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
