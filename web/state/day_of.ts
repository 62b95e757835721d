const DAY_MS = 24 * 3600 * 1000;

/** The number of the local day a time falls on. Days are counted in UTC so that no summer time shortens one. */
export function dayOf(at: number): number {
  const date = new Date(at);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS);
}
