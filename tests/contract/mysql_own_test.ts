import assert from "node:assert/strict";
import { migrate } from "../../data/sql/migrate.ts";
import { openMysql } from "../../data/sql/mysql.ts";
import { type ErrorCode, ImError } from "../../wire/errors.ts";
import { MIGRATIONS } from "../../migrations/mod.ts";
import { Mariadb } from "../support/mariadb.ts";

/** What is MySQL's own; what every storage must do is in storage_cases.ts. */

Deno.test.sanitizer({ ops: true, resources: true });

const server = await Mariadb.start();
Deno.test.afterAll(() => server.remove());

const failsWith = (code: ErrorCode) => (error: unknown) => error instanceof ImError && error.code === code;
const TABLE = "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL)";

Deno.test("mysql: two transactions that lock in opposite orders deadlock, and both are stored", async () => {
  const url = await server.database();
  const db = openMysql(url);
  await db.script(TABLE);
  await db.transaction((tx) => tx.insert("t", ["id", "n"], [[1, 0], [2, 0]]));
  let runs = 0;
  const both = new Set<number>();
  const add = (first: number, second: number) =>
    db.transaction(async (tx) => {
      runs++;
      await tx.run("UPDATE t SET n = n + 1 WHERE id = ?", [first]);
      both.add(first);
      // Both hold one row before either asks for the other's.
      while (both.size < 2) await new Promise((resolve) => setTimeout(resolve, 1));
      await tx.run("UPDATE t SET n = n + 1 WHERE id = ?", [second]);
    });
  await Promise.all([add(1, 2), add(2, 1)]);
  assert.deepEqual((await db.all("SELECT n FROM t")).map((row) => row.n), [2, 2]);
  assert.ok(runs > 2, "no deadlock happened, so nothing was tested");
  await db.close();
});

Deno.test("mysql: a statement beyond its time limit is unavailable, and the connection goes on", async () => {
  const db = openMysql(await server.database(), { statementTimeoutMs: 300, maxConnections: 1 });
  await assert.rejects(
    db.all("SELECT SUM(SQRT(seq)) AS n FROM seq_1_to_3000000000"),
    failsWith("unavailable"),
  );
  assert.equal((await db.all("SELECT 1 AS one"))[0].one, 1);
  await db.close();
});

Deno.test("mysql: with every connection busy a call waits so long and no longer, and then is overloaded", async () => {
  const db = openMysql(await server.database(), { maxConnections: 1, acquireTimeoutMs: 200 });
  const gate = Promise.withResolvers<void>();
  const holder = db.transaction(() => gate.promise);
  const started = performance.now();
  await assert.rejects(db.all("SELECT 1"), failsWith("overloaded"));
  const waited = performance.now() - started;
  assert.ok(waited >= 190 && waited < 2_000, `${waited} ms`);
  const waiting = Array.from({ length: 300 }, () => db.all("SELECT 1"));
  const outcomes = await Promise.allSettled(waiting);
  assert.ok(outcomes.every(({ status }) => status === "rejected"));
  gate.resolve();
  await holder;
  assert.equal((await db.all("SELECT 1 AS one"))[0].one, 1);
  await db.close();
});

Deno.test("mysql: connections that were cut while they rested are not noticed by anyone", async () => {
  const db = openMysql(await server.database());
  await db.script(TABLE);
  const touch = (id: number) => db.transaction((tx) => tx.insert("t", ["id", "n"], [[id, 0]]));
  await Promise.all([1, 2, 3].map(touch));
  const [{ ids }] = await server.query<{ ids: string }>(
    "SELECT GROUP_CONCAT(id) AS ids FROM information_schema.processlist WHERE id <> CONNECTION_ID()",
  );
  for (const id of ids.split(",")) await server.query(`KILL ${id}`);
  await Promise.all([4, 5, 6].map(touch));
  assert.equal((await db.all("SELECT COUNT(*) AS n FROM t"))[0].n, 6);
  await db.close();
});

