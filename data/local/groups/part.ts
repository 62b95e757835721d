import type { ChangeResponse } from "../../service.ts";
import type { Row, Tx } from "../../sql/driver.ts";
import { appendEvent } from "../entries.ts";
import { appendInboxes, membershipItems } from "../inbox.ts";
import { touchAlways } from "../touched.ts";

export interface Parting {
  kind: "member.left" | "member.removed" | "member.banned";
  userId: number;
  actorId: number;
  /** What the entry says besides who it is. */
  content?: Record<string, unknown>;
}

/**
 * Takes a member out of a group, in a transaction that has locked its head and theirs. The entry is the last one
 * they may read.
 */
export async function part(
  tx: Tx,
  conversationId: number,
  { kind, userId, actorId, content }: Parting,
  now: number,
): Promise<ChangeResponse> {
  const event = { kind, actorId, content: { memberId: String(userId), ...content } };
  const entry = await appendEvent(tx, conversationId, event, now);
  await tx.run("UPDATE members SET left_seq = ?, role = 0 WHERE conversation_id = ? AND user_id = ?", [
    entry.seq,
    conversationId,
    userId,
  ]);
  await tx.run("UPDATE conversations SET member_count = member_count - 1 WHERE id = ?", [conversationId]);
  await touchAlways(tx, [[userId, conversationId, entry.at]]);
  const reason = kind === "member.removed" ? "removed" : kind === "member.banned" ? "banned" : undefined;
  const place = { conversationId, type: "group", seq: entry.seq, reason } as const;
  const items = membershipItems("conversation.left", place, { userIds: [userId], actorId });
  return { entry, changedIds: [userId], inboxes: await appendInboxes(tx, items, now) };
}

/** Who owns a group next: an admin if there is one, else a member; the one who joined first by the log. */
export async function heirOf(tx: Tx, conversationId: number, ownerId: number): Promise<number | undefined> {
  const [heir] = await tx.all<Row & { user_id: number }>(
    `SELECT user_id FROM members WHERE conversation_id = ? AND left_seq IS NULL AND user_id <> ?
     ORDER BY role DESC, joined_seq, user_id LIMIT 1`,
    [conversationId, ownerId],
  );
  return heir?.user_id;
}

/** Nobody comes into a group that has nobody in it. */
export async function closeDoors(tx: Tx, conversationId: number): Promise<void> {
  await tx.run("DELETE FROM group_links WHERE conversation_id = ?", [conversationId]);
  await tx.run("DELETE FROM group_requests WHERE conversation_id = ?", [conversationId]);
}
