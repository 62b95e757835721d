import assert from "node:assert/strict";
import { createLocalData } from "../../data/local/mod.ts";
import { createSearch } from "../../data/local/search/mod.ts";
import type { Place } from "../../data/local/search/index.ts";
import { mysqlIndex } from "../../data/local/search/mysql_index.ts";
import { sqliteIndex } from "../../data/local/search/sqlite_index.ts";
import type { Storage } from "../../data/sql/driver.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { openMysql } from "../../data/sql/mysql.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { createIds } from "../../kit/ids.ts";
import { ImError } from "../../wire/errors.ts";
import { Mariadb } from "../support/mariadb.ts";
import { rejects, START_MS, World } from "./data_world.ts";

/** The index: it may be lost, cut off, or made at two places at once, and then it is as if nothing had happened. */

Deno.test.sanitizer({ ops: true, resources: true });

const server = await Mariadb.start({ fast: true });
Deno.test.afterAll(() => server.remove());

const clock = { nowMs: START_MS };
const now = () => clock.nowMs;
const nextId = createIds(now);

async function open(words: Storage, db: Storage = openSqlite(":memory:")) {
  await migrate(db);
  const search = createSearch(db, { now, words, batch: 7 });
  const world = new World({ data: createLocalData(db, { now, nextId }, { searches: search }), clock });
  const find = async (userId: number, query: string) =>
    (await world.data.searches.messages({ userId, query, types: [], limit: 50 })).hits.length;
  return { db, search, world, find };
}

Deno.test("search index: when it is lost, all of it is made again", async () => {
  const first = openSqlite(":memory:");
  const { db, world, find } = await open(first);
  const [ann, bob] = await world.users(2);
  const direct = await world.direct(ann, bob);
  for (let i = 0; i < 30; i++) await world.say(direct, ann, `word ${i}`);
  assert.equal(await find(bob, "word"), 30);
  await first.close();
  const second = openSqlite(":memory:");
  const again = await open(second, db);
  assert.equal(await again.find(bob, "word"), 30);
  await Promise.all([db.close(), second.close()]);
});

Deno.test("search index: of a store of another epoch it is made anew", async () => {
  const words = openSqlite(":memory:");
  const { db, world, find } = await open(words);
  const [ann, bob] = await world.users(2);
  const direct = await world.direct(ann, bob);
  for (let i = 0; i < 5; i++) await world.say(direct, ann, "word of before");
  assert.equal(await find(bob, "before"), 5);
  // A backup is restored that has another end of the log in place of this one.
  await db.script(
    `UPDATE entries SET body = '{"type":"text","text":"word of after"}' WHERE kind = 'message'`,
  );
  await world.data.log.epoch({ raise: true });
  const again = await open(words, db);
  assert.equal(await again.find(bob, "after"), 5);
  assert.equal((await words.all("SELECT rowid FROM search_words('before')")).length, 0);
  await Promise.all([db.close(), words.close()]);
});

Deno.test("search index: what a crash cuts off is done again, and once", async () => {
  const words = openSqlite(":memory:");
  let dies = false;
  const mortal: Storage = {
    ...words,
    transaction: (work) =>
      words.transaction(async (tx) => {
        const result = await work(tx);
        if (dies) throw new Error("the process was killed before the commit");
        return result;
      }),
  };
  const { db, world, find } = await open(mortal);
  const [ann, bob] = await world.users(2);
  const direct = await world.direct(ann, bob);
  await world.say(direct, ann, "word 0");
  assert.equal(await find(bob, "word"), 1);
  dies = true;
  for (let i = 1; i < 20; i++) await world.say(direct, ann, `word ${i}`);
  await assert.rejects(find(bob, "word"), /killed/);
  dies = false;
  assert.equal(await find(bob, "word"), 20);
  assert.equal((await words.all("SELECT id FROM search_docs")).length, 20);
  await Promise.all([db.close(), words.close()]);
});

Deno.test("search index: nothing of what was recalled or edited can be asked for in it", async () => {
  const words = openSqlite(":memory:");
  const { db, world, find } = await open(words);
  const [ann, bob] = await world.users(2);
  const direct = await world.direct(ann, bob);
  const { seq } = await world.say(direct, ann, "indiscreet");
  assert.equal(await find(bob, "indiscreet"), 1);
  await world.data.log.change({
    conversationId: direct,
    actorId: ann,
    seq,
    change: { $case: "recall", recall: { windowMs: 1_000 } },
  });
  assert.equal(await find(bob, "indiscreet"), 0);
  assert.equal((await words.all("SELECT rowid FROM search_words('indiscreet')")).length, 0);
  assert.equal((await words.all("SELECT id FROM search_docs")).length, 0);
  await Promise.all([db.close(), words.close()]);
});