Deno.test("mysql: a server that became read-only is unavailable, and is asked anew when it no longer is", async () => {
  const url = await server.database();
  await server.query("CREATE USER plain@127.0.0.1 IDENTIFIED BY 'p@ss/word'");
  await server.query("GRANT ALL ON *.* TO plain@127.0.0.1");
  await server.query("REVOKE SUPER, READ ONLY ADMIN ON *.* FROM plain@127.0.0.1");
  const db = openMysql(url.replace("root@", "plain:p%40ss%2Fword@"));
  await db.script(TABLE);
  const write = (id: number) => db.transaction((tx) => tx.insert("t", ["id", "n"], [[id, 0]]));
  await write(1);
  await server.query("SET GLOBAL read_only = 1");
  await assert.rejects(write(2), failsWith("unavailable"));
  await server.query("SET GLOBAL read_only = 0");
  await write(3);
  assert.equal((await db.all("SELECT COUNT(*) AS n FROM t"))[0].n, 2);
  await db.close();
});

Deno.test("mysql: reads that are asked at once share connections, and one that fails does so alone", async () => {
  const url = await server.database();
  const db = openMysql(url, { maxConnections: 4 });
  await db.script(TABLE);
  await db.transaction((tx) => tx.insert("t", ["id", "n"], [[1, 10], [2, 20], [3, 30]]));
  const id = "SELECT CONNECTION_ID() AS n";
  const asked = Array.from({ length: 12 }, () => db.all<{ n: number }>(id));
  const connections = (await Promise.all(asked)).map(([{ n }]) => n);
  assert.equal(new Set(connections).size, 1, "a dozen reads went apart");
  const wrong = db.all("SELECT nothing FROM t").then(() => "answered", (error) => error.errno);
  const keys = [[1], [3]];
  const [none, few, failed, one] = await Promise.all([
    db.all("SELECT n FROM t WHERE id > ?", [3]),
    db.allIn<{ n: number }>("SELECT n FROM t WHERE id IN {keys} ORDER BY id", keys),
    wrong,
    db.all<{ n: number }>("SELECT n FROM t WHERE id = ?", [2]),
  ]);
  assert.deepEqual([none, few.map(({ n }) => n), failed, one.map(({ n }) => n)], [[], [10, 30], 1054, [20]]);
  assert.deepEqual(await db.allIn("SELECT n FROM t WHERE id IN {keys}", []), []);
  await db.close();
});

Deno.test("mysql: where nobody listens a call is unavailable, says when to come back, and tells no password", async () => {
  const db = openMysql("mysql://root:secret@127.0.0.1:1/im");
  await assert.rejects(db.all("SELECT 1"), (error: ImError) => {
    assert.equal(error.code, "unavailable");
    assert.ok(error.details.retryAfterMs! > 0);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
  await db.close();
});

Deno.test("mysql: a migration that was cut off in the middle is finished by the next run", async () => {
  const url = await server.database();
  const db = openMysql(url);
  await migrate(db);
  const whole = await schemaOf(url);
  // As if the process had died after the second table of the second step, and after the column of the third.
  await db.script("DELETE FROM migrations WHERE id > 1; DROP TABLE store");
  const { applied } = await migrate(db);
  assert.deepEqual(applied, MIGRATIONS.slice(1).map(({ name }) => name));
  assert.deepEqual(await schemaOf(url), whole);
  assert.equal((await db.all("SELECT COUNT(*) AS n FROM store"))[0].n, 1);
  await db.close();
});

Deno.test("mysql: a database with somebody else's tables is refused before anything is made", async () => {
  const url = await server.database();
  const db = openMysql(url);
  await db.script("CREATE TABLE users (id INT PRIMARY KEY)");
  await assert.rejects(migrate(db), {
    message: 'the database has a table "users" that imserver did not make',
  });
  assert.equal((await schemaOf(url)).length, 1);
  await db.close();
});

Deno.test("mysql: every table is InnoDB and tells texts apart by every character", async () => {
  const url = await server.database();
  const db = openMysql(url);
  await migrate(db);
  const rows = await db.all(
    `SELECT DISTINCT engine, table_collation FROM information_schema.tables WHERE table_schema = DATABASE()`,
  );
  assert.deepEqual(rows.map((row) => Object.values(row)), [["InnoDB", "utf8mb4_nopad_bin"]]);
  await db.close();
});

async function schemaOf(url: string): Promise<unknown[]> {
  return await server.query(
    `SELECT table_name, column_name, column_type, column_key FROM information_schema.columns
     WHERE table_schema = '${new URL(url).pathname.slice(1)}' ORDER BY 1, ordinal_position`,
  );
}
