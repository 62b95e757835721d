import assert from "node:assert/strict";
import { sparkPath } from "./sparkline.tsx";

Deno.test("sparkline: the newest value is at the right, the highest at the top, and rest is at the bottom", () => {
  assert.equal(sparkPath([0, 0], 3), "M60.0 30.0L120.0 30.0");
  assert.equal(sparkPath([0, 5, 10], 3), "M0.0 30.0L60.0 16.0L120.0 2.0");
  assert.equal(sparkPath([7], 90), "M120.0 2.0");
  assert.equal(sparkPath([], 90), "");
});
