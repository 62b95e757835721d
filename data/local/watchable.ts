import { RelationState as State, type WatchableResponse } from "../service.ts";
import type { Reads, Row } from "../sql/driver.ts";
import { letting } from "./privacy.ts";

/** Of these people those whom a user may watch. */
export async function watchable(
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
