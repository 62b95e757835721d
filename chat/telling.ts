import type { Event } from "../bus/bus.ts";
import type { Entry } from "../data/service.ts";
import type { NotificationName, Notifications } from "../wire/notifications.ts";
import { toldOf, veiled } from "../wire/veil.ts";
import type { Listener } from "./listener.ts";
import { appendFrame, notificationFrame } from "./present.ts";

/** A user with at least one connection here. */
export interface Told {
  readonly userId: number;
  readonly listeners: ReadonlySet<Listener>;
}

/** How much of a group somebody is told. */
export interface Share {
  /** They are told from this entry on. */
  readonly from: number;
  /** What they may read begins here: of older messages they are not told what is in them. */
  readonly firstSeq: number;
  /** They have left, and are told up to that and nothing fleeting. */
  readonly leaves?: boolean;
}

/**
 * To each from their own first entry on, and without what is in messages before that; a frame is built once for all
 * for whom it is the same. Answers how many connections were told.
 */
export function tellGroup(
  id: number,
  online: ReadonlyMap<Told, Share>,
  entries: readonly Entry[],
): number {
  if (entries.length === 0) return 0;
  let told = 0;
  const targets = entries.map(({ kind, body }) => toldOf(kind, body) ?? Infinity);
  const oldest = Math.min(...targets);
  const frames = new Map<string, string>();
  for (const [member, { from, firstSeq }] of online) {
    if (from > entries[entries.length - 1].seq) continue;
    const start = Math.max(from, entries[0].seq);
    const hidden = firstSeq <= oldest ? 0 : targets.filter((target) => target < firstSeq).length;
    const key = `${start} ${hidden}`;
    let frame = frames.get(key);
    if (!frame) {
      const shown = entries.filter(({ seq }) => seq >= start).map((entry) => veiled(entry, firstSeq));
      frames.set(key, frame = appendFrame(id, shown));
    }
    told += toMembers([member], frame, "log.append");
  }
  return told;
}

/** What is fleeting, or kept elsewhere; the frame is built once. */
export function tellHint(members: Iterable<Told>, body: Event["body"]): void {
  switch (body?.$case) {
    case "read": {
      const { conversationId, readSeq, unread } = body.read;
      const params = { conversationId: String(conversationId), readSeq, unread };
      return tell(members, "conversation.read", params);
    }
    case "draft": {
      const { conversationId, draft } = body.draft;
      const params = { conversationId: String(conversationId), draft };
      return tell(members, "draft.changed", params);
    }
    case "receipt": {
      const { conversationId, userId, deliveredSeq, readSeq } = body.receipt;
      const place = { conversationId: String(conversationId), userId: String(userId) };
      const params = { ...place, deliveredSeq, ...(readSeq > 0 ? { readSeq } : {}) };
      return tell(others(members, userId), "receipt.moved", params);
    }
    case "typing": {
      const { conversationId, userId, on } = body.typing;
      const params = { conversationId: String(conversationId), userId: String(userId), on };
      return tell(others(members, userId), "typing.changed", params);
    }
  }
}

/** Answers to how many connections. */
export function toMembers(members: Iterable<Told>, frame: string, name: NotificationName): number {
  let count = 0;
  for (const online of members) {
    count += online.listeners.size;
    for (const listener of online.listeners) listener.push(frame, name);
  }
  return count;
}

export function tell<N extends NotificationName>(
  members: Iterable<Told>,
  name: N,
  params: Notifications[N],
): void {
  toMembers(members, notificationFrame(name, params), name);
}

/** Everyone but the one who did it. */
function* others(members: Iterable<Told>, userId: number): Iterable<Told> {
  for (const online of members) if (online.userId !== userId) yield online;
}

/** Those who have not left, as far as this node knows. */
export function* staying(online: ReadonlyMap<Told, Share>): Iterable<Told> {
  for (const [member, { leaves }] of online) if (!leaves) yield member;
}
