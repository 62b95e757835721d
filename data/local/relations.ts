import { ImError } from "../../wire/errors.ts";
import {
  type InboxAppended,
  type Relations,
  RelationState as State,
  type WatchableResponse,
} from "../service.ts";
import type { Reads, Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { appendInboxes, type InboxItem } from "./inbox.ts";
import { setCanSend } from "./members.ts";
import { letting } from "./privacy.ts";
import { requireUsers } from "./users.ts";

const COLUMNS = ["user_id", "other_id", "state", "note", "at"];

export function createRelations(db: Storage, { now }: Clock): Relations {
  return {
    request: ({ userId, otherId, note }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        await requireOther(tx, userId, otherId);
        const { mine, theirs } = await pair(tx, userId, otherId);
        if (mine === State.RELATION_FRIENDS) throw new ImError("conflict", "You are friends already");
        if (theirs === State.RELATION_BLOCKED) throw new ImError("blocked");
        if (mine === State.RELATION_BLOCKED) throw new ImError("conflict", "Lift your block first");
        const state = mine === State.RELATION_INVITED ? State.RELATION_FRIENDS : State.RELATION_REQUESTED;
        const other = state === State.RELATION_FRIENDS ? state : State.RELATION_INVITED;
        await tx.upsert("relations", COLUMNS, 2, "set", [
          [userId, otherId, state, note, now()],
          [otherId, userId, other, note, now()],
        ]);
        const items = [
          changed(userId, userId, otherId, state),
          changed(userId, otherId, userId, other, note),
        ];
        return { state, inboxes: await appendInboxes(tx, mine === state ? [] : items, now()) };
      }),

    answer: ({ userId, otherId, accept }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        const { mine } = await pair(tx, userId, otherId);
        if (mine !== State.RELATION_INVITED) throw new ImError("request_not_found");
        if (!accept) {
          return { state: State.RELATION_NONE, inboxes: await removePair(tx, userId, otherId, now()) };
        }
        await tx.upsert("relations", COLUMNS, 2, "set", [
          [userId, otherId, State.RELATION_FRIENDS, "", now()],
          [otherId, userId, State.RELATION_FRIENDS, "", now()],
        ]);
        const state = State.RELATION_FRIENDS;
        const items = [changed(userId, userId, otherId, state), changed(userId, otherId, userId, state)];
        return { state, inboxes: await appendInboxes(tx, items, now()) };
      }),

    remove: ({ userId, otherId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        const { mine } = await pair(tx, userId, otherId);
        // A block is lifted by Unblock only, and the other's block is not ours to remove.
        if (mine === State.RELATION_BLOCKED) return { state: mine, inboxes: [] };
        if (mine === State.RELATION_NONE) return { state: mine, inboxes: [] };
        return { state: State.RELATION_NONE, inboxes: await removePair(tx, userId, otherId, now()) };
      }),

    async list({ userId, state, afterId, limit }) {
      const rows = await db.all<Row & { other_id: number; state: number; note: string; at: number }>(
        `SELECT other_id, state, note, at FROM relations
         WHERE user_id = ? AND other_id > ? AND state = ? ORDER BY other_id LIMIT ?`,
        [userId, afterId, state, limit + 1],
      );
      const relations = rows.slice(0, limit)
        .map((row) => ({ otherId: row.other_id, state: row.state, note: row.note, at: row.at }));
      return { relations, more: rows.length > limit };
    },

    watchable: ({ userId, otherIds }) => watchable(db, userId, otherIds),

    block: ({ userId, otherId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        await requireOther(tx, userId, otherId);
        const { mine } = await pair(tx, userId, otherId);
        const state = State.RELATION_BLOCKED;
        if (mine === state) return { state, inboxes: [] };
        const removed = await removePair(tx, userId, otherId, now());
        await tx.upsert("relations", COLUMNS, 2, "set", [[userId, otherId, state, "", now()]]);
        await setCanSend(tx, otherId, userId, false);
        return {
          state,
          inboxes: [...removed, ...await appendInboxes(tx, [blockItem(userId, otherId, true)], now())],
        };
      }),

    unblock: ({ userId, otherId }) =>
      db.transaction(async (tx) => {
        await lockHeads(tx, [userId, otherId]);
        const { mine } = await pair(tx, userId, otherId);
        if (mine !== State.RELATION_BLOCKED) return { state: mine, inboxes: [] };
        await tx.run("DELETE FROM relations WHERE user_id = ? AND other_id = ?", [userId, otherId]);
        await setCanSend(tx, otherId, userId, true);
        const inboxes = await appendInboxes(tx, [blockItem(userId, otherId, false)], now());
        return { state: State.RELATION_NONE, inboxes };
      }),
  };
}

