import type { Tx } from "../sql/driver.ts";

const HOUR_MS = 3_600_000;

export const hourOf = (at: number): number => Math.floor(at / HOUR_MS);

/**
 * Notes that something happened in a conversation for these users, unless that was noted in this hour already:
 * `lastAt` is when something last happened there. So a busy conversation costs two rows an hour, not two a message.
 */
export async function touch(
  tx: Tx,
  conversationId: number,
  userIds: readonly number[],
  { at, lastAt }: { at: number; lastAt: number },
): Promise<void> {
  if (hourOf(at) === hourOf(lastAt)) return;
  await touchAlways(tx, userIds.map((userId) => [userId, conversationId, at]));
}

/** The same without the question; noting twice is harmless. */
export async function touchAlways(
  tx: Tx,
  touches: readonly (readonly [userId: number, conversationId: number, at: number])[],
): Promise<void> {
  // In one order, so that two transactions that note the same never wait for each other.
  const rows = touches.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]).map((
    [userId, conversationId, at],
  ) => [userId, hourOf(at), conversationId]);
  await tx.insertMissing("touched", ["user_id", "hour", "conversation_id"], rows);
}
