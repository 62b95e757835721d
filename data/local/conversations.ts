import { ImError } from "../../wire/errors.ts";
import { foldName } from "../../kit/fold.ts";
import {
  type Conversations,
  ConversationType,
  type Entry,
  type InboxAppended,
  MemberRole,
  RelationState,
  Who,
} from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Tracer } from "../../kit/tracer.ts";
import type { Clock } from "./clock.ts";
import { createConfigure } from "./configure.ts";
import { listConversations, viewConversation } from "./conversation_view.ts";
import { setAvatarUrl } from "./file_refs.ts";
import { appendEvent, HEAD_COLUMNS, lockHeads } from "./entries.ts";
import { admit, MEMBER_COLUMNS, requireRoom } from "./groups/admit.ts";
import { requireActor, unchanged } from "./groups/group_row.ts";
import { storeTexts } from "./groups/info.ts";
import { closeDoors, heirOf, part } from "./groups/part.ts";
import { giveRole } from "./groups/roles.ts";
import { appendInboxes, membershipItems } from "./inbox.ts";
import { createListening } from "./listening.ts";
import { listMembers } from "./member_list.ts";
import { createMarkers } from "./markers.ts";
import { readMembers } from "./members.ts";
import { noteMoved } from "./moved.ts";
import { letting } from "./privacy.ts";
import { readPair } from "./relation_rows.ts";
import { retryOnce } from "./retry_once.ts";
import { requireUnblocked, Standing, standingOf } from "./standing.ts";
import { createSync } from "./sync.ts";
import { touchAlways } from "./touched.ts";
import { requireUsers } from "./users.ts";

export function createConversations(db: Storage, clock: Clock, tracer?: Tracer): Conversations {
  const { now } = clock;
  return {
    ...createListening(db),

    async openDirect({ userId, otherId, friendsOnly }) {
      if (userId === otherId) throw new ImError("conflict", "A direct conversation needs another person");
      const pair = [Math.min(userId, otherId), Math.max(userId, otherId)];
      const { id, created, inboxes } = await findDirect(db, pair) ??
        await retryOnce(() => makeDirect(db, clock, pair, { actorId: userId, friendsOnly }));
      const conversation = await viewConversation(db, id, userId);
      return { conversation, created, memberIds: created ? pair : [], inboxes };
    },

    async createGroup({ ownerId, memberIds, maxMembers, ...info }) {
      const everyone = [...new Set([ownerId, ...memberIds])];
      requireRoom(everyone.length, maxMembers);
      const made = await retryOnce(() => makeGroup(db, clock, { ownerId, everyone, ...info }));
      const conversation = await viewConversation(db, made.id, ownerId);
      return { conversation, created: true, memberIds: everyone, entry: made.entry, inboxes: made.inboxes };
    },

    addMembers: ({ conversationId, actorId, memberIds, maxMembers }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, ...memberIds]);
        const { group, actor } = await requireActor(
          tx,
          conversationId,
          actorId,
          MemberRole.MEMBER_ROLE_MEMBER,
        );
        const isAdmin = actor.role !== MemberRole.MEMBER_ROLE_MEMBER;
        if (!isAdmin && group.who_invites !== Who.WHO_MEMBERS) throw new ImError("forbidden");
        const known = await readMembers(tx, memberIds.map((id) => [conversationId, id] as const));
        const present = new Set(known.filter((row) => row.left_seq === null).map((row) => row.user_id));
        const userIds = [...new Set(memberIds)].filter((id) => !present.has(id));
        if (userIds.length === 0) return unchanged();
        await requireUnblocked(tx, actorId, userIds);
        return await admit(tx, group, { userIds, actorId, maxMembers }, now());
      }),

    leave: ({ conversationId, userId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [conversationId, userId]);
        const { actor } = await requireActor(tx, conversationId, userId, MemberRole.MEMBER_ROLE_MEMBER);
        const isOwner = actor.role === MemberRole.MEMBER_ROLE_OWNER;
        const heirId = isOwner ? await heirOf(tx, conversationId, userId) : undefined;
        const content = heirId === undefined ? {} : { heirId: String(heirId) };
        const parting = { kind: "member.left", userId, actorId: userId, content } as const;
        const change = await part(tx, conversationId, parting, now());
        if (heirId !== undefined) await giveRole(tx, conversationId, heirId, MemberRole.MEMBER_ROLE_OWNER);
        else if (isOwner) await closeDoors(tx, conversationId);
        return change;
      }),

    get: ({ conversationId, userId }) => viewConversation(db, conversationId, userId),
    list: (request) => listConversations(db, request),

    members: (request) => listMembers(db, request),
    ...createMarkers(db, clock, tracer),
    ...createSync(db),
    ...createConfigure(db, clock),
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
    const block = actorId === low ? theirs : mine;
    if (block.state === RelationState.RELATION_BLOCKED) throw new ImError("blocked");
    if (friendsOnly && mine.state !== RelationState.RELATION_FRIENDS) throw new ImError("not_friends");
    const otherId = pair[0] === actorId ? pair[1] : pair[0];
    if (!(await letting(tx, "write_by", actorId, [otherId])).has(otherId)) throw new ImError("not_friends");
    const [id, at] = [nextId(), now()];
    await tx.insert("directs", ["low_user_id", "high_user_id", "conversation_id"], [[...pair, id]]);
    await insertConversation(tx, { id, type: ConversationType.CONVERSATION_DIRECT, title: "", pair }, at);
    await tx.insert("members", MEMBER_COLUMNS, [
      [id, low, 0, standingOf({ mine, theirs }), at, 1, null, 0, 1],
      [id, high, 0, standingOf({ mine: theirs, theirs: mine }), at, 1, null, 0, 1],
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
  { ownerId, title, everyone, avatar = "", description = "" }: {
    ownerId: number;
    title: string;
    everyone: number[];
    avatar?: string;
    description?: string;
  },
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
    await tx.run("UPDATE conversations SET member_count = ?, avatar = ? WHERE id = ?", [
      everyone.length,
      avatar,
      id,
    ]);
    await setAvatarUrl(tx, { holderId: id, actorId: ownerId, url: avatar }, at);
    if (description) await storeTexts(tx, id, { description });
    const role = (userId: number) => userId === ownerId ? MemberRole.MEMBER_ROLE_OWNER : 0;
    await tx.insert(
      "members",
      MEMBER_COLUMNS,
      everyone.map((u) => [id, u, role(u), Standing.free, at, 1, null, 1, 1]),
    );
    const info = { title, ...(avatar ? { avatar } : {}), ...(description ? { description } : {}) };
    const content = { ...info, memberIds: everyone.map(String) };
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
  const columns = [
    "id",
    "type",
    "title",
    "title_key",
    "low_user_id",
    "high_user_id",
    "member_count",
    "created_at",
  ];
  await tx.insert("conversations", columns, [
    [id, type, title, foldName(title), ...pair, 2, now],
  ]);
  // Not an upsert: the id must not be a user's, whose inbox has a head too.
  await tx.insert("heads", HEAD_COLUMNS, [[id, 0, 0, 0, now]]);
  await noteMoved(tx, [{ logId: id, now, lastAt: 0 }]);
}
