import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { ImError } from "../../wire/errors.ts";
import { UniqueViolation } from "./driver.ts";
import { openSqlite } from "./sqlite.ts";

/** What is SQLite's own; what every storage must do is in tests/contract/storage_cases.ts. */

Deno.test.sanitizer({ ops: true, resources: true });

const isUnavailable = (error: unknown) => error instanceof ImError && error.code === "unavailable";

/** A database of one table in a file that goes with the test. */
async function withFile(body: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "imserver-sqlite-" });
  try {
    const db = openSqlite(`${folder}/test.db`);
    await db.script("CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT NOT NULL DEFAULT '') STRICT");
    await db.close();
    await body(`${folder}/test.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("sqlite: a database that another process keeps locked is unavailable in the end, and the thread goes on", () =>
  withFile(async (path) => {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const db = openSqlite(path, { busyTimeoutMs: 200 });
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    const started = performance.now();
    await assert.rejects(db.transaction((tx) => tx.run("DELETE FROM t")), isUnavailable);
    await assert.rejects(db.script("DELETE FROM t"), isUnavailable);
    clearInterval(timer);
    assert.ok(performance.now() - started >= 400);
    assert.ok(turns > 10, `the thread had ${turns} turns while the storage waited`);
    assert.deepEqual(await db.all("SELECT id FROM t"), [], "reads do not wait for writers");
    other.close();
    assert.equal(await db.transaction((tx) => tx.run("INSERT INTO t (id) VALUES (1)")), 1);
    await db.close();
  }));

Deno.test("sqlite: a lock that goes in time only delays", () =>
  withFile(async (path) => {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const db = openSqlite(path);
    const write = db.transaction((tx) => tx.run("INSERT INTO t (id) VALUES (1)"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    other.exec("INSERT INTO t (id) VALUES (2)");
    other.exec("COMMIT");
    assert.equal(await write, 1);
    assert.equal((await db.all("SELECT id FROM t")).length, 2);
    other.close();
    await db.close();
  }));

Deno.test("sqlite: a full disk is unavailable, whatever SQLite has rolled back by itself", () =>
  withFile(async (path) => {
    const db = openSqlite(path);
    const fill = () =>
      db.transaction(async (tx) => {
        await tx.all("PRAGMA max_page_count = 20");
        for (let id = 1; id < 100; id++) await tx.insert("t", ["id", "body"], [[id, "x".repeat(4096)]]);
      });
    await assert.rejects(fill(), isUnavailable);
    await assert.rejects(fill(), isUnavailable);
    assert.deepEqual(await db.all("SELECT id FROM t"), []);
    assert.equal(await db.transaction((tx) => tx.run("INSERT INTO t (id) VALUES (1)")), 1);
    await db.close();
  }));

Deno.test("sqlite: the error that ended a transaction comes out, also when SQLite rolled back by itself", async () => {
  const db = openSqlite(":memory:");
  await db.script("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  await db.transaction((tx) => tx.insert("t", ["id"], [[1]]));
  const again = db.transaction(async (tx) => {
    await tx.insert("t", ["id"], [[2]]);
    await tx.run("INSERT OR ROLLBACK INTO t (id) VALUES (1)");
  });
  await assert.rejects(again, UniqueViolation);
  assert.deepEqual((await db.all("SELECT id FROM t")).map(({ id }) => id), [1]);
  await db.close();
});

Deno.test("sqlite: more statement texts than are kept still work, in and out of order", async () => {
  const db = openSqlite(":memory:");
  const ask = async (n: number) => assert.equal((await db.all(`SELECT ${n} AS n`))[0].n, n);
  for (let n = 0; n < 700; n++) await ask(n);
  for (const n of [0, 299, 300, 301, 699, 0]) await ask(n);
  await db.close();
});

Deno.test("sqlite: a file that cannot be opened throws and keeps nothing open", () => {
  assert.throws(() => openSqlite("/nonexistent/folder/test.db"), /unable to open/);
});
