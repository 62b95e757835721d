import assert from "node:assert/strict";
import { middle } from "./square_of.ts";

Deno.test("the largest square is taken from the middle of a picture", () => {
  assert.deepEqual(middle(300, 100), { left: 100, top: 0, side: 100 });
  assert.deepEqual(middle(100, 301), { left: 0, top: 100, side: 100 });
  assert.deepEqual(middle(64, 64), { left: 0, top: 0, side: 64 });
});
