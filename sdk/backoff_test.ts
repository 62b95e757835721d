import assert from "node:assert/strict";
import { backoffMs } from "./backoff.ts";

Deno.test("backoffMs: the range doubles from the base up to the cap, and jitter uses all of it", () => {
  const most = (attempt: number) => backoffMs(attempt, { random: () => 0.9999999 });
  assert.deepEqual([0, 1, 2, 5, 1000].map(most), [499, 999, 1999, 14_999, 14_999]);
  assert.equal(backoffMs(5, { random: () => 0 }), 0);
});
