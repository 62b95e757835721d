import assert from "node:assert/strict";
import { createIds } from "./ids.ts";

Deno.test("ids are unique within a millisecond, past 4,096 of them and when the clock steps back", () => {
  let nowMs = 1_800_000_000_000;
  const next = createIds(() => nowMs);
  const seen = new Set<number>();
  for (let i = 0; i < 10_000; i++) seen.add(next());
  nowMs -= 5_000;
  for (let i = 0; i < 10_000; i++) seen.add(next());
  assert.equal(seen.size, 20_000);
  for (const id of seen) assert.ok(Number.isSafeInteger(id) && id > 0);
});

Deno.test("a later millisecond's ids are greater, and the last day of the 41 bits still fits", () => {
  let nowMs = 1_800_000_000_000;
  const next = createIds(() => nowMs, () => 0.999);
  const early = next();
  nowMs += 1;
  assert.ok(next() > early);
  nowMs = 1_735_689_600_000 + 2 ** 41 - 1;
  assert.ok(Number.isSafeInteger(next()));
});
