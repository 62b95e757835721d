import { ImError } from "../../wire/errors.ts";
import { RelationState as State } from "../service.ts";
import type { Row, Tx } from "../sql/driver.ts";
import { lockHeads } from "./entries.ts";
import { type Pair, readPair } from "./relation_rows.ts";

/**
 * What `members.can_send` says of a member of a direct conversation. It is kept beside the membership, which every
 * append reads, and changed by the transaction that changes what is between the two: so the hot path asks nothing more.
 */
export const Standing = {
  /** The other has blocked them. */
  blocked: 0,
  /** Friends; and everyone in a group. */
  free: 1,
  /** No friends: they may write where the operator lets anyone. */
  stranger: 2,
} as const;

/** Why a member may not write; null: they may. */
export function refusalOf(canSend: number, friendsOnly = false): ImError | null {
  if (canSend === Standing.blocked) return new ImError("blocked");
  if (canSend === Standing.stranger && friendsOnly) return new ImError("not_friends");
  return null;
}

/** How the first of a pair stands in the direct conversation of the two. */
export function standingOf({ mine, theirs }: Pair): number {
  if (theirs.state === State.RELATION_BLOCKED) return Standing.blocked;
  return mine.state === State.RELATION_FRIENDS ? Standing.free : Standing.stranger;
}

/** Brings both members' standing in their direct conversation, where there is one, up to what they now are. */
export async function refreshStanding(tx: Tx, userId: number, otherId: number): Promise<void> {
  const [direct] = await tx.all<Row & { conversation_id: number }>(
    "SELECT conversation_id FROM directs WHERE low_user_id = ? AND high_user_id = ?",
    [Math.min(userId, otherId), Math.max(userId, otherId)],
  );
  if (!direct) return;
  await lockHeads(tx, [direct.conversation_id]);
  const { mine, theirs } = await readPair(tx, userId, otherId);
  for (const pair of [{ mine, theirs }, { mine: theirs, theirs: mine }]) {
    await tx.run("UPDATE members SET can_send = ? WHERE conversation_id = ? AND user_id = ?", [
      standingOf(pair),
      direct.conversation_id,
      pair.mine.user_id,
    ]);
  }
}

/** Whoever has blocked somebody is not put into a group by them. Errors: blocked. */
export async function requireUnblocked(tx: Tx, actorId: number, ids: readonly number[]): Promise<void> {
  const rows = await tx.allIn<Row & { state: State }>(
    "SELECT user_id, other_id, state FROM relations WHERE (user_id, other_id) IN {keys}",
    ids.filter((id) => id !== actorId).map((id) => [id, actorId]),
  );
  if (rows.some(({ state }) => state === State.RELATION_BLOCKED)) throw new ImError("blocked");
}
