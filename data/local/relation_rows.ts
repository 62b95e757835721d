import { ImError } from "../../wire/errors.ts";
import { type InboxAppended, RelationState as State } from "../service.ts";
import type { Reads, Row, Tx } from "../sql/driver.ts";
import { appendInboxes, type InboxItem } from "./inbox.ts";

/** How relations lie in a table: a row for each side. One that has ended stays a while, with the state NONE. */
export interface RelationRow extends Row {
  user_id: number;
  other_id: number;
  state: State;
  note: string;
  at: number;
  remark: string;
  /** A JSON array; empty: none. */
  tags: string;
  version: number;
}

export const RELATION_SELECT =
  "SELECT user_id, other_id, state, note, at, remark, tags, version FROM relations";

/** So long a device that was away may learn of each relation that has ended. */
export const KEEP_ENDED_MS = 30 * 24 * 3_600_000;
/** Rows one write takes away, so that no write is a long one. */
const PURGE_ROWS = 100;

export interface Pair {
  mine: RelationRow;
  theirs: RelationRow;
}

/** Both rows; a request that was made before `expiredBefore` is as none. */
export async function readPair(
  db: Reads,
  userId: number,
  otherId: number,
  expiredBefore = 0,
): Promise<Pair> {
  const rows = await db.allIn<RelationRow>(`${RELATION_SELECT} WHERE (user_id, other_id) IN {keys}`, [
    [userId, otherId],
    [otherId, userId],
  ]);
  const of = (user_id: number, other_id: number): RelationRow => {
    const row = rows.find((one) => one.user_id === user_id) ??
      { user_id, other_id, state: State.RELATION_NONE, note: "", at: 0, remark: "", tags: "", version: 0 };
    return { ...row, state: stateOf(row, expiredBefore) };
  };
  return { mine: of(userId, otherId), theirs: of(otherId, userId) };
}

export const isWaiting = (state: State) =>
  state === State.RELATION_REQUESTED || state === State.RELATION_INVITED;

export function stateOf({ state, at }: RelationRow, expiredBefore: number): State {
  return isWaiting(state) && at < expiredBefore ? State.RELATION_NONE : state;
}

export function tagsOf({ tags }: RelationRow): string[] {
  return tags === "" ? [] : JSON.parse(tags);
}

/** One side's row, and what the inbox of its user says of the change. */
export interface RelationChange {
  userId: number;
  otherId: number;
  state: State;
  note?: string;
  items: InboxItem[];
}

/**
 * Writes rows, each under the version that its inbox entry gives it. What a user called a friend, and their tags, go
 * with the friendship: forgetTags must have been called for rows that had some.
 */
export async function writeRelations(
  tx: Tx,
  changes: readonly RelationChange[],
  now: number,
): Promise<InboxAppended[]> {
  const inboxes = await appendInboxes(tx, changes.flatMap(({ items }) => items), now);
  const entries = new Map(inboxes.map(({ userId, entries }) => [userId, entries]));
  const taken = new Map<number, number>();
  const rows = changes.map(({ userId, otherId, state, note = "", items }) => {
    const place = (taken.get(userId) ?? 0) + items.length;
    taken.set(userId, place);
    const { seq, at } = entries.get(userId)![place - 1];
    // How long the end of a relation is kept is counted from its entry, whose place devices ask with.
    const shown = isWaiting(state) ? note : "";
    return [userId, otherId, state, shown, state === State.RELATION_NONE ? at : now, "", "", seq];
  });
  await tx.upsert(
    "relations",
    ["user_id", "other_id", "state", "note", "at", "remark", "tags", "version"],
    2,
    "set",
    rows,
  );
  const ended = changes.filter(({ state }) => state === State.RELATION_NONE).map(({ userId }) => userId);
  for (const userId of new Set(ended)) await purgeEnded(tx, userId, now - KEEP_ENDED_MS);
  return inboxes;
}

async function purgeEnded(tx: Tx, userId: number, before: number): Promise<void> {
  const rows = await tx.all<Row & { other_id: number }>(
    "SELECT other_id FROM relations WHERE user_id = ? AND state = ? AND at < ? LIMIT ?",
    [userId, State.RELATION_NONE, before, PURGE_ROWS],
  );
  for (const { other_id } of rows) {
    await tx.run("DELETE FROM relations WHERE user_id = ? AND other_id = ?", [userId, other_id]);
  }
}

export async function forgetTags(tx: Tx, row: RelationRow): Promise<void> {
  for (const tag of tagsOf(row)) {
    await tx.run("DELETE FROM relation_tags WHERE user_id = ? AND tag = ? AND other_id = ?", [
      row.user_id,
      tag,
      row.other_id,
    ]);
  }
}

/** Fails when a user has as many relations of a state as there may be. */
export async function requireRoom(
  tx: Tx,
  userId: number,
  state: State,
  { max, expiredBefore = 0 }: { max: number; expiredBefore?: number },
): Promise<void> {
  const [{ n }] = await tx.all<Row & { n: number }>(
    `SELECT COUNT(*) AS n FROM
       (SELECT 1 FROM relations WHERE user_id = ? AND state = ? AND at >= ? LIMIT ?) AS counted`,
    [userId, state, isWaiting(state) ? expiredBefore : 0, max],
  );
  if (n >= max) throw new ImError("too_many");
}

const NAMES: Partial<Record<State, string>> = {
  [State.RELATION_NONE]: "none",
  [State.RELATION_REQUESTED]: "requested",
  [State.RELATION_INVITED]: "invited",
  [State.RELATION_FRIENDS]: "friends",
};

/** A change that the inbox tells as `friend.changed`; the note is told to who is asked. */
export function friendChange(
  actorId: number,
  { userId, otherId, state, note = "" }: Omit<RelationChange, "items">,
): RelationChange {
  const told = note !== "" && state !== State.RELATION_REQUESTED ? { note } : {};
  const content = { userId: String(otherId), state: NAMES[state], ...told };
  return { userId, otherId, state, note, items: [{ userId, actorId, kind: "friend.changed", content }] };
}
