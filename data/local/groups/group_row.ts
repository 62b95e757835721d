import { ImError } from "../../../wire/errors.ts";
import { type ChangeResponse, ConversationType, MemberRole } from "../../service.ts";
import type { Reads, Tx } from "../../sql/driver.ts";
import { appendEvent } from "../entries.ts";
import { WRITING_COLUMNS, type WritingRow } from "../may_write.ts";
import { type MemberRow, readMembers, requireMember } from "../members.ts";

/** A group's row; the long texts are elsewhere. */
export interface GroupRow extends WritingRow {
  id: number;
  title: string;
  avatar: string;
  member_count: number;
  created_at: number;
  who_invites: number;
  who_changes_info: number;
  approval: number;
  history: number;
}

const COLUMNS =
  `id, title, avatar, member_count, created_at, who_invites, who_changes_info, approval, history, ${WRITING_COLUMNS}`;

/** Errors: forbidden where the conversation, which must be there, is a direct one. */
export async function requireGroup(db: Reads, conversationId: number): Promise<GroupRow> {
  const [row] = await db.all<GroupRow>(`SELECT ${COLUMNS} FROM conversations WHERE id = ?`, [conversationId]);
  if (row.type !== ConversationType.CONVERSATION_GROUP) {
    throw new ImError("forbidden", "A direct conversation always has its two people");
  }
  return row;
}

/** Who does something to a group, and the group. */
export interface Acting {
  group: GroupRow;
  actor: MemberRow;
}

/**
 * A member with at least this role. Errors: conversation_not_found, forbidden. A transaction that changes the group
 * has locked its head before.
 */
export async function requireActor(
  db: Reads,
  conversationId: number,
  userId: number,
  role = MemberRole.MEMBER_ROLE_ADMIN,
): Promise<Acting> {
  const actor = await requireMember(db, conversationId, userId);
  const group = await requireGroup(db, conversationId);
  if (actor.role < role) throw new ImError("forbidden");
  return { group, actor };
}

/** Somebody who is in the group now. Errors: member_not_found. */
export async function requireTarget(db: Reads, conversationId: number, userId: number): Promise<MemberRow> {
  const [member] = await readMembers(db, [[conversationId, userId]]);
  if (!member || member.left_seq !== null) throw new ImError("member_not_found");
  return member;
}

/** What nothing has come of. */
export function unchanged(): ChangeResponse {
  return { entry: undefined, changedIds: [], inboxes: [] };
}

/** Appends the entry of a change that concerns nobody's membership. */
export async function recordChange(
  tx: Tx,
  conversationId: number,
  event: { kind: string; actorId: number; content: Record<string, unknown> },
  now: number,
): Promise<ChangeResponse> {
  return { ...unchanged(), entry: await appendEvent(tx, conversationId, event, now) };
}

/** The owner and the admins, the owner first. */
export async function adminIdsOf(db: Reads, conversationId: number): Promise<number[]> {
  const rows = await db.all<{ user_id: number }>(
    "SELECT user_id FROM members WHERE conversation_id = ? AND role >= ? ORDER BY role DESC, user_id",
    [conversationId, MemberRole.MEMBER_ROLE_ADMIN],
  );
  return rows.map((row) => row.user_id);
}
