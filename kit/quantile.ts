/**
 * What a share of the observations lies at or below, by their counts in buckets: within a bucket they are taken to lie
 * evenly. `bounds` rise; the last count is of what is above them all, which is answered with the highest bound.
 * undefined: nothing was observed.
 */
export function quantile(
  bounds: readonly number[],
  counts: readonly number[],
  share: number,
): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let left = share * total;
  for (const [i, bound] of bounds.entries()) {
    const floor = i === 0 ? 0 : bounds[i - 1];
    if (left <= counts[i]) return floor + (bound - floor) * (left / counts[i]);
    left -= counts[i];
  }
  return bounds.at(-1);
}
