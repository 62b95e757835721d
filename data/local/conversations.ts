import { ImError } from "../../wire/errors.ts";
import {
  type Conversations,
  ConversationType,
  type Entry,
  type InboxAppended,
  MemberRole,
  RelationState,
} from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { createConfigure } from "./configure.ts";
import { listConversations, viewConversation } from "./conversation_view.ts";
import { appendEvent, HEAD_COLUMNS, lockHeads } from "./entries.ts";
import { appendInboxes, membershipItems } from "./inbox.ts";
import { createMarkers } from "./markers.ts";
import { readMembers, requireMember } from "./members.ts";
import { noteMoved } from "./moved.ts";
import { readPair } from "./relation_rows.ts";
import { retryOnce } from "./retry_once.ts";
import { requireUnblocked, Standing, standingOf } from "./standing.ts";
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

export function createConversations(db: Storage, clock: Clock): Conversations {
  const { now } = clock;
  return {
    async openDirect({ userId, otherId, friendsOnly }) {
      if (userId === otherId) throw new ImError("conflict", "A direct conversation needs another person");
      const pair = [Math.min(userId, otherId), Math.max(userId, otherId)];
      const { id, created, inboxes } = await findDirect(db, pair) ??
        await retryOnce(() => makeDirect(db, clock, pair, { actorId: userId, friendsOnly }));
      const conversation = await viewConversation(db, id, userId);
      return { conversation, created, memberIds: created ? pair : [], inboxes };
    },

    async createGroup({ ownerId, title, memberIds }) {
      const everyone = [...new Set([ownerId, ...memberIds])];
      if (everyone.length > MAX_MEMBERS) throw tooMany();
      const made = await retryOnce(() => makeGroup(db, clock, { ownerId, title, everyone }));
      const conversation = await viewConversation(db, made.id, ownerId);
      return { conversation, created: true, memberIds: everyone, entry: made.entry, inboxes: made.inboxes };
    },

    addMembers: ({ conversationId, actorId, memberIds }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, ...memberIds]);
        const actor = await requireMember(tx, conversationId, actorId);
        const group = await requireGroup(tx, conversationId);
        if (actor.role === MemberRole.MEMBER_ROLE_MEMBER) throw new ImError("forbidden");
        const known = await readMembers(tx, memberIds.map((id) => [conversationId, id] as const));
        const present = new Set(known.filter((row) => row.left_seq === null).map((row) => row.user_id));
        const added = [...new Set(memberIds)].filter((id) => !present.has(id));
        if (added.length === 0) return { entry: undefined, changedIds: [], inboxes: [] };
        if (group.member_count + added.length > MAX_MEMBERS) throw tooMany();
        await requireUsers(tx, added);
        await requireUnblocked(tx, actorId, added);
        const content = { memberIds: added.map(String) };
        const entry = await appendEvent(
          tx,
          conversationId,
          { kind: "member.added", actorId, content },
          now(),
        );
        const rows = added.map((id) => [conversationId, id, 0, Standing.free, entry.at, entry.seq, null, 1]);
        await tx.upsert("members", MEMBER_COLUMNS, 2, "set", rows);
        // A newcomer starts with nothing unread.
        const marks = added.map((id) => [conversationId, id, entry.seq, entry.messageNo, 0]);
        const columns = ["conversation_id", "user_id", "read_seq", "read_no", "own_unread"];
        await tx.upsert("marks", columns, 2, "set", marks);
        await changeCount(tx, conversationId, added.length);
        const place = { conversationId, type: "group", seq: entry.seq } as const;
        const items = membershipItems("conversation.joined", place, { userIds: added, actorId });
        return { entry, changedIds: added, inboxes: await appendInboxes(tx, items, now()) };
      }),

    leave: ({ conversationId, userId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, userId]);
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
        const place = { conversationId, type: "group", seq: entry.seq } as const;
        const items = membershipItems("conversation.left", place, { userIds: [userId], actorId: userId });
        return { entry, changedIds: [userId], inboxes: await appendInboxes(tx, items, now()) };
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

    async listening({ userId }) {
      // The inbox first: what it says later is then in the list already or heard by who listens.
      const [inbox] = await db.all<Row & { last_seq: number }>(
        "SELECT last_seq FROM heads WHERE conversation_id = ?",
        [userId],
      );
      const rows = await db.all<Row & { id: number; last_seq: number }>(
        `SELECT m.conversation_id AS id, h.last_seq FROM members m JOIN heads h ON h.conversation_id = m.conversation_id
         WHERE m.user_id = ? AND m.is_group = 1 AND m.left_seq IS NULL`,
        [userId],
      );
      const groups = rows.map((row) => ({ conversationId: row.id, lastSeq: row.last_seq }));
      return { groups, inboxSeq: inbox?.last_seq ?? 0 };
    },
  };
}

