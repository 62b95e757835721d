import assert from "node:assert/strict";
import { lengthText } from "./length_text.ts";

Deno.test("a length is told as on a clock", () => {
  assert.deepEqual([0, 7_999, 65_000, 3_600_000, 3_661_000].map(lengthText), [
    "0:00",
    "0:07",
    "1:05",
    "1:00:00",
    "1:01:01",
  ]);
});
