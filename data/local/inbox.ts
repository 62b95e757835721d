import type { InboxAppended, Inboxes } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import {
  ENTRY_COLUMNS,
  ENTRY_SELECT,
  type EntryRow,
  type HeadRow,
  lockHeads,
  toEntry,
  toHead,
  writeHeads,
} from "./entries.ts";
import { type Move, noteMoved } from "./moved.ts";

/** Something for one user's inbox; the kinds and contents are those of proto/inbox.proto. */
export interface InboxItem {
  userId: number;
  /** Who did it. */
  actorId: number;
  kind: string;
  content: Record<string, unknown>;
}

/**
 * Appends to inboxes, inside the transaction that makes what the entries record. Heads are taken in the order of
 * their ids, so that two such transactions cannot wait for each other.
 */
export async function appendInboxes(
  tx: Tx,
  items: readonly InboxItem[],
  now: number,
): Promise<InboxAppended[]> {
  const ids = [...new Set(items.map(({ userId }) => userId))].sort((a, b) => a - b);
  const rows = await lockHeads(tx, ids);
  const heads = new Map(rows.map((row: HeadRow) => [row.conversation_id, toHead(row)]));
  const moves: Move[] = rows.map((row) => ({ logId: row.conversation_id, now, lastAt: row.last_at }));
  const appended = new Map(ids.map((userId): [number, InboxAppended] => [userId, { userId, entries: [] }]));
  for (const { userId, actorId: senderId, kind, content } of items) {
    const head = heads.get(userId)!;
    head.lastAt = Math.max(now, head.lastAt);
    const entry = { seq: ++head.lastSeq, kind, senderId, at: head.lastAt, messageNo: 0, clientId: "" };
    appended.get(userId)!.entries.push({ ...entry, body: JSON.stringify(content) });
  }
  const entries = [...appended.values()].flatMap(({ userId, entries }) =>
    entries.map((e) => [userId, e.seq, e.kind, e.senderId, e.at, e.messageNo, e.clientId, e.body])
  );
  await tx.insert("entries", ENTRY_COLUMNS, entries);
  await writeHeads(tx, heads);
  await noteMoved(tx, moves);
  return [...appended.values()];
}

/** That these users are now in, or out of, a conversation. */
export function membershipItems(
  change: "conversation.joined" | "conversation.left",
  { conversationId, type, seq, firstSeq = seq, reason }: {
    conversationId: number;
    type: "direct" | "group";
    seq: number;
    /** The first entry they may read, where it is not the one that says so. */
    firstSeq?: number;
    /** Why they are out, where they did not leave by themselves. */
    reason?: "removed" | "banned" | "dissolved";
  },
  { userIds, actorId }: { userIds: readonly number[]; actorId: number },
): InboxItem[] {
  const more = { ...(firstSeq === seq ? {} : { firstSeq }), ...(reason ? { reason } : {}) };
  const content = { conversationId: String(conversationId), type, seq, ...more };
  return userIds.map((userId) => ({ userId, actorId, kind: change, content }));
}

export function createInboxes(db: Storage): Inboxes {
  return {
    async read({ userId, after, limit }) {
      const [head] = await db.all<Row & { last_seq: number }>(
        "SELECT last_seq FROM heads WHERE conversation_id = ?",
        [userId],
      );
      const lastSeq = head?.last_seq ?? 0;
      // Who only asks how far it goes, or has all of it, costs no second look.
      if (after >= lastSeq) return { entries: [], lastSeq };
      const rows = await db.all<EntryRow>(
        `${ENTRY_SELECT} WHERE conversation_id = ? AND seq > ? ORDER BY seq LIMIT ?`,
        [userId, after, limit],
      );
      // Some may have come between the two.
      return { entries: rows.map(toEntry), lastSeq: Math.max(lastSeq, rows.at(-1)?.seq ?? 0) };
    },
  };
}
