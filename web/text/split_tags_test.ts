import assert from "node:assert/strict";
import { splitTags } from "./split_tags.ts";

Deno.test("tags are what stands between commas of either kind, each once", () => {
  assert.deepEqual(splitTags(" work, 家人，work、 climbing club ;; "), ["work", "家人", "climbing club"]);
  assert.deepEqual(splitTags("  "), []);
});
