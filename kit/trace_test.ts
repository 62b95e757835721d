import assert from "node:assert/strict";
import { currentTraceparent, inTrace, isTraceparent } from "./trace.ts";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Deno.test("trace: it goes with the work, over everything that is waited for, and no further", async () => {
  const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  const other = TRACE.replace("0af7", "1111");
  const seen = async () => {
    await wait();
    return currentTraceparent();
  };
  const answers = await Promise.all([inTrace(TRACE, seen), inTrace(other, seen), inTrace(undefined, seen)]);
  assert.deepEqual(answers, [TRACE, other, undefined]);
  assert.equal(currentTraceparent(), undefined);
});

Deno.test("trace: what is no traceparent is none", () => {
  assert.ok(isTraceparent(TRACE));
  const wrong = [
    "",
    TRACE.toUpperCase(),
    TRACE + "-00",
    "ff" + TRACE.slice(2),
    TRACE.replace("0af7651916cd43dd8448eb211c80319c", "0".repeat(32)),
    TRACE.replace("b7ad6b7169203331", "0".repeat(16)),
    7,
    null,
  ];
  for (const value of wrong) assert.ok(!isTraceparent(value), String(value));
  assert.equal(inTrace("nonsense", currentTraceparent), undefined);
});
