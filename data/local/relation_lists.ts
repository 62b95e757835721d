import { type Relations, RelationState as State } from "../service.ts";
import type { Reads, Row, Storage } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import {
  isWaiting,
  KEEP_ENDED_MS,
  RELATION_SELECT,
  type RelationRow,
  stateOf,
  tagsOf,
} from "./relation_rows.ts";

/** One user's relations: by pages, and what has changed in them since a version. */
export function createRelationLists(db: Storage, { now }: Clock): Pick<Relations, "list" | "sync"> {
  return {
    async list({ userId, state, afterId, limit, expiredBefore = 0, tag }) {
      // What has ended is for Sync only.
      if (state === State.RELATION_NONE) return { relations: [], more: false };
      const since = isWaiting(state) ? expiredBefore : 0;
      const rows = tag === undefined
        ? await db.all<RelationRow>(
          `${RELATION_SELECT} WHERE user_id = ? AND state = ? AND other_id > ? AND at >= ?
           ORDER BY other_id LIMIT ?`,
          [userId, state, afterId, since, limit + 1],
        )
        : await tagged(db, { userId, state, afterId, limit: limit + 1, tag });
      return { relations: rows.slice(0, limit).map((row) => toRelation(row)), more: rows.length > limit };
    },

    async sync({ userId, since, limit, expiredBefore = 0, resumed }) {
      // The place first: a change that comes between is after it, and comes again the next time.
      const version = await lastSeq(db, userId);
      const full = !resumed &&
        !await isFresh(db, userId, since, { version, keptSince: now() - KEEP_ENDED_MS });
      const rows = await db.all<RelationRow>(
        `${RELATION_SELECT} WHERE user_id = ? AND version > ? ORDER BY version LIMIT ?`,
        [userId, full ? Number.MIN_SAFE_INTEGER : since, limit + 1],
      );
      const relations = rows.slice(0, limit).map((row) => toRelation(row, expiredBefore));
      return { relations, more: rows.length > limit, version, full };
    },
  };
}

function tagged(
  db: Reads,
  { userId, state, afterId, limit, tag }: {
    userId: number;
    state: State;
    afterId: number;
    limit: number;
    tag: string;
  },
): Promise<RelationRow[]> {
  const columns = RELATION_SELECT.replace("SELECT ", "SELECT r.").replaceAll(", ", ", r.");
  return db.all<RelationRow>(
    `${columns} r JOIN relation_tags t ON t.user_id = r.user_id AND t.other_id = r.other_id
     WHERE t.user_id = ? AND t.tag = ? AND t.other_id > ? AND r.state = ? ORDER BY t.other_id LIMIT ?`,
    [userId, tag, afterId, state, limit],
  );
}

async function lastSeq(db: Reads, userId: number): Promise<number> {
  const [head] = await db.all<Row & { last_seq: number }>(
    "SELECT last_seq FROM heads WHERE conversation_id = ?",
    [userId],
  );
  return head?.last_seq ?? 0;
}

/** Whether every relation that has ended since a version is still there to be told of. */
async function isFresh(
  db: Reads,
  userId: number,
  since: number,
  { version, keptSince }: { version: number; keptSince: number },
): Promise<boolean> {
  if (since === 0 || since > version) return false;
  if (since === version) return true;
  const [entry] = await db.all<Row & { at: number }>(
    "SELECT at FROM entries WHERE conversation_id = ? AND seq = ?",
    [userId, since],
  );
  return entry !== undefined && entry.at >= keptSince;
}

export function toRelation(row: RelationRow, expiredBefore = 0) {
  const { other_id: otherId, note, at, remark, version } = row;
  return { otherId, state: stateOf(row, expiredBefore), note, at, remark, tags: tagsOf(row), version };
}
