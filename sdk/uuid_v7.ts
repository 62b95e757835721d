let lastMs = 0;
let counter = 0;

/**
 * A UUID version 7 (RFC 9562): 48 bits of milliseconds, then a 12-bit counter so that ids made within one
 * millisecond, or while the clock stands or runs back, still sort in the order they were made.
 * Servers index them well because neighbours in time are neighbours in the index.
 */
export function uuidV7(now: number = Date.now()): string {
  if (now > lastMs) {
    lastMs = now;
    counter = 0;
  } else if (++counter > 0xfff) {
    // The counter is spent, so the id borrows the next millisecond.
    lastMs++;
    counter = 0;
  }
  const random = crypto.getRandomValues(new Uint8Array(8));
  random[0] = (random[0] & 0x3f) | 0x80;
  const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const time = lastMs.toString(16).padStart(12, "0");
  const low = (0x7000 | counter).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${low}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