Deno.test("search index: two dbproxies index one database at once, nothing double and nothing missing", async () => {
  const url = await server.database();
  const [one, two] = [openMysql(url), openMysql(url)];
  const [left, right] = [await open(one, one), await open(two, two)];
  const [ann, bob] = await left.world.users(2);
  const groups = await Promise.all(Array.from({ length: 6 }, () => left.world.group(ann, bob)));
  const say = async (part: number) => {
    for (let i = 0; i < 40; i++) {
      const world = part === 0 ? left.world : right.world;
      await world.say(groups[(i + part) % 6], part === 0 ? ann : bob, `word of ${part}`, `${part}-${i}`);
    }
  };
  const index = async ({ search }: typeof left) => {
    for (let i = 0; i < 60; i++) await search.catchUp(1_000);
  };
  await Promise.all([say(0), say(1), index(left), index(right)]);
  for (const { search, find } of [left, right]) {
    assert.equal(await search.catchUp(5_000), true);
    assert.equal(await find(bob, "word 0"), 40);
    assert.equal(await find(ann, "word 1"), 40);
  }
  const docs = await one.all<{ n: number }>("SELECT COUNT(*) AS n FROM search_docs");
  assert.equal(docs[0].n, 80);
  const behind = await one.all(
    `SELECT h.conversation_id FROM heads h JOIN conversations c ON c.id = h.conversation_id
     LEFT JOIN search_positions p ON p.conversation_id = c.id WHERE COALESCE(p.seq, 0) <> h.last_seq`,
  );
  assert.deepEqual(behind, []);
  await Promise.all([one.close(), two.close()]);
});

Deno.test("search index: an index that cannot be reached is unavailable, and sending goes on", async () => {
  const words = openSqlite(":memory:");
  const { db, world } = await open(words);
  const [ann, bob] = await world.users(2);
  const direct = await world.direct(ann, bob);
  await words.close();
  await assert.rejects(world.data.searches.messages({ userId: ann, query: "word", types: [], limit: 1 }));
  assert.equal((await world.say(direct, ann, "word")).seq, 1);
  await rejects(
    "invalid_params",
    world.data.searches.messages({ userId: ann, query: "?", types: [], limit: 1 }),
  );
  await db.close();
});

Deno.test("search index: of several processes one indexes unasked, and another when that one is silent", async () => {
  const db = openMysql(await server.database());
  await migrate(db);
  const [one, two] = [mysqlIndex(db), mysqlIndex(db)];
  assert.deepEqual([await one.leads(1_000), await two.leads(1_000)], [true, false]);
  assert.deepEqual([await one.leads(8_000), await two.leads(12_000)], [true, false]);
  assert.deepEqual([await two.leads(60_000), await one.leads(60_000)], [true, false]);
  await db.close();
});

Deno.test("search index: looking through what others say finds the same as asking for one's conversations", async () => {
  const db = openSqlite(":memory:");
  const ways = [{}, { maxSteps: 0 }, { maxSteps: 0, atATime: 2, manyAtATime: 3 }].map((one) =>
    sqliteIndex(db, one)
  );
  await ways[0].open(1);
  const docs = Array.from({ length: 100 }, (_, i) => ({
    conversationId: 1 + i % 7,
    seq: 1 + i,
    senderId: 1 + i % 3,
    at: START_MS + Math.floor(i / 3),
    type: i % 5 ? "text" : "file",
    words: i % 4 ? ["word", "common"] : ["other"],
  }));
  const positions = new Map(docs.map(({ conversationId }) => [conversationId, { from: 0, to: 100 }]));
  await ways[0].write({ positions, docs, gone: [] });
  const wanted = {
    words: ["word"],
    userId: 1,
    conversationIds: [2, 5],
    size: 1_000,
    types: ["text"],
    from: 0,
    to: 2e15,
  };
  const expected = docs.filter(({ conversationId, words, type }) =>
    [2, 5].includes(conversationId) && words.includes("word") && type === "text"
  ).map(({ seq }) => seq).reverse();
  assert.ok(expected.length > 10);
  for (const index of ways) {
    const seen: number[] = [];
    let before: Place | undefined;
    do {
      const { places, next } = await index.find(wanted, before, 4);
      assert.ok(places.length <= 4);
      seen.push(...places.map(({ seq }) => seq));
      before = next;
    } while (before);
    assert.deepEqual(seen, expected);
  }
  await db.close();
});

Deno.test("search index: what MySQL does not find in its time is refused, and anything else is not hidden", async () => {
  const wanted = { words: ["the"], userId: 1, conversationIds: [1], size: 1, types: [], from: 0, to: 2e15 };
  const failing = (message: string) => {
    const all = () => Promise.reject(new ImError("unavailable", message));
    return mysqlIndex({ all } as unknown as Storage).find(wanted, undefined, 1);
  };
  await rejects("too_large", failing("Query execution was interrupted (max_statement_time exceeded)"));
  await rejects(
    "too_large",
    failing("Query execution was interrupted, maximum statement execution time exceeded"),
  );
  await rejects("unavailable", failing("connect ECONNREFUSED"));
});
