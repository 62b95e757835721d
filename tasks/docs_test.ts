import assert from "node:assert/strict";
import { ENTRY_KINDS, INBOX_KINDS } from "../wire/entries.ts";
import { Entry, InboxEntry } from "../wire/schemas.ts";
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

Deno.test("every kind of entry has a row, and one only", () => {
  for (const [schema, kinds] of [[Entry, ENTRY_KINDS], [InboxEntry, INBOX_KINDS]] as const) {
    assert.deepEqual(Object.keys(kinds), schema.shape.kind.options);
  }
  for (const kind of [...Entry.shape.kind.options, ...InboxEntry.shape.kind.options]) {
    assert.equal(document.split(`\n| \`${kind}\` `).length, 2, kind);
  }
});
