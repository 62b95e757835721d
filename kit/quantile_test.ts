import assert from "node:assert/strict";
import { quantile } from "./quantile.ts";

Deno.test("quantile: lies in the right bucket, evenly within it; nothing of nothing; never above the last bound", () => {
  const bounds = [1, 2, 4];
  assert.equal(quantile(bounds, [0, 0, 0, 0], 0.5), undefined);
  assert.equal(quantile(bounds, [10, 0, 0, 0], 0.5), 0.5);
  assert.equal(quantile(bounds, [5, 5, 0, 0], 0.5), 1);
  assert.equal(quantile(bounds, [0, 0, 10, 0], 0.99), 3.98);
  assert.equal(quantile(bounds, [98, 0, 2, 0], 0.99), 3);
  assert.equal(quantile(bounds, [1, 0, 0, 9], 0.99), 4);
});
