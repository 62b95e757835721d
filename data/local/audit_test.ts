import assert from "node:assert/strict";

Deno.test("no statement changes or deletes a line of the audit log", async () => {
  const rooms = ["data/local", "data/sql", "migrations"];
  let inserts = 0;
  for (const room of rooms) {
    const folder = new URL(`../../${room}/`, import.meta.url);
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile || name.endsWith("_test.ts")) continue;
      const code = await Deno.readTextFile(new URL(name, folder));
      assert.doesNotMatch(code, /(?:UPDATE|DELETE\s+FROM|REPLACE\s+INTO|TRUNCATE)\s+audit\b/i, name);
      assert.doesNotMatch(code, /(?:upsert|insertMissing)\(\s*"audit"/, name);
      inserts += code.match(/insert\(\s*"audit"/g)?.length ?? 0;
    }
  }
  assert.equal(inserts, 1, "and one adds them");
});
