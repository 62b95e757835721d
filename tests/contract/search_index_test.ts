import assert from "node:assert/strict";
import { createLocalData } from "../../data/local/mod.ts";
import { createSearch } from "../../data/local/search/mod.ts";
import type { Place, SearchIndex } from "../../data/local/search/index.ts";
import { mysqlIndex } from "../../data/local/search/mysql_index.ts";
import { sqliteIndex } from "../../data/local/search/sqlite_index.ts";
import type { Storage } from "../../data/sql/driver.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { openMysql } from "../../data/sql/mysql.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { createIds } from "../../kit/ids.ts";
import { ImError } from "../../wire/errors.ts";
import { Mariadb } from "../support/mariadb.ts";
import { type Change, edit, recall } from "./data_changes.ts";
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

/** What three people say, and take back; in the end one's account is deleted and erased. The index follows each step. */
async function tellALife({ world, search }: Awaited<ReturnType<typeof open>>): Promise<void> {
  const [ann, bob, carl] = await world.users(3);
  const [group, direct] = [await world.group(bob, ann, carl), await world.direct(ann, bob)];
  const steps: (() => Promise<unknown>)[] = [];
  for (const place of [group, direct]) {
    for (const text of ["kept", "first", "taken back", "edited and taken back"]) {
      steps.push(() => world.say(place, ann, `${text} 文`));
    }
    const act = async (text: string, change: Change) => {
      const { entries } = await world.data.log.read({
        conversationId: place,
        userId: ann,
        after: 0,
        limit: 99,
      });
      const { seq } = entries.find(({ body }) => body.includes(`"${text} 文"`))!;
      await world.data.log.change({ conversationId: place, actorId: ann, seq, change });
    };
    steps.push(() => act("first", edit("second")));
    steps.push(() => act("edited and taken back", edit("worse")));
    steps.push(() => act("taken back", recall()), () => act("edited and taken back", recall()));
  }
  const { hash: oldHash } = await world.data.profiles.passwordHash({ userId: ann });
  steps.push(() => world.data.profiles.delete({ userId: ann, oldHash, keepUntil: world.clock.nowMs }));
  for (let i = 0; i < 20; i++) steps.push(() => world.data.profiles.erase({ userId: ann }));
  for (const step of steps) {
    await step();
    assert.equal(await search.catchUp(5_000), true);
    world.clock.nowMs += 1_000;
  }
  assert.equal((await world.data.profiles.erase({ userId: ann })).done, true);
  const found = async (query: string) =>
    (await world.data.searches.messages({ userId: bob, query, types: [], limit: 50 })).hits.length;
  assert.deepEqual([await found("kept"), await found("second")], [2, 2]);
  for (const gone of ["first", "taken", "worse", "edited"]) assert.equal(await found(gone), 0, gone);
}

Deno.test("search index: whatever was taken back, and after the end of an account, it has the words that the log has and no others", async () => {
  const [followed, remade] = [openSqlite(":memory:"), openSqlite(":memory:")];
  const life = await open(followed);
  await tellALife(life);
  const words = async (db: Storage) => {
    await db.script(`INSERT INTO search_words (search_words) VALUES ('optimize');
      CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, search_words, row)`);
    return await db.all("SELECT term, doc FROM temp.vocabulary ORDER BY term");
  };
  assert.equal(await createSearch(life.db, { now, words: remade }).catchUp(5_000), true);
  const all = await words(followed);
  assert.ok(all.some(({ term }) => term === "second") && all.length > 10);
  assert.deepEqual(all, await words(remade));
  await Promise.all([life.db.close(), followed.close(), remade.close()]);
});

Deno.test("search index: and so on MySQL", async () => {
  const db = openMysql(await server.database());
  const life = await open(db, db);
  await tellALife(life);
  const words = () =>
    db.all("SELECT conversation_id, seq, words FROM search_docs ORDER BY conversation_id, seq");
  const followed = await words();
  assert.equal(followed.length, 4);
  await db.script("TRUNCATE search_docs");
  await db.script("TRUNCATE search_positions");
  assert.equal(await createSearch(db, { now }).catchUp(5_000), true);
  assert.deepEqual(await words(), followed);
  await db.close();
});

