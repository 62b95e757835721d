import { ImError } from "../../wire/errors.ts";
import { type Conversation, type ConversationPage, type ConversationSettings, Who } from "../service.ts";
import type { Reads, Row } from "../sql/driver.ts";
import { HIDDEN_BODY, MESSAGE_SELECT, type MessageRow, toMessage } from "./entries.ts";
import { mutedUntil } from "./may_write.ts";

/** Conversations as one member sees them: what is joined from members, heads and marks. */

export interface ViewRow extends Row {
  id: number;
  type: number;
  title: string;
  low_user_id: number;
  high_user_id: number;
  member_count: number;
  created_at: number;
  avatar: string;
  who_writes: number;
  group_muted_until: number;
  muted_until: number;
  role: number;
  first_seq: number;
  last_seq: number;
  last_message_no: number;
  last_message_seq: number;
  last_at: number;
  read_seq: number;
  read_no: number;
  own_unread: number;
  left_seq: number | null;
  moved_at: number;
  muted: number;
  pinned_at: number;
  archived: number;
  draft: string;
}

export const VIEW = `
  SELECT c.id, c.type, c.title, c.low_user_id, c.high_user_id, c.member_count, c.created_at, c.avatar,
         c.who_writes, c.muted_until AS group_muted_until, m.muted_until, m.role, m.first_seq, m.left_seq, h.last_seq, h.last_message_no, h.last_message_seq, h.last_at,
         COALESCE(r.read_seq, 0) AS read_seq, COALESCE(r.read_no, 0) AS read_no,
         COALESCE(r.own_unread, 0) AS own_unread, COALESCE(r.moved_at, 0) AS moved_at,
         COALESCE(r.muted, 0) AS muted, COALESCE(r.pinned_at, 0) AS pinned_at,
         COALESCE(r.archived, 0) AS archived, COALESCE(r.draft, '') AS draft
  FROM members m
  JOIN conversations c ON c.id = m.conversation_id
  JOIN heads h ON h.conversation_id = m.conversation_id
  LEFT JOIN marks r ON r.conversation_id = m.conversation_id AND r.user_id = m.user_id
  WHERE m.user_id = ?`;

export async function viewConversation(
  db: Reads,
  conversationId: number,
  userId: number,
): Promise<Conversation> {
  const rows = await db.all<ViewRow>(`${VIEW} AND m.left_seq IS NULL AND m.conversation_id = ?`, [
    userId,
    conversationId,
  ]);
  if (rows.length === 0) throw new ImError("conversation_not_found");
  return (await views(db, rows, userId))[0];
}

export async function listConversations(
  db: Reads,
  request: { userId: number; beforeAt: number; beforeId: number; limit: number },
): Promise<ConversationPage> {
  const { userId, beforeAt, beforeId, limit } = request;
  const from = beforeAt === 0 ? [Number.MAX_SAFE_INTEGER, 0, 0] : [beforeAt, beforeAt, beforeId];
  const rows = await db.all<ViewRow>(
    `${VIEW} AND m.left_seq IS NULL AND (h.last_at < ? OR (h.last_at = ? AND c.id < ?)) ORDER BY h.last_at DESC, c.id DESC LIMIT ?`,
    [userId, ...from, limit + 1],
  );
  return { conversations: await views(db, rows.slice(0, limit), userId), more: rows.length > limit };
}

export async function views(db: Reads, rows: readonly ViewRow[], userId: number): Promise<Conversation[]> {
  const wanted = rows.filter((row) => row.last_message_seq >= row.first_seq);
  const [entries, hidden] = await Promise.all([
    db.allIn<MessageRow & { conversation_id: number }>(
      `${MESSAGE_SELECT.replace("SELECT", "SELECT conversation_id,")} WHERE (conversation_id, seq) IN {keys}`,
      wanted.map((row) => [row.id, row.last_message_seq]),
    ),
    // What the member has deleted for themselves is not shown here either.
    db.allIn<Row & { conversation_id: number }>(
      "SELECT conversation_id FROM hidden WHERE (conversation_id, user_id, seq) IN {keys}",
      wanted.map((row) => [row.id, userId, row.last_message_seq]),
    ),
  ]);
  const hiddenIn = new Set(hidden.map((row) => row.conversation_id));
  const lastMessages = new Map(entries.map((row) => {
    const message = hiddenIn.has(row.conversation_id) ? { ...row, body: HIDDEN_BODY, state: "" } : row;
    return [row.conversation_id, toMessage(message)];
  }));
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    title: row.title,
    peerId: row.low_user_id === userId ? row.high_user_id : row.low_user_id,
    role: row.role,
    memberCount: row.member_count,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    lastMessageNo: row.last_message_no,
    readSeq: row.read_seq,
    unread: unreadOf(row),
    lastMessage: lastMessages.get(row.id),
    createdAt: row.created_at,
    updatedAt: row.last_at,
    settings: toSettings(row),
    avatar: row.avatar,
    onlyAdminsWrite: row.who_writes === Who.WHO_ADMINS,
    mutedUntil: mutedUntil({ muted_until: row.group_muted_until }, row),
  }));
}

/** Messages after the read marker, one's own not counted. */
export function unreadOf(row: { last_message_no: number; read_no: number; own_unread: number }): number {
  return Math.max(0, row.last_message_no - row.read_no - row.own_unread);
}

export function toSettings(
  row: Pick<ViewRow, "muted" | "pinned_at" | "archived" | "draft">,
): ConversationSettings {
  return { muted: row.muted === 1, pinnedAt: row.pinned_at, archived: row.archived === 1, draft: row.draft };
}
