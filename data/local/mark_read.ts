import type { Row, Tx } from "../sql/driver.ts";
import { unreadOf } from "./conversation_view.ts";
import { requireMember } from "./members.ts";

/** Moves a read marker forward, as far as the log goes at most. */
export async function markRead(
  tx: Tx,
  { conversationId, userId, seq }: { conversationId: number; userId: number; seq: number },
): Promise<{ readSeq: number; unread: number; moved: boolean }> {
  await requireMember(tx, conversationId, userId);
  const [state] = await tx.all<
    Row & Record<"last_seq" | "last_message_no" | "read_seq" | "read_no" | "own_unread", number>
  >(
    `SELECT h.last_seq, h.last_message_no, COALESCE(r.read_seq, 0) AS read_seq,
            COALESCE(r.read_no, 0) AS read_no, COALESCE(r.own_unread, 0) AS own_unread
     FROM heads h LEFT JOIN marks r ON r.conversation_id = h.conversation_id AND r.user_id = ?
     WHERE h.conversation_id = ?`,
    [userId, conversationId],
  );
  const readSeq = Math.min(seq, state.last_seq);
  if (readSeq <= state.read_seq) return { readSeq: state.read_seq, unread: unreadOf(state), moved: false };
  const [entry] = await tx.all<Row & { message_no: number }>(
    "SELECT message_no FROM entries WHERE conversation_id = ? AND seq = ?",
    [conversationId, readSeq],
  );
  const [own] = await tx.all<Row & { count: number }>(
    `SELECT COUNT(*) AS count FROM entries
     WHERE conversation_id = ? AND seq > ? AND sender_id = ? AND kind = 'message'`,
    [conversationId, readSeq, userId],
  );
  const columns = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread"];
  await tx.upsert("marks", columns, 2, "set", [[
    conversationId,
    userId,
    readSeq,
    entry.message_no,
    own.count,
  ]]);
  const unread = unreadOf({ ...state, read_no: entry.message_no, own_unread: own.count });
  return { readSeq, unread, moved: true };
}