/** Of these people those whom a user may watch. */
async function watchable(
  db: Reads,
  userId: number,
  otherIds: readonly number[],
): Promise<WatchableResponse> {
  const others = [...new Set(otherIds)].filter((id) => id !== userId);
  const rows = await db.allIn<Row & { user_id: number; other_id: number; state: number }>(
    "SELECT user_id, other_id, state FROM relations WHERE (user_id, other_id) IN {keys}",
    others.flatMap((id) => [[userId, id], [id, userId]]),
  );
  const directs = await db.allIn<Row & { low_user_id: number; high_user_id: number }>(
    "SELECT low_user_id, high_user_id FROM directs WHERE (low_user_id, high_user_id) IN {keys}",
    others.map((id) => [Math.min(id, userId), Math.max(id, userId)]),
  );
  const near = new Set(directs.map((row) => row.low_user_id === userId ? row.high_user_id : row.low_user_id));
  for (const row of rows) if (row.state === State.RELATION_FRIENDS) near.add(row.other_id);
  for (const row of rows) {
    if (row.state === State.RELATION_BLOCKED) {
      near.delete(row.user_id === userId ? row.other_id : row.user_id);
    }
  }
  near.delete(userId);
  const seen = await db.allIn<Row & { id: number; last_seen_at: number }>(
    "SELECT id, last_seen_at FROM users WHERE id IN {keys}",
    [...await letting(db, "seen_by", userId, [...near])].map((id) => [id]),
  );
  return { seen: seen.map((row) => ({ userId: row.id, at: row.last_seen_at })) };
}

async function requireOther(tx: Tx, userId: number, otherId: number): Promise<void> {
  if (userId === otherId) throw new ImError("conflict", "That is you");
  await requireUsers(tx, [otherId]);
}

/** Whether `blockerId` has blocked `userId`. */
export async function hasBlocked(tx: Tx, blockerId: number, userId: number): Promise<boolean> {
  return (await pair(tx, userId, blockerId)).theirs === State.RELATION_BLOCKED;
}

async function pair(tx: Tx, userId: number, otherId: number): Promise<{ mine: State; theirs: State }> {
  const rows = await tx.allIn<Row & { user_id: number; state: number }>(
    "SELECT user_id, state FROM relations WHERE (user_id, other_id) IN {keys}",
    [[userId, otherId], [otherId, userId]],
  );
  const of = (id: number): State => rows.find((row) => row.user_id === id)?.state ?? State.RELATION_NONE;
  return { mine: of(userId), theirs: of(otherId) };
}

/** Both rows go, but never a block of the other's; who had something with the other learns that it is gone. */
async function removePair(
  tx: Tx,
  userId: number,
  otherId: number,
  at: number,
): Promise<InboxAppended[]> {
  const { mine, theirs } = await pair(tx, userId, otherId);
  await tx.run("DELETE FROM relations WHERE user_id = ? AND other_id = ?", [userId, otherId]);
  await tx.run("DELETE FROM relations WHERE user_id = ? AND other_id = ? AND state <> ?", [
    otherId,
    userId,
    State.RELATION_BLOCKED,
  ]);
  const isFriendship = (state: State) => state !== State.RELATION_NONE && state !== State.RELATION_BLOCKED;
  const items: InboxItem[] = [];
  if (isFriendship(mine)) items.push(changed(userId, userId, otherId, State.RELATION_NONE));
  if (isFriendship(theirs)) items.push(changed(userId, otherId, userId, State.RELATION_NONE));
  return await appendInboxes(tx, items, at);
}

const FRIEND_STATES: Partial<Record<State, string>> = {
  [State.RELATION_NONE]: "none",
  [State.RELATION_REQUESTED]: "requested",
  [State.RELATION_INVITED]: "invited",
  [State.RELATION_FRIENDS]: "friends",
};

/** What `userId`'s inbox says of them and `otherId`. */
function changed(actorId: number, userId: number, otherId: number, state: State, note = ""): InboxItem {
  const content = { userId: String(otherId), state: FRIEND_STATES[state], ...(note ? { note } : {}) };
  return { userId, actorId, kind: "friend.changed", content };
}

function blockItem(userId: number, otherId: number, blocked: boolean): InboxItem {
  return { userId, actorId: userId, kind: "block.changed", content: { userId: String(otherId), blocked } };
}
