import { ImError } from "../../wire/errors.ts";
import { type InboxAppended, type Relations, RelationState as State } from "../service.ts";
import type { Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { createFriendNotes } from "./friend_notes.ts";
import { createRelationLists } from "./relation_lists.ts";
import {
  forgetTags,
  friendChange,
  isWaiting,
  type Pair,
  readPair,
  requireRoom,
  writeRelations,
} from "./relation_rows.ts";
import { createRequestExpiry } from "./request_expiry.ts";
import { refreshStanding } from "./standing.ts";
import { requireUsers } from "./users.ts";
import { watchable } from "./watchable.ts";

/** Of friends, of blocks and of unanswered requests from others; and of unanswered requests of one's own. */
const MAX_RELATIONS = 10_000;
const MAX_REQUESTS = 1_000;

const NONE = State.RELATION_NONE;
const FRIENDS = State.RELATION_FRIENDS;
const BLOCKED = State.RELATION_BLOCKED;
const isFriendly = (state: State) => isWaiting(state) || state === FRIENDS;

export function createRelations(db: Storage, clock: Clock): Relations {
  const { now } = clock;
  return {
    request: ({ userId, otherId, note, expiredBefore }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        await requireOther(tx, userId, otherId);
        const { mine, theirs } = await readPair(tx, userId, otherId, expiredBefore);
        if (mine.state === FRIENDS) throw new ImError("conflict", "You are friends already");
        if (theirs.state === BLOCKED) throw new ImError("blocked");
        if (mine.state === BLOCKED) throw new ImError("conflict", "Lift your block first");
        if (mine.state === State.RELATION_INVITED) return await befriend(tx, userId, otherId, now(), note);
        const state = State.RELATION_REQUESTED;
        if (mine.state === state && mine.note === note) return { state, inboxes: [] };
        if (mine.state === NONE) {
          await requireRoom(tx, userId, state, { max: MAX_REQUESTS, expiredBefore });
          await requireRoom(tx, otherId, State.RELATION_INVITED, { max: MAX_RELATIONS, expiredBefore });
        }
        const changes = [
          friendChange(userId, { userId, otherId, state, note }),
          friendChange(userId, { userId: otherId, otherId: userId, state: State.RELATION_INVITED, note }),
        ];
        return { state, inboxes: await writeRelations(tx, changes, now()) };
      }),

    answer: ({ userId, otherId, accept, expiredBefore }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        const pair = await readPair(tx, userId, otherId, expiredBefore);
        if (pair.mine.state !== State.RELATION_INVITED) throw new ImError("request_not_found");
        return accept ? await befriend(tx, userId, otherId, now()) : await part(tx, pair, now());
      }),

    withdraw: ({ userId, otherId, expiredBefore }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        const pair = await readPair(tx, userId, otherId, expiredBefore);
        if (pair.mine.state !== State.RELATION_REQUESTED) throw new ImError("request_not_found");
        return await part(tx, pair, now());
      }),

    remove: ({ userId, otherId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        const pair = await readPair(tx, userId, otherId);
        const { state } = pair.mine;
        // A block is lifted by Unblock only, and the other's block is not ours to remove.
        return isFriendly(state) ? await part(tx, pair, now()) : { state, inboxes: [] };
      }),

    ...createRelationLists(db, clock),
    ...createRequestExpiry(db, clock),
    ...createFriendNotes(db, clock),

    watchable: ({ userId, otherIds }) => watchable(db, userId, otherIds),

    block: ({ userId, otherId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        await requireOther(tx, userId, otherId);
        const pair = await readPair(tx, userId, otherId);
        if (pair.mine.state === BLOCKED) return { state: BLOCKED, inboxes: [] };
        await requireRoom(tx, userId, BLOCKED, { max: MAX_RELATIONS });
        const ends = await endsOf(tx, pair);
        const own = ends.find((end) => end.userId === userId);
        const items = [...own?.items ?? [], blockItem(userId, otherId, true)];
        const changes = [...ends.filter((end) => end !== own), { userId, otherId, state: BLOCKED, items }];
        return { state: BLOCKED, inboxes: await settle(tx, userId, otherId, changes, now()) };
      }),

    unblock: ({ userId, otherId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        const { mine } = await readPair(tx, userId, otherId);
        if (mine.state !== BLOCKED) return { state: mine.state, inboxes: [] };
        const changes = [{ userId, otherId, state: NONE, items: [blockItem(userId, otherId, false)] }];
        return { state: NONE, inboxes: await settle(tx, userId, otherId, changes, now()) };
      }),
  };
}

async function requireOther(tx: Tx, userId: number, otherId: number): Promise<void> {
  if (userId === otherId) throw new ImError("conflict", "That is you");
  await requireUsers(tx, [otherId]);
}

interface Settled {
  state: State;
  inboxes: InboxAppended[];
}

async function befriend(
  tx: Tx,
  userId: number,
  otherId: number,
  now: number,
  note = "",
): Promise<Settled> {
  for (const id of [userId, otherId]) await requireRoom(tx, id, FRIENDS, { max: MAX_RELATIONS });
  const changes = [
    friendChange(userId, { userId, otherId, state: FRIENDS }),
    friendChange(userId, { userId: otherId, otherId: userId, state: FRIENDS, note }),
  ];
  return { state: FRIENDS, inboxes: await settle(tx, userId, otherId, changes, now) };
}

/** Ends a friendship or a request on both sides. */
async function part(tx: Tx, pair: Pair, now: number): Promise<Settled> {
  const { user_id, other_id } = pair.mine;
  const inboxes = await settle(tx, user_id, other_id, await endsOf(tx, pair), now);
  return { state: NONE, inboxes };
}

/** The ends of what is between two; a block of either stays, and who had nothing learns nothing. */
async function endsOf(tx: Tx, { mine, theirs }: Pair) {
  const ending = [mine, theirs].filter(({ state }) => isFriendly(state));
  for (const row of ending) await forgetTags(tx, row);
  return ending.map(({ user_id: userId, other_id: otherId }) =>
    friendChange(mine.user_id, { userId, otherId, state: NONE })
  );
}

async function settle(
  tx: Tx,
  userId: number,
  otherId: number,
  changes: Parameters<typeof writeRelations>[1],
  now: number,
): Promise<InboxAppended[]> {
  const inboxes = await writeRelations(tx, changes, now);
  await refreshStanding(tx, userId, otherId);
  return inboxes;
}

function blockItem(userId: number, otherId: number, blocked: boolean) {
  return { userId, actorId: userId, kind: "block.changed", content: { userId: String(otherId), blocked } };
}
