import { Audience, RelationState } from "../service.ts";
import type { Reads, Row } from "../sql/driver.ts";

/** What of a user's privacy decides about others. No row in profiles: everyone. */
export type PrivacyColumn = "find_by" | "write_by" | "seen_by";

/** Those of these users who let `askerId` do this to them. */
export async function letting(
  db: Reads,
  column: PrivacyColumn,
  askerId: number,
  userIds: readonly number[],
): Promise<Set<number>> {
  const strict = await db.allIn<Row & { user_id: number; who: number }>(
    `SELECT user_id, ${column} AS who FROM profiles WHERE ${column} > 0 AND user_id IN {keys}`,
    userIds.map((id) => [id]),
  );
  const friends = await db.allIn<Row & { user_id: number; state: number }>(
    "SELECT user_id, state FROM relations WHERE (user_id, other_id) IN {keys}",
    strict.filter(({ who }) => who === Audience.AUDIENCE_FRIENDS).map(({ user_id }) => [user_id, askerId]),
  );
  const befriended = new Set(
    friends.filter(({ state }) => state === RelationState.RELATION_FRIENDS).map(({ user_id }) => user_id),
  );
  const refusing = new Set(strict.map(({ user_id }) => user_id).filter((id) => !befriended.has(id)));
  return new Set(userIds.filter((id) => !refusing.has(id)));
}
