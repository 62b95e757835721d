import { type GroupEntry, type InboxAppended, MemberRole, RelationState } from "../service.ts";
import type { Row, Tx } from "../sql/driver.ts";
import { lockHeads } from "./entries.ts";
import { closeDoors, heirOf, part } from "./groups/part.ts";
import { giveRole } from "./groups/roles.ts";
import { readMembers } from "./members.ts";
import {
  forgetTags,
  friendChange,
  RELATION_SELECT,
  type RelationChange,
  type RelationRow,
  writeRelations,
} from "./relation_rows.ts";

/** Few enough that nobody waits long for the locks of one step. */
const RELATIONS = 50;
const GROUPS = 10;
const DIRECTS = 50;
const ROWS = 2_000;

interface Erased {
  /** Where the next step of this kind begins; null: there is nothing left of it. */
  afterId: number | null;
  inboxes?: InboxAppended[];
  entries?: GroupEntry[];
}
type Erasure = (tx: Tx, userId: number, afterId: number, now: number) => Promise<Erased>;

/** What is erased of a deleted account, in this order. Nobody makes new rows for it: see requireUsers. */
export const ERASURES: readonly Erasure[] = [relations, groups, directs, ownRows, inbox];

/** Friendships, requests and blocks, on both sides; who had something with them learns that it is gone. */
async function relations(tx: Tx, userId: number, afterId: number, now: number): Promise<Erased> {
  const others = (await tx.all<Row & { id: number }>(
    `SELECT other_id AS id FROM relations WHERE user_id = ? AND other_id > ?
     UNION SELECT user_id AS id FROM relations WHERE other_id = ? AND user_id > ? ORDER BY id LIMIT ?`,
    [userId, afterId, userId, afterId, RELATIONS],
  )).map(({ id }) => id);
  await lockHeads(tx, [userId, ...others]);
  const rows = await tx.allIn<RelationRow>(
    `${RELATION_SELECT} WHERE (user_id, other_id) IN {keys}`,
    others.flatMap((id) => [[id, userId], [userId, id]]),
  );
  for (const row of rows) await forgetTags(tx, row);
  for (const id of others) {
    await tx.run("DELETE FROM relations WHERE user_id = ? AND other_id = ?", [userId, id]);
  }
  const theirs = rows.filter((row) => row.other_id === userId && row.state !== RelationState.RELATION_NONE);
  const changes = theirs.map(({ user_id, state }): RelationChange => {
    const end = { userId: user_id, otherId: userId, state: RelationState.RELATION_NONE };
    if (state !== RelationState.RELATION_BLOCKED) return friendChange(userId, end);
    const content = { userId: String(userId), blocked: false };
    return { ...end, items: [{ userId: user_id, actorId: userId, kind: "block.changed", content }] };
  });
  const inboxes = await writeRelations(tx, changes, now);
  return { afterId: others.length < RELATIONS ? null : others[others.length - 1], inboxes };
}

async function groups(tx: Tx, userId: number, afterId: number, now: number): Promise<Erased> {
  const ids = await conversationsOf(tx, { userId, afterId, isGroup: 1, limit: GROUPS });
  await lockHeads(tx, [userId, ...ids]);
  const entries: GroupEntry[] = [];
  for (const conversationId of ids) {
    const [member] = await readMembers(tx, [[conversationId, userId]]);
    if (member.left_seq === null) {
      const isOwner = member.role === MemberRole.MEMBER_ROLE_OWNER;
      const heirId = isOwner ? await heirOf(tx, conversationId, userId) : undefined;
      const content = heirId === undefined ? {} : { heirId: String(heirId) };
      const parting = { kind: "member.left", userId, actorId: userId, content } as const;
      const { entry } = await part(tx, conversationId, parting, now);
      if (heirId !== undefined) await giveRole(tx, conversationId, heirId, MemberRole.MEMBER_ROLE_OWNER);
      else if (isOwner) await closeDoors(tx, conversationId);
      entries.push({ conversationId, entry });
    }
    await forgetIn(tx, conversationId, userId);
  }
  return { afterId: ids.length < GROUPS ? null : ids[ids.length - 1], entries };
}

/** The other keeps the conversation, in which nobody writes any more. */
async function directs(tx: Tx, userId: number, afterId: number): Promise<Erased> {
  const ids = await conversationsOf(tx, { userId, afterId, isGroup: 0, limit: DIRECTS });
  await lockHeads(tx, ids);
  for (const id of ids) {
    await tx.run("UPDATE members SET can_send = 0 WHERE conversation_id = ?", [id]);
    await forgetIn(tx, id, userId);
  }
  return { afterId: ids.length < DIRECTS ? null : ids[ids.length - 1] };
}

/** What they kept for themselves about a conversation, and what they called themselves in it. */
async function forgetIn(tx: Tx, conversationId: number, userId: number): Promise<void> {
  const place = [conversationId, userId];
  await tx.run("UPDATE marks SET draft = '' WHERE conversation_id = ? AND user_id = ?", place);
  await tx.run("DELETE FROM hidden WHERE conversation_id = ? AND user_id = ?", place);
  await tx.run(
    "UPDATE members SET nickname = '', nickname_key = '' WHERE conversation_id = ? AND user_id = ?",
    place,
  );
}

async function ownRows(tx: Tx, userId: number): Promise<Erased> {
  for (const table of ["sessions", "touched", "group_requests"]) {
    await tx.run(`DELETE FROM ${table} WHERE user_id = ?`, [userId]);
  }
  return { afterId: null };
}

/** `afterId` is a seq here. The inbox's head stays: it keeps the id from being another's. */
async function inbox(tx: Tx, userId: number, afterId: number): Promise<Erased> {
  const [head] = await lockHeads(tx, [userId]);
  const to = afterId + ROWS;
  await tx.run("DELETE FROM entries WHERE conversation_id = ? AND seq <= ?", [userId, to]);
  return { afterId: to >= head.last_seq ? null : to };
}

async function conversationsOf(
  tx: Tx,
  { userId, afterId, isGroup, limit }: { userId: number; afterId: number; isGroup: 0 | 1; limit: number },
): Promise<number[]> {
  // "+ 0": by user only. By the primary key, as a planner may want for the order, it would be through all members.
  const rows = await tx.all<Row & { conversation_id: number }>(
    `SELECT conversation_id FROM members WHERE user_id = ? AND is_group = ? AND conversation_id + 0 > ?
     ORDER BY conversation_id + 0 LIMIT ?`,
    [userId, isGroup, afterId, limit],
  );
  return rows.map((row) => row.conversation_id);
}
