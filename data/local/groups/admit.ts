import { ImError } from "../../../wire/errors.ts";
import type { ChangeResponse } from "../../service.ts";
import type { Row, Tx } from "../../sql/driver.ts";
import { appendEvent } from "../entries.ts";
import { appendInboxes, membershipItems } from "../inbox.ts";
import { requireUsers } from "../users.ts";
import type { GroupRow } from "./group_row.ts";

/** Members a group may have, unless the operator says otherwise. */
const MAX_MEMBERS = 1000;

export const MEMBER_COLUMNS = [
  "conversation_id",
  "user_id",
  "role",
  "can_send",
  "joined_at",
  "first_seq",
  "left_seq",
  "is_group",
  "joined_seq",
];

export interface Admission {
  /** Who comes in; nobody who is in already. */
  userIds: readonly number[];
  /** Who lets them in: themselves, with a code. */
  actorId: number;
  maxMembers?: number;
}

/**
 * Lets people into a group, in a transaction that has locked its head and theirs. Whichever way they come, this is
 * the door. Errors: too_large, banned, user_not_found.
 */
export async function admit(
  tx: Tx,
  group: GroupRow,
  { userIds, actorId, maxMembers }: Admission,
  now: number,
): Promise<ChangeResponse> {
  requireRoom(group.member_count + userIds.length, maxMembers);
  await requireUsers(tx, userIds);
  const keys = userIds.map((userId) => [group.id, userId]);
  const banned = await tx.allIn(
    "SELECT user_id FROM group_bans WHERE (conversation_id, user_id) IN {keys}",
    keys,
  );
  if (banned.length > 0) throw new ImError("banned");
  const history = group.history === 1;
  const content = { memberIds: userIds.map(String), ...(history ? { history } : {}) };
  const entry = await appendEvent(tx, group.id, { kind: "member.added", actorId, content }, now);
  const firstSeq = history ? 1 : entry.seq;
  await tx.upsert(
    "members",
    MEMBER_COLUMNS,
    2,
    "set",
    userIds.map((id) => [group.id, id, 0, 1, entry.at, firstSeq, null, 1, entry.seq]),
  );
  // A newcomer starts with nothing unread.
  const marks = userIds.map((id) => [group.id, id, entry.seq, entry.messageNo, 0]);
  const columns = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread"];
  await tx.upsert("marks", columns, 2, "set", marks);
  await tx.run("UPDATE conversations SET member_count = member_count + ? WHERE id = ?", [
    userIds.length,
    group.id,
  ]);
  await forgetRequests(tx, group.id, userIds);
  const place = { conversationId: group.id, type: "group", seq: entry.seq, firstSeq } as const;
  const items = membershipItems("conversation.joined", place, { userIds, actorId });
  return { entry, changedIds: [...userIds], inboxes: await appendInboxes(tx, items, now) };
}

/** Errors: too_large. */
export function requireRoom(members: number, max = MAX_MEMBERS): void {
  if (members > max) {
    throw new ImError("too_large", `A group has at most ${max} members`, { field: "memberIds" });
  }
}

/** Who is in, or may not come in, waits no more. */
export async function forgetRequests(
  tx: Tx,
  conversationId: number,
  userIds: readonly number[],
): Promise<void> {
  const waiting = await tx.allIn<Row & { user_id: number }>(
    "SELECT user_id FROM group_requests WHERE (conversation_id, user_id) IN {keys}",
    userIds.map((userId) => [conversationId, userId]),
  );
  for (const { user_id: userId } of waiting) {
    await tx.run("DELETE FROM group_requests WHERE conversation_id = ? AND user_id = ?", [
      conversationId,
      userId,
    ]);
  }
}
