import { ImError } from "../../wire/errors.ts";
import type { Reads, Row } from "../sql/driver.ts";

export interface MemberRow extends Row {
  conversation_id: number;
  user_id: number;
  role: number;
  can_send: number;
  joined_at: number;
  first_seq: number;
  left_seq: number | null;
  /** 0 or past: not muted. */
  muted_until: number;
}

const SELECT =
  "SELECT conversation_id, user_id, role, can_send, joined_at, first_seq, left_seq, muted_until FROM members";

/** The rows of these (conversation, user) pairs; who never was a member has none. */
export function readMembers(db: Reads, pairs: readonly (readonly [number, number])[]): Promise<MemberRow[]> {
  return db.allIn<MemberRow>(`${SELECT} WHERE (conversation_id, user_id) IN {keys}`, pairs);
}

/** Somebody who is or was in the conversation, or conversation_not_found. */
export async function requireReader(db: Reads, conversationId: number, userId: number): Promise<MemberRow> {
  const [member] = await readMembers(db, [[conversationId, userId]]);
  if (!member) throw new ImError("conversation_not_found");
  return member;
}

/** Somebody who is in the conversation now, or conversation_not_found. */
export async function requireMember(db: Reads, conversationId: number, userId: number): Promise<MemberRow> {
  const member = await requireReader(db, conversationId, userId);
  if (member.left_seq !== null) throw new ImError("conversation_not_found");
  return member;
}
