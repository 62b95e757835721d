import assert from "node:assert/strict";
import { openSqlite } from "../sql/sqlite.ts";
import type { Storage } from "../sql/driver.ts";
import { createReadLog } from "./read_log.ts";

/** Three databases whose heads are set by hand: what the choice depends on. */
async function stage() {
  const open = async (name: string, lastSeq: number) => {
    const db = openSqlite(":memory:");
    await db.script(
      "CREATE TABLE heads (conversation_id BIGINT PRIMARY KEY, last_seq BIGINT); CREATE TABLE me (name TEXT)",
    );
    await db.script(`INSERT INTO heads VALUES (1, ${lastSeq}), (2, 0); INSERT INTO me VALUES ('${name}')`);
    return db;
  };
  const [primary, one, two] = await Promise.all([open("primary", 5), open("one", 5), open("two", 5)]);
  const set = (db: Storage, seq: number) =>
    db.transaction((tx) => tx.run("UPDATE heads SET last_seq = ? WHERE conversation_id = 1", [seq]));
  const clock = { ms: 0 };
  const changes: string[] = [];
  const readLog = createReadLog(primary, [one, two], {
    monotonicNow: () => clock.ms,
    onChange: (index, state) => changes.push(`${index} ${state}`),
  });
  const who = async () => await readLog([1, 2], async (db) => (await db.all("SELECT name FROM me"))[0].name);
  const close = () => Promise.all([primary, one, two].map((db) => db.close().catch(() => {})));
  return { primary, one, two, set, clock, changes, who, close };
}

Deno.test("reading a log: replicas that have all of it take turns", async () => {
  const { who, changes, close } = await stage();
  assert.deepEqual([await who(), await who(), await who()], ["one", "two", "one"]);
  assert.deepEqual(changes, []);
  await close();
});

Deno.test("reading a log: one that is an entry behind is not read, and left out until it may have caught up", async () => {
  const { who, set, one, clock, changes, close } = await stage();
  await set(one, 4);
  assert.equal(await who(), "primary");
  assert.deepEqual([await who(), await who()], ["two", "two"]);
  clock.ms += 251;
  await set(one, 5);
  assert.deepEqual([await who(), await who()].sort(), ["one", "two"]);
  assert.deepEqual(changes, ["0 lagging", "0 used"]);
  await close();
});

Deno.test("reading a log: dead replicas cost one failure and then nothing for a while, longer each time", async () => {
  const { who, one, two, clock, changes, close } = await stage();
  let asked = 0;
  for (const db of [one, two]) {
    db.allIn = () => {
      asked++;
      return Promise.reject(new Error("gone"));
    };
  }
  for (let i = 0; i < 10; i++) assert.equal(await who(), "primary");
  assert.equal(asked, 2);
  clock.ms += 1_001;
  for (let i = 0; i < 10; i++) assert.equal(await who(), "primary");
  assert.equal(asked, 4);
  clock.ms += 1_001;
  await who();
  assert.equal(asked, 4, "the pause has doubled");
  assert.deepEqual(changes, ["0 away", "1 away"]);
  await close();
});
