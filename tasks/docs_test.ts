import assert from "node:assert/strict";
import { withTables } from "./docs.ts";

const document = await Deno.readTextFile(new URL("../docs/protocol.md", import.meta.url));

/** `deno fmt` aligns tables and wraps lines; that is no difference. */
const plain = (text: string) => text.replaceAll(/-{3,}/g, "---").replaceAll(/\s+/g, " ");

Deno.test("docs/protocol.md says what wire/ says; `deno task docs` writes it", () => {
  assert.equal(plain(document), plain(withTables(document)));
});

Deno.test("a table that is out of date is noticed, a missing one is an error", () => {
  const stale = document.replace("| `rate_limited`", "| `rate_limit`");
  assert.notEqual(plain(stale), plain(withTables(stale)));
  assert.throws(() => withTables("# nothing"), /has no part/);
});
