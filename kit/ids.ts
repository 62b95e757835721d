/** 2025-01-01T00:00Z: ids count from here, so that 41 bits of milliseconds last until 2094. */
const EPOCH_MS = 1_735_689_600_000;
const PER_MS = 4096;

/**
 * Makes ids: 41 bits of milliseconds, then 12 bits that start at random in each millisecond and count up.
 * They fit a JavaScript number (53 bits), sort by time, so that tables grow at their end, and need no
 * coordinator. Two processes can meet on the same id in the same millisecond (about 1 in 4,096 then): who
 * stores one does so under a primary key and takes the next id on a conflict.
 */
export function createIds(now: () => number, random: () => number = Math.random): () => number {
  let atMs = 0;
  let start = 0;
  let used = 0;
  return () => {
    const nowMs = now();
    if (nowMs > atMs || used === PER_MS) {
      // With 4,096 ids in one millisecond the next one is borrowed, as it is when the clock steps back.
      atMs = Math.max(nowMs, used === PER_MS ? atMs + 1 : atMs);
      start = Math.floor(random() * PER_MS);
      used = 0;
    }
    return (atMs - EPOCH_MS) * PER_MS + (start + used++) % PER_MS;
  };
}
