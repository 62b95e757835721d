import type { LimitClass } from "../wire/limits.ts";

/** So many calls at once, and after that as many again in so many seconds, evenly. */
export interface RatePolicy {
  quota: number;
  windowS: number;
}

/**
 * Above what a busy person with ten devices or a bot does, below what hurts the others. The same for each user and for
 * each address without a session; docs/operations.md has the table, and a test compares.
 */
export const RATE_POLICIES: Readonly<Record<LimitClass, RatePolicy>> = {
  send: { quota: 1_000, windowS: 20 },
  write: { quota: 400, windowS: 20 },
  heavy: { quota: 60, windowS: 60 },
  hint: { quota: 1_000, windowS: 10 },
  read: { quota: 3_000, windowS: 30 },
  search: { quota: 60, windowS: 12 },
  upload: { quota: 500, windowS: 25 },
  auth: { quota: 600, windowS: 60 },
};

/** All of them so many times as generous. */
export function scaledPolicies(scale: number): Record<LimitClass, RatePolicy> {
  const scaled = Object.entries(RATE_POLICIES).map(([name, { quota, windowS }]) => [name, {
    quota: Math.max(1, Math.round(quota * scale)),
    windowS,
  }]);
  return Object.fromEntries(scaled);
}
