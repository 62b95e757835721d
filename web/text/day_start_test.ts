import assert from "node:assert/strict";
import { dayStart } from "./day_start.ts";

Deno.test("day start: a day begins at midnight where the person is, and ends where the next begins", () => {
  assert.equal(dayStart(""), undefined);
  assert.equal(dayStart("2026-02-28"), new Date(2026, 1, 28).getTime());
  assert.equal(dayStart("2026-02-28", 1), new Date(2026, 2, 1).getTime());
});
