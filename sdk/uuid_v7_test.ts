import assert from "node:assert/strict";
import { uuidV7 } from "./uuid_v7.ts";

Deno.test("uuidV7: RFC 9562 form, and the time in front", () => {
  const now = Date.now() + 60_000;
  const id = uuidV7(now);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(parseInt(id.replaceAll("-", "").slice(0, 12), 16), now);
});

Deno.test("uuidV7: ids sort in the order they were made, within a millisecond and when the clock runs back", () => {
  const ids = Array.from({ length: 10_000 }, (_, i) => uuidV7(1_900_000_000_000 - (i % 7)));
  assert.deepEqual(ids, [...ids].sort());
  assert.equal(new Set(ids).size, ids.length);
});
