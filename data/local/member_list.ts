import type { ListMembersRequest, MemberPage } from "../service.ts";
import type { Reads, Row, Storage } from "../sql/driver.ts";
import { requireMember } from "./members.ts";

interface ListedRow extends Row {
  user_id: number;
  role: number;
  joined_at: number;
  nickname: string;
  muted_until: number;
}

/** A page of those who are in a conversation now. Errors: conversation_not_found. */
export async function listMembers(db: Storage, request: ListMembersRequest): Promise<MemberPage> {
  await requireMember(db, request.conversationId, request.userId);
  return await readMemberPage(db, request);
}

/** The same, whoever asks. */
export async function readMemberPage(
  db: Reads,
  { conversationId, afterId, limit, role, prefix = "" }: Omit<ListMembersRequest, "userId">,
): Promise<MemberPage> {
  const named = prefix === "" ? null : namedBy(prefix);
  const rows = await db.all<ListedRow>(
    `SELECT m.user_id, m.role, m.joined_at, m.nickname, m.muted_until FROM members m ${named?.join ?? ""}
     WHERE m.conversation_id = ? AND m.user_id > ? AND m.left_seq IS NULL
     ${role === undefined ? "" : "AND m.role = ?"} ${named?.where ?? ""} ORDER BY m.user_id LIMIT ?`,
    [conversationId, afterId, ...(role === undefined ? [] : [role]), ...(named?.values ?? []), limit + 1],
  );
  const members = rows.slice(0, limit).map((row) => ({
    userId: row.user_id,
    role: row.role,
    joinedAt: row.joined_at,
    nickname: row.nickname,
    mutedUntil: row.muted_until,
  }));
  return { members, more: rows.length > limit };
}

/** Goes through the members and asks each one's name: their names have no order within a group. */
function namedBy(prefix: string) {
  // U+10FFFF sorts behind every character a key can have.
  const range = [prefix, prefix + "\u{10FFFF}"];
  const keys = ["u.username_key", "u.display_key", "m.nickname_key"];
  return {
    join: "JOIN users u ON u.id = m.user_id",
    where: `AND (${keys.map((key) => `(${key} >= ? AND ${key} < ?)`).join(" OR ")})`,
    values: keys.flatMap(() => range),
  };
}
