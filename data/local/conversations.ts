import { ImError } from "../../wire/errors.ts";
import { type Conversations, ConversationType, type Entry, MemberRole } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { createConfigure } from "./configure.ts";
import { listConversations, viewConversation } from "./conversation_view.ts";
import { appendEvent, type Head, writeHeads } from "./entries.ts";
import { createMarkers } from "./markers.ts";
import { readMembers, requireMember } from "./members.ts";
import { hasBlocked } from "./relations.ts";
import { retryOnce } from "./retry_once.ts";
import { createSync } from "./sync.ts";
import { touchAlways } from "./touched.ts";
import { requireUsers } from "./users.ts";

/** Members a group may have. */
const MAX_MEMBERS = 1000;

const MEMBER_COLUMNS = [
  "conversation_id",
  "user_id",
  "role",
  "can_send",
  "joined_at",
  "first_seq",
  "left_seq",
  "is_group",
];
const EMPTY: Head = { lastSeq: 0, lastMessageNo: 0, lastMessageSeq: 0, lastAt: 0 };

export function createConversations(db: Storage, clock: Clock): Conversations {
  const { now } = clock;
  return {
    async openDirect({ userId, otherId }) {
      if (userId === otherId) throw new ImError("conflict", "A direct conversation needs another person");
      const pair = [Math.min(userId, otherId), Math.max(userId, otherId)];
      const { id, created } = await findDirect(db, pair) ??
        await retryOnce(() => makeDirect(db, clock, pair));
      const conversation = await viewConversation(db, id, userId);
      return { conversation, created, memberIds: created ? pair : [] };
    },

    async createGroup({ ownerId, title, memberIds }) {
      const everyone = [...new Set([ownerId, ...memberIds])];
      if (everyone.length > MAX_MEMBERS) throw tooMany();
      const { id, entry } = await retryOnce(() => makeGroup(db, clock, { ownerId, title, everyone }));
      const conversation = await viewConversation(db, id, ownerId);
      return { conversation, created: true, memberIds: everyone, entry };
    },

    addMembers: ({ conversationId, actorId, memberIds }) =>
      db.transaction(async (tx) => {
        const actor = await requireMember(tx, conversationId, actorId);
        const group = await requireGroup(tx, conversationId);
        if (actor.role === MemberRole.MEMBER_ROLE_MEMBER) throw new ImError("forbidden");
        const known = await readMembers(tx, memberIds.map((id) => [conversationId, id] as const));
        const present = new Set(known.filter((row) => row.left_seq === null).map((row) => row.user_id));
        const added = [...new Set(memberIds)].filter((id) => !present.has(id));
        if (added.length === 0) return { entry: undefined, changedIds: [] };
        if (group.member_count + added.length > MAX_MEMBERS) throw tooMany();
        await requireUsers(tx, added);
        const content = { memberIds: added.map(String) };
        const entry = await appendEvent(
          tx,
          conversationId,
          { kind: "member.added", actorId, content },
          now(),
        );
        const rows = added.map((id) => [conversationId, id, 0, 1, entry.at, entry.seq, null, 1]);
        await tx.upsert("members", MEMBER_COLUMNS, 2, "set", rows);
        // A newcomer starts with nothing unread.
        const marks = added.map((id) => [conversationId, id, entry.seq, entry.messageNo, 0]);
        const columns = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread"];
        await tx.upsert("marks", columns, 2, "set", marks);
        await changeCount(tx, conversationId, added.length);
        return { entry, changedIds: added };
      }),

    leave: ({ conversationId, userId }) =>
      db.transaction(async (tx) => {
        const member = await requireMember(tx, conversationId, userId);
        await requireGroup(tx, conversationId);
        const content = { memberId: String(userId) };
        const entry = await appendEvent(
          tx,
          conversationId,
          { kind: "member.left", actorId: userId, content },
          now(),
        );
        await tx.run("UPDATE members SET left_seq = ?, role = 0 WHERE conversation_id = ? AND user_id = ?", [
          entry.seq,
          conversationId,
          userId,
        ]);
        await changeCount(tx, conversationId, -1);
        await touchAlways(tx, [[userId, conversationId, entry.at]]);
        if (member.role === MemberRole.MEMBER_ROLE_OWNER) await passOwnership(tx, conversationId);
        return { entry, changedIds: [userId] };
      }),

    get: ({ conversationId, userId }) => viewConversation(db, conversationId, userId),
    list: (request) => listConversations(db, request),

    async members({ conversationId, userId, afterId, limit }) {
      await requireMember(db, conversationId, userId);
      const rows = await db.all<Row & { user_id: number; role: number; joined_at: number }>(
        `SELECT user_id, role, joined_at FROM members
         WHERE conversation_id = ? AND user_id > ? AND left_seq IS NULL ORDER BY user_id LIMIT ?`,
        [conversationId, afterId, limit + 1],
      );
      const members = rows.slice(0, limit)
        .map((row) => ({ userId: row.user_id, role: row.role, joinedAt: row.joined_at }));
      return { members, more: rows.length > limit };
    },

    ...createMarkers(db, clock),
    ...createSync(db),
    ...createConfigure(db, clock),

    async groupIds({ userId }) {
      const rows = await db.all<Row & { id: number }>(
        "SELECT conversation_id AS id FROM members WHERE user_id = ? AND is_group = 1 AND left_seq IS NULL",
        [userId],
      );
      return { conversationIds: rows.map((row) => row.id) };
    },
  };
}

