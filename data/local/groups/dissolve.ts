import { type ChangeResponse, type Groups, MemberRole } from "../../service.ts";
import type { Reads, Row, Storage, Tx } from "../../sql/driver.ts";
import type { Clock } from "../clock.ts";
import { appendEvent, lockHeads } from "../entries.ts";
import { appendInboxes, membershipItems } from "../inbox.ts";
import { touchAlways } from "../touched.ts";
import { requireActor } from "./group_row.ts";
import { closeDoors } from "./part.ts";

/**
 * Ends a group for everyone with one entry. It costs a few rows for each member, once: all of them learn of it by
 * their inboxes, in the transaction that ends it.
 */
export function createDissolving(db: Storage, { now }: Clock): Pick<Groups, "dissolve"> {
  return {
    dissolve: ({ conversationId, userId }) =>
      db.transaction(async (tx) => {
        const memberIds = await lockEveryone(tx, conversationId);
        await requireActor(tx, conversationId, userId, MemberRole.MEMBER_ROLE_OWNER);
        return await endGroup(tx, { conversationId, actorId: userId, memberIds }, now());
      }),
  };
}

/** Ends a group whose members are those, with the heads of all of them held. */
export async function endGroup(
  tx: Tx,
  { conversationId, actorId, memberIds }: {
    conversationId: number;
    actorId: number;
    memberIds: readonly number[];
  },
  now: number,
): Promise<ChangeResponse> {
  const event = { kind: "group.dissolved", actorId, content: {} };
  const { seq, ...rest } = await appendEvent(tx, conversationId, event, now);
  await tx.run(
    "UPDATE members SET left_seq = ?, role = 0 WHERE conversation_id = ? AND left_seq IS NULL",
    [seq, conversationId],
  );
  await tx.run("UPDATE conversations SET member_count = 0, dissolved_seq = ? WHERE id = ?", [
    seq,
    conversationId,
  ]);
  await closeDoors(tx, conversationId);
  await touchAlways(tx, memberIds.map((id) => [id, conversationId, rest.at]));
  const place = { conversationId, type: "group", seq, reason: "dissolved" } as const;
  const items = membershipItems("conversation.left", place, { userIds: memberIds, actorId });
  const inboxes = await appendInboxes(tx, items, now);
  return { entry: { seq, ...rest }, changedIds: [...memberIds], inboxes };
}

/**
 * Locks the heads of a group and of all its members, whom nobody knows before. Who came in between the look and the
 * lock is locked next, out of the order of keys: where two then wait for each other, the storage begins one of them
 * anew.
 */
export async function lockEveryone(tx: Tx, conversationId: number): Promise<number[]> {
  await lockHeads(tx, [conversationId, ...await memberIdsOf(tx, conversationId)]);
  const memberIds = await memberIdsOf(tx, conversationId);
  await lockHeads(tx, memberIds);
  return memberIds;
}

async function memberIdsOf(db: Reads, conversationId: number): Promise<number[]> {
  const rows = await db.all<Row & { user_id: number }>(
    "SELECT user_id FROM members WHERE conversation_id = ? AND left_seq IS NULL ORDER BY user_id",
    [conversationId],
  );
  return rows.map((row) => row.user_id);
}
