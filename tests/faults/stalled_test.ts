import assert from "node:assert/strict";
import { stalled } from "../../bench/stalled.ts";

Deno.test("of a crowd those who stop reading are cut off, and the others get everything in order", async () => {
  // It throws when a reader misses a message, gets one twice or out of order, or is cut off with them.
  const { lastCutS, firstCutS, rssGrowthMiB } = await stalled({
    pairs: 10,
    socketsEach: 9,
    stalled: 20,
    messagesPerSecond: 100,
    seconds: 20,
  });
  assert.ok(firstCutS > 5, `not at once: ${firstCutS} s`);
  assert.ok(lastCutS < 45, `all of them: ${lastCutS} s`);
  assert.ok(rssGrowthMiB < 250, `it grew by ${rssGrowthMiB} MiB`);
});
