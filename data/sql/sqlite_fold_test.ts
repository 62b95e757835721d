import assert from "node:assert/strict";
import { join } from "node:path";
import { openSqlite } from "./sqlite.ts";
import { foldLog } from "./sqlite_fold.ts";

Deno.test("restore --replace: a crash before the rename leaves the old database with all that was committed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [used, left] = [join(folder, "used.db"), join(folder, "left.db")];
    const storage = openSqlite(used);
    await storage.script("CREATE TABLE said (id INTEGER PRIMARY KEY)");
    await storage.transaction((tx) => tx.insert("said", ["id"], [[1], [2]]));
    // As a server that was killed leaves it: the last commits lie in the log only.
    for (const suffix of ["", "-wal"]) await Deno.copyFile(used + suffix, left + suffix);
    await storage.close();
    assert.ok((await Deno.stat(`${left}-wal`)).size > 0);

    await foldLog(left);
    for (const suffix of ["-wal", "-shm"]) await Deno.remove(left + suffix).catch(() => {});
    const again = openSqlite(left);
    assert.deepEqual((await again.all("SELECT id FROM said")).length, 2);
    await again.close();

    await Deno.writeTextFile(left, "this is no database at all, and has none of its pages");
    await assert.rejects(foldLog(left));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