const LOOKED_FOR = {
  words: ["word"],
  userId: 1,
  conversationIds: [2, 5],
  size: 1_000,
  types: ["text"],
  from: 0,
  to: 2e15,
};
/** A hundred messages in seven conversations, three in a millisecond. */
const DOCS = Array.from({ length: 100 }, (_, i) => ({
  conversationId: 1 + i % 7,
  seq: 1 + i,
  senderId: 1 + i % 3,
  at: START_MS + Math.floor(i / 3),
  type: i % 5 ? "text" : "file",
  words: i % 4 ? ["word", "common"] : ["other"],
}));

/** Every way finds the same, by pages of four. */
async function findsTheSame(ways: readonly SearchIndex[]): Promise<void> {
  await ways[0].open(1);
  const positions = new Map(DOCS.map(({ conversationId }) => [conversationId, { from: 0, to: 100 }]));
  await ways[0].write({ positions, docs: DOCS, gone: [] });
  for (const conversationIds of [[2, 5], [5]]) {
    const expected = DOCS.filter(({ conversationId, words, type }) =>
      conversationIds.includes(conversationId) && words.includes("word") && type === "text"
    ).map(({ seq }) => seq).reverse();
    assert.ok(expected.length > 5);
    for (const [i, index] of ways.entries()) {
      const seen: number[] = [];
      let before: Place | undefined;
      do {
        const { places, next } = await index.find({ ...LOOKED_FOR, conversationIds }, before, 4);
        assert.ok(places.length <= 4);
        seen.push(...places.map(({ seq }) => seq));
        before = next;
      } while (before);
      assert.deepEqual(seen, expected, `way ${i}`);
    }
  }
}

Deno.test("search index: looking through what others say finds the same as asking for one's conversations", async () => {
  const db = openSqlite(":memory:");
  await findsTheSame(
    [{}, { maxSteps: 0 }, { maxSteps: 0, atATime: 2, manyAtATime: 3 }].map((one) => sqliteIndex(db, one)),
  );
  await db.close();
});

Deno.test("search index: on MySQL looking through the newest finds the same as FULLTEXT, also where that takes too long", async () => {
  const url = await server.database();
  const db = openMysql(url);
  await migrate(db);
  const members = [2, 5].map((id) => [id, 1, 0, 1, START_MS, 1, 1]);
  const columns = ["conversation_id", "user_id", "role", "can_send", "joined_at", "first_seq", "is_group"];
  await db.transaction((tx) => tx.insert("members", columns, members));
  let asked = 0;
  const hurried = openMysql(url, { statementTimeoutMs: 20 });
  const slow: Storage = {
    ...db,
    all: (sql, values) => {
      if (!sql.includes("AGAINST")) return db.all(sql, values);
      asked++;
      // Once as MySQL says it, and once as this MariaDB does.
      if (asked % 2) return Promise.reject(new ImError("unavailable", TOO_LONG));
      return hurried.all(sql.replace("WHERE", "WHERE SLEEP(1) = 0 AND"), values);
    },
  };
  const few = { fewEntries: 0, atATime: 7, manyAtATime: 11 };
  await findsTheSame([
    ...[{}, { fewEntries: 0 }, few, { ...few, enough: 1 }, { ...few, enough: 0 }].map((one) =>
      mysqlIndex(db, one)
    ),
    mysqlIndex(slow),
    mysqlIndex(slow, few),
  ]);
  // Each of the two was told once of each of the two sets of conversations, and asked no more.
  assert.equal(asked, 4);
  await Promise.all([db.close(), hurried.close()]);
});

const TOO_LONG = "Query execution was interrupted, maximum statement execution time exceeded";

Deno.test("search index: what else goes wrong in MySQL is not taken for a word that is too frequent", async () => {
  const all = () => Promise.reject(new ImError("unavailable", "connect ECONNREFUSED"));
  const index = mysqlIndex({ all } as unknown as Storage);
  await rejects("unavailable", index.find({ ...LOOKED_FOR, conversationIds: [1] }, undefined, 1));
});
