import type { Tx } from "../sql/driver.ts";

const SLOT_MS = 5_000;
/** What happens to a log's place in the list of those that moved: `now` is the clock's, `lastAt` its last entry's. */
export interface Move {
  logId: number;
  now: number;
  lastAt: number;
}

/**
 * Notes that a log got an entry, unless its last one was noted in the same slot: a busy log costs one row in
 * five seconds. Where a clock has stepped back it is noted each time, which is harmless.
 */
export async function noteMoved(tx: Tx, moves: readonly Move[]): Promise<void> {
  const slots = moves.filter(({ now, lastAt }) => slotOf(now) !== slotOf(lastAt))
    .sort((a, b) => a.logId - b.logId);
  await tx.insertMissing("moved", ["slot", "log_id"], slots.map(({ logId, now }) => [slotOf(now), logId]));
}

export const slotOf = (at: number) => Math.floor(at / SLOT_MS);