async function findDirect(
  db: Storage | Tx,
  pair: number[],
): Promise<{ id: number; created: boolean } | null> {
  const [row] = await db.all<Row & { conversation_id: number }>(
    "SELECT conversation_id FROM directs WHERE low_user_id = ? AND high_user_id = ?",
    pair,
  );
  return row ? { id: row.conversation_id, created: false } : null;
}

function makeDirect(db: Storage, { now, nextId }: Clock, pair: number[]) {
  return db.transaction(async (tx) => {
    await requireUsers(tx, pair);
    const found = await findDirect(tx, pair);
    if (found) return found;
    const [id, at] = [nextId(), now()];
    await tx.insert("directs", ["low_user_id", "high_user_id", "conversation_id"], [[...pair, id]]);
    await insertConversation(tx, { id, type: ConversationType.CONVERSATION_DIRECT, title: "", pair }, at);
    const [low, high] = pair;
    const canSend = async (from: number, to: number) => await hasBlocked(tx, to, from) ? 0 : 1;
    await tx.insert("members", MEMBER_COLUMNS, [
      [id, low, 0, await canSend(low, high), at, 1, null, 0],
      [id, high, 0, await canSend(high, low), at, 1, null, 0],
    ]);
    await touchAlways(tx, [[low, id, at], [high, id, at]]);
    return { id, created: true };
  });
}

function makeGroup(
  db: Storage,
  { now, nextId }: Clock,
  { ownerId, title, everyone }: { ownerId: number; title: string; everyone: number[] },
): Promise<{ id: number; entry: Entry }> {
  return db.transaction(async (tx) => {
    await requireUsers(tx, everyone);
    const [id, at] = [nextId(), now()];
    await insertConversation(
      tx,
      { id, type: ConversationType.CONVERSATION_GROUP, title, pair: [0, 0] },
      at,
    );
    await tx.run("UPDATE conversations SET member_count = ? WHERE id = ?", [everyone.length, id]);
    const role = (userId: number) => userId === ownerId ? MemberRole.MEMBER_ROLE_OWNER : 0;
    await tx.insert("members", MEMBER_COLUMNS, everyone.map((u) => [id, u, role(u), 1, at, 1, null, 1]));
    const content = { title, memberIds: everyone.map(String) };
    const entry = await appendEvent(tx, id, { kind: "group.created", actorId: ownerId, content }, at);
    return { id, entry };
  });
}

async function insertConversation(
  tx: Tx,
  { id, type, title, pair }: { id: number; type: ConversationType; title: string; pair: number[] },
  now: number,
): Promise<void> {
  const columns = ["id", "type", "title", "low_user_id", "high_user_id", "member_count", "created_at"];
  await tx.insert("conversations", columns, [[id, type, title, ...pair, 2, now]]);
  await writeHeads(tx, [[id, { ...EMPTY, lastAt: now }]]);
}

async function requireGroup(tx: Tx, conversationId: number): Promise<{ member_count: number }> {
  const [row] = await tx.all<Row & { type: number; member_count: number }>(
    "SELECT type, member_count FROM conversations WHERE id = ?",
    [conversationId],
  );
  if (row.type !== ConversationType.CONVERSATION_GROUP) {
    throw new ImError("forbidden", "A direct conversation always has its two people");
  }
  return row;
}

async function changeCount(tx: Tx, conversationId: number, by: number): Promise<void> {
  await tx.run("UPDATE conversations SET member_count = member_count + ? WHERE id = ?", [by, conversationId]);
}

/** To an admin if there is one, else to the member who joined first: by the log, as clocks may step back. */
async function passOwnership(tx: Tx, conversationId: number): Promise<void> {
  const [heir] = await tx.all<Row & { user_id: number }>(
    `SELECT user_id FROM members WHERE conversation_id = ? AND left_seq IS NULL
     ORDER BY role DESC, first_seq, user_id LIMIT 1`,
    [conversationId],
  );
  if (!heir) return;
  await tx.run("UPDATE members SET role = ? WHERE conversation_id = ? AND user_id = ?", [
    MemberRole.MEMBER_ROLE_OWNER,
    conversationId,
    heir.user_id,
  ]);
}

function tooMany(): ImError {
  return new ImError("too_large", `A group has at most ${MAX_MEMBERS} members`, { field: "memberIds" });
}
