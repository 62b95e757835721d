import {
  type AdminGroup,
  type AdminGroupPage,
  ConversationType,
  GroupState,
  type ListGroupsRequest,
  MemberRole,
} from "../service.ts";
import type { Reads, Row } from "../sql/driver.ts";

interface GroupRow extends Row {
  id: number;
  title: string;
  avatar: string;
  member_count: number;
  created_at: number;
  dissolved_seq: number;
  last_message_no: number;
  last_at: number;
}

const STATES: Record<GroupState, string> = {
  [GroupState.GROUP_ANY]: "1 = 1",
  [GroupState.GROUP_ACTIVE]: "c.dissolved_seq = 0",
  [GroupState.GROUP_DISSOLVED]: "c.dissolved_seq > 0",
};

/** A page of all groups there are, the youngest first: ids rise with time. */
export async function listGroups(
  db: Reads,
  { state, query, conversationId, beforeId, limit }: Omit<ListGroupsRequest, "actor">,
): Promise<AdminGroupPage> {
  const conditions = [STATES[state]];
  const values: (string | number)[] = [];
  if (conversationId > 0) {
    conditions.push("c.id = ?");
    values.push(conversationId);
  }
  if (query !== "") {
    // U+10FFFF sorts behind every character a key can have. The first condition is that of SQLite's index; only groups
    // have a key. With the + no database goes through all ids instead.
    conditions.push("c.title_key <> '' AND c.title_key >= ? AND c.title_key < ? AND +c.id < ?");
    values.push(query, query + "\u{10FFFF}", beforeId || Number.MAX_SAFE_INTEGER);
  } else {
    conditions.push("c.type = ? AND c.id < ?");
    values.push(ConversationType.CONVERSATION_GROUP, beforeId || Number.MAX_SAFE_INTEGER);
  }
  const rows = await db.all<GroupRow>(
    `SELECT c.id, c.title, c.avatar, c.member_count, c.created_at, c.dissolved_seq, h.last_message_no, h.last_at
     FROM conversations c JOIN heads h ON h.conversation_id = c.id
     WHERE ${conditions.join(" AND ")} ORDER BY c.id DESC LIMIT ?`,
    [...values, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const owners = await ownersOf(db, shown.map(({ id }) => id));
  return { groups: shown.map((row) => toGroup(row, owners.get(row.id))), more: rows.length > limit };
}

/** A group that was dissolved has none. */
async function ownersOf(db: Reads, ids: readonly number[]): Promise<Map<number, number>> {
  const owners = await db.allIn<Row & { conversation_id: number; user_id: number }>(
    `SELECT conversation_id, user_id FROM members WHERE (conversation_id, role) IN {keys} AND left_seq IS NULL`,
    ids.map((id) => [id, MemberRole.MEMBER_ROLE_OWNER]),
  );
  return new Map(owners.map((row) => [row.conversation_id, row.user_id]));
}

function toGroup(row: GroupRow, ownerId = 0): AdminGroup {
  return {
    id: row.id,
    title: row.title,
    avatar: row.avatar,
    ownerId,
    memberCount: row.member_count,
    messages: row.last_message_no,
    createdAt: row.created_at,
    lastAt: row.last_at,
    dissolved: row.dissolved_seq > 0,
  };
}
