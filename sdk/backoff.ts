export interface Backoff {
  baseMs?: number;
  capMs?: number;
  /** In [0, 1). A parameter, so that a test can replay it. */
  random?: () => number;
}

/**
 * How long to wait before attempt number `attempt` (0 is the first retry): full jitter, so that clients a
 * server lost together do not come back together.
 */
export function backoffMs(
  attempt: number,
  { baseMs = 500, capMs = 15_000, random = Math.random }: Backoff = {},
) {
  return Math.floor(random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30)));
}
