import assert from "node:assert/strict";
import { tellBreaker } from "./states.ts";

Deno.test("states: a breaker that tries again and again is told of twice: open is bad news, closed is good", () => {
  const lines: string[] = [];
  const note = (level: string) => (message: string, fields = {}) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const tell = tellBreaker({ info: note("info"), warn: note("warn") }, "shared");
  for (const state of ["open", "half-open", "open", "half-open", "open", "half-open", "closed"] as const) {
    tell(state);
  }
  assert.deepEqual(lines, [
    'warn redis breaker {"of":"shared","state":"open"}',
    'info redis breaker {"of":"shared","state":"closed"}',
  ]);
  tell("open");
  assert.equal(lines.length, 3, "the next time is news again");
});
