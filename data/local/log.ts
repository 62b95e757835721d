import type { Log } from "../service.ts";
import type { Row, Storage } from "../sql/driver.ts";
import { appendBatch } from "./append.ts";
import type { Clock } from "./clock.ts";
import { ENTRY_SELECT, type EntryRow, toEntry } from "./entries.ts";
import { createGroupCommit } from "./group_commit.ts";
import { requireReader } from "./members.ts";

const MAX_BATCH = 512;
const MAX_WAITING = 20_000;

export function createLog(db: Storage, { now }: Clock): Log {
  return {
    append: createGroupCommit({
      commit: (batch) => db.transaction((tx) => appendBatch(tx, batch, now())),
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
    }),

    async read({ conversationId, userId, after, limit }) {
      const member = await requireReader(db, conversationId, userId);
      const whose = [conversationId, userId, conversationId, userId];
      const rows = await db.all<EntryRow>(
        `${ENTRY_SELECT} WHERE conversation_id = ? AND seq > ? AND ${WHILE_A_MEMBER} ORDER BY seq LIMIT ?`,
        [conversationId, Math.max(after, member.first_seq - 1), ...whose, limit],
      );
      // Read last, so that it never says less than what was given.
      return { entries: rows.map(toEntry), lastSeq: await lastVisible(db, conversationId, userId) };
    },

    async history({ conversationId, userId, before, limit }) {
      const member = await requireReader(db, conversationId, userId);
      const whose = [conversationId, userId, conversationId, userId];
      const rows = await db.all<EntryRow>(
        `${ENTRY_SELECT} WHERE conversation_id = ? AND seq < ? AND seq >= ? AND ${WHILE_A_MEMBER}
           AND kind = 'message' ORDER BY seq DESC LIMIT ?`,
        [conversationId, before || Number.MAX_SAFE_INTEGER, member.first_seq, ...whose, limit + 1],
      );
      return { entries: rows.slice(0, limit).map(toEntry), more: rows.length > limit };
    },
  };
}

/**
 * Nobody sees what came before their joining or after their leaving (P5). It stands in the statement that reads,
 * because a check made before it could be out of date by then: they may have left, and even come back. The plus
 * keeps first_seq from being taken for the place in the index where the reading begins.
 */
const WHILE_A_MEMBER = `
  +seq >= (SELECT first_seq FROM members WHERE conversation_id = ? AND user_id = ?)
  AND seq <= COALESCE(
    (SELECT left_seq FROM members WHERE conversation_id = ? AND user_id = ?), ${Number.MAX_SAFE_INTEGER})`;

/** How far the log goes for this member: to its end, or to where they left. */
async function lastVisible(db: Storage, conversationId: number, userId: number): Promise<number> {
  const [row] = await db.all<Row & { last_seq: number }>(
    `SELECT COALESCE(m.left_seq, h.last_seq) AS last_seq
     FROM members m JOIN heads h ON h.conversation_id = m.conversation_id
     WHERE m.conversation_id = ? AND m.user_id = ?`,
    [conversationId, userId],
  );
  return row.last_seq;
}