interface Direct {
  id: number;
  created: boolean;
  inboxes: InboxAppended[];
}

async function findDirect(
  db: Storage | Tx,
  pair: number[],
): Promise<Direct | null> {
  const [row] = await db.all<Row & { conversation_id: number }>(
    "SELECT conversation_id FROM directs WHERE low_user_id = ? AND high_user_id = ?",
    pair,
  );
  return row ? { id: row.conversation_id, created: false, inboxes: [] } : null;
}

function makeDirect(
  db: Storage,
  { now, nextId }: Clock,
  pair: number[],
  { actorId, friendsOnly }: { actorId: number; friendsOnly?: boolean },
): Promise<Direct> {
  return db.transaction(async (tx) => {
    await lockHeads(tx, pair);
    await requireUsers(tx, pair);
    const found = await findDirect(tx, pair);
    if (found) return found;
    const [low, high] = pair;
    const { mine, theirs } = await readPair(tx, low, high);
    if (friendsOnly && mine.state !== RelationState.RELATION_FRIENDS) throw new ImError("not_friends");
    const [id, at] = [nextId(), now()];
    await tx.insert("directs", ["low_user_id", "high_user_id", "conversation_id"], [[...pair, id]]);
    await insertConversation(tx, { id, type: ConversationType.CONVERSATION_DIRECT, title: "", pair }, at);
    await tx.insert("members", MEMBER_COLUMNS, [
      [id, low, 0, standingOf({ mine, theirs }), at, 1, null, 0],
      [id, high, 0, standingOf({ mine: theirs, theirs: mine }), at, 1, null, 0],
    ]);
    await touchAlways(tx, [[low, id, at], [high, id, at]]);
    const place = { conversationId: id, type: "direct", seq: 0 } as const;
    const items = membershipItems("conversation.joined", place, { userIds: pair, actorId });
    return { id, created: true, inboxes: await appendInboxes(tx, items, at) };
  });
}

function makeGroup(
  db: Storage,
  { now, nextId }: Clock,
  { ownerId, title, everyone }: { ownerId: number; title: string; everyone: number[] },
): Promise<{ id: number; entry: Entry; inboxes: InboxAppended[] }> {
  return db.transaction(async (tx) => {
    await lockHeads(tx, everyone);
    await requireUsers(tx, everyone);
    await requireUnblocked(tx, ownerId, everyone);
    const [id, at] = [nextId(), now()];
    await insertConversation(
      tx,
      { id, type: ConversationType.CONVERSATION_GROUP, title, pair: [0, 0] },
      at,
    );
    await tx.run("UPDATE conversations SET member_count = ? WHERE id = ?", [everyone.length, id]);
    const role = (userId: number) => userId === ownerId ? MemberRole.MEMBER_ROLE_OWNER : 0;
    await tx.insert(
      "members",
      MEMBER_COLUMNS,
      everyone.map((u) => [id, u, role(u), Standing.free, at, 1, null, 1]),
    );
    const content = { title, memberIds: everyone.map(String) };
    const entry = await appendEvent(tx, id, { kind: "group.created", actorId: ownerId, content }, at);
    const place = { conversationId: id, type: "group", seq: entry.seq } as const;
    const items = membershipItems("conversation.joined", place, { userIds: everyone, actorId: ownerId });
    return { id, entry, inboxes: await appendInboxes(tx, items, at) };
  });
}

async function insertConversation(
  tx: Tx,
  { id, type, title, pair }: { id: number; type: ConversationType; title: string; pair: number[] },
  now: number,
): Promise<void> {
  const columns = ["id", "type", "title", "low_user_id", "high_user_id", "member_count", "created_at"];
  await tx.insert("conversations", columns, [[id, type, title, ...pair, 2, now]]);
  // Not an upsert: the id must not be a user's, whose inbox has a head too.
  await tx.insert("heads", HEAD_COLUMNS, [[id, 0, 0, 0, now]]);
  await noteMoved(tx, [{ logId: id, now, lastAt: 0 }]);
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
