/**
 * Rendezvous hashing (highest random weight): of those that are there, each key has one that it goes to. When
 * one leaves, only its keys move; when it comes back, only they return.
 */
export function highest<T extends { seed: number }>(key: number, candidates: readonly T[]): T | undefined {
  let best: T | undefined;
  let bestWeight = -1;
  for (const candidate of candidates) {
    const weight = weigh(candidate.seed, key);
    if (weight > bestWeight) [best, bestWeight] = [candidate, weight];
  }
  return best;
}

/** FNV-1a of a name, by its UTF-16 units. All gateways must find the same. */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return mix(hash);
}

/** Keys are whole numbers up to 2^53 - 1: both halves count. */
function weigh(seed: number, key: number): number {
  return mix(mix(seed ^ (key >>> 0)) ^ Math.floor(key / 2 ** 32)) >>> 0;
}

/** The finalizer of MurmurHash3: every bit of the input moves every bit of the output. */
function mix(value: number): number {
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return value ^ (value >>> 16);
}
