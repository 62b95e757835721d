import assert from "node:assert/strict";
import {
  type Reads,
  type Row,
  type Storage,
  type Tx,
  UniqueViolation,
  type Value,
} from "../../data/sql/driver.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { MIGRATIONS } from "../../migrations/mod.ts";

/**
 * What every Storage must do. `open` answers a storage without tables, whose time-outs are those of the real one;
 * each case opens its own and closes it. The SQL here is what all dialects share.
 */
export function storageCases(name: string, open: () => Promise<Storage> | Storage): void {
  Deno.test.sanitizer({ ops: true, resources: true });
  const test = (what: string, body: (db: Storage) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const db = await open();
      try {
        await db.script(TABLES);
        await body(db);
      } finally {
        await db.close();
      }
    });
  transactionCases(test);
  listCases(test);
  writeCases(test);
  valueCases(test);
  migrationCases(name, open);

  Deno.test(`${name}: after close every call rejects`, async () => {
    const db = await open();
    await db.script(TABLES);
    await db.all("SELECT n FROM counters");
    await db.close();
    await assert.rejects(db.all("SELECT n FROM counters"));
    await assert.rejects(db.all("SELECT id FROM counters"));
    await assert.rejects(db.allIn("SELECT n FROM counters WHERE id IN {keys}", [[1]]));
    await assert.rejects(db.transaction((tx) => tx.run("DELETE FROM counters")));
    await assert.rejects(db.script(TABLES));
  });

  Deno.test(`${name}: close waits for the transactions that were begun before it`, async () => {
    const db = await open();
    await db.script(TABLES);
    const work = db.transaction(async (tx) => {
      await pause();
      return await tx.run("INSERT INTO counters (id, n) VALUES (1, 1)");
    });
    await db.close();
    assert.equal(await work, 1);
  });
}

type Test = (what: string, body: (db: Storage) => Promise<void>) => void;

const TABLES = `
  CREATE TABLE counters (id BIGINT PRIMARY KEY, n BIGINT NOT NULL);
  CREATE TABLE texts (id BIGINT PRIMARY KEY, body LONGTEXT);
  CREATE TABLE pairs (a BIGINT NOT NULL, b VARCHAR(64) NOT NULL, n BIGINT NOT NULL, m BIGINT NOT NULL, PRIMARY KEY (a, b));
`;

const SIZES = [0, 1, 5, 127, 128, 129, 1000];

const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
const countOf = async (db: Reads, table: string): Promise<Value> =>
  (await db.all<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`))[0].n;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

async function fill(db: Storage, count: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert("counters", ["id", "n"], numbers(count).map((i) => [i, i * 10]));
    await tx.insert("pairs", ["a", "b", "n", "m"], numbers(count).map((i) => [i, `b${i}`, i * 10, 0]));
  });
}

function transactionCases(test: Test): void {
  test("what a transaction wrote is gone when its work throws, and the error comes out as it was", async (db) => {
    const error = new Error("changed my mind");
    const work = db.transaction(async (tx) => {
      await tx.insert("counters", ["id", "n"], [[1, 1], [2, 2]]);
      await tx.run("UPDATE counters SET n = 5");
      await pause();
      throw error;
    });
    await assert.rejects(work, (thrown) => thrown === error);
    assert.equal(await countOf(db, "counters"), 0);
  });

  test("what was committed is read at once, and a transaction answers what its work answers", async (db) => {
    const answer = await db.transaction(async (tx) => {
      await tx.insert("counters", ["id", "n"], [[1, 7]]);
      return { n: (await tx.all<{ n: number }>("SELECT n FROM counters"))[0].n };
    });
    assert.deepEqual(answer, { n: 7 });
    assert.deepEqual((await db.all("SELECT id, n FROM counters")).map((row) => ({ ...row })), [{
      id: 1,
      n: 7,
    }]);
  });

  test("a transaction reads its own writes", async (db) => {
    await db.transaction(async (tx) => {
      await tx.insert("counters", ["id", "n"], [[1, 1]]);
      await tx.run("UPDATE counters SET n = n + ?", [5]);
      assert.equal((await tx.all("SELECT n FROM counters"))[0].n, 6);
      assert.equal((await tx.allIn("SELECT n FROM counters WHERE id IN {keys}", [[1]]))[0].n, 6);
    });
  });

  // The read may wait for the transaction's end, so the work must not wait for the read.
  test("a read beside a transaction that is rolled back never sees what it wrote", async (db) => {
    await fill(db, 3);
    const reads: Promise<Value>[] = [];
    const work = db.transaction(async (tx) => {
      await tx.run("DELETE FROM counters");
      await tx.insert("texts", ["id", "body"], [[1, "draft"]]);
      reads.push(countOf(db, "counters"), countOf(db, "texts"));
      await pause();
      reads.push(countOf(db, "counters"), countOf(db, "texts"));
      throw new Error("no");
    });
    await assert.rejects(work, /no/);
    assert.deepEqual(await Promise.all(reads), [3, 0, 3, 0]);
  });

  test("a read beside a transaction that commits sees all of it or nothing", async (db) => {
    const reads: Promise<Value>[] = [];
    await db.transaction(async (tx) => {
      for (const id of numbers(5)) {
        await tx.insert("counters", ["id", "n"], [[id, id]]);
        reads.push(countOf(db, "counters"));
        await pause();
      }
    });
    for (const seen of await Promise.all(reads)) assert.ok(seen === 0 || seen === 5, `${seen}`);
    assert.equal(await countOf(db, "counters"), 5);
  });

  test("no increment is lost when transactions wait between reading and writing", async (db) => {
    await fill(db, 1);
    const increment = () =>
      db.transaction(async (tx) => {
        const [{ n }] = await tx.lock<{ n: number }>("counters", ["n"], "id", [0]);
        await pause();
        await tx.run("UPDATE counters SET n = ? WHERE id = 0", [n + 1]);
        return n;
      });
    const seen = await Promise.all(numbers(30).map(increment));
    assert.equal((await db.all("SELECT n FROM counters"))[0].n, 30);
    assert.deepEqual(seen.toSorted((a, b) => a - b), numbers(30));
  });

  test("lock answers the rows that exist, once each, also those a transaction holds already", async (db) => {
    await fill(db, 300);
    await db.transaction(async (tx) => {
      const lock = async (ids: number[]) => {
        const rows = await tx.lock<{ id: number; n: number }>("counters", ["id", "n"], "id", ids);
        return rows.map(({ id, n }) => [id, n]).sort((a, b) => a[0] - b[0]);
      };
      assert.deepEqual(await lock([2, 1, 2, 999]), [[1, 10], [2, 20]]);
      assert.deepEqual(await lock([]), []);
      assert.equal((await lock(numbers(400))).length, 300);
      await tx.run("UPDATE counters SET n = 7 WHERE id = 1");
      assert.deepEqual(await lock([1]), [[1, 7]]);
    });
  });

  test("transactions that lock many rows in any order all get done, and lose nothing", async (db) => {
    await fill(db, 20);
    await db.transaction((tx) => tx.run("UPDATE counters SET n = 0"));
    const work = (turn: number) =>
      db.transaction(async (tx) => {
        const ids = numbers(10).map((i) => (i * 7 + turn) % 20);
        const rows = await tx.lock<{ id: number; n: number }>("counters", ["id", "n"], "id", ids);
        await pause();
        for (const { id, n } of rows) await tx.run("UPDATE counters SET n = ? WHERE id = ?", [n + 1, id]);
      });
    await Promise.all(numbers(60).map(work));
    const [{ total }] = await db.all<{ total: number }>("SELECT SUM(n) AS total FROM counters");
    assert.equal(total, 600);
  });

  test("a transaction that fails does not hold up or disturb the next", async (db) => {
    const outcomes = await Promise.allSettled(
      numbers(20).map((id) =>
        db.transaction(async (tx) => {
          await tx.insert("counters", ["id", "n"], [[id, 0]]);
          if (id % 2) throw new Error("odd");
        })
      ),
    );
    assert.deepEqual(
      outcomes.map(({ status }) => status === "fulfilled"),
      numbers(20).map((id) => id % 2 === 0),
    );
    assert.equal(await countOf(db, "counters"), 10);
  });

  test("statements that are called in one turn run in the order of their calls", async (db) => {
    await fill(db, 3);
    const [locked, changed, read] = await db.transaction((tx) =>
      Promise.all([
        tx.lock<Row & { n: number }>("counters", ["n"], "id", [1]),
        tx.run("UPDATE counters SET n = n + 5 WHERE id = ?", [1]),
        tx.all<Row & { n: number }>("SELECT n FROM counters WHERE id = ?", [1]),
        tx.insert("texts", ["id", "body"], [[1, "it's a; 'text' ? \\"], [2, "?"]]),
      ])
    );
    assert.equal(read[0].n, locked[0].n + 5);
    assert.equal(changed, 1);
    const rows = await db.all<Row & { body: string }>("SELECT body FROM texts ORDER BY id");
    assert.deepEqual(rows.map(({ body }) => body), ["it's a; 'text' ? \\", "?"]);
  });

  test("of statements called in one turn a wrong one fails the transaction, and nothing is stored", async (db) => {
    await fill(db, 3);
    const work = db.transaction((tx) =>
      Promise.all([
        tx.insert("texts", ["id", "body"], [[1, "before"]]),
        tx.insert("counters", ["id", "n"], [[1, 0]]),
        tx.insert("texts", ["id", "body"], [[2, "after"]]),
      ])
    );
    await assert.rejects(work, UniqueViolation);
    assert.deepEqual([await countOf(db, "counters"), await countOf(db, "texts")], [3, 0]);
  });

  test("writes at the end are stored with the commit, and after a later read all the same", async (db) => {
    await db.transaction((tx) => tx.atEnd(() => tx.insert("texts", ["id", "body"], [[1, "a"]])));
    const read = await db.transaction(async (tx) => {
      await tx.atEnd(() =>
        Promise.all([
          tx.insert("texts", ["id", "body"], [[2, "b"]]),
          tx.run("UPDATE texts SET body = ? WHERE id = ?", ["c", 1]),
        ])
      );
      return await tx.all<Row & { body: string }>("SELECT body FROM texts ORDER BY id");
    });
    assert.deepEqual(read.map(({ body }) => body), ["c", "b"]);
    assert.equal(await countOf(db, "texts"), 2);
  });

  test("a write at the end that fails takes the transaction with it, as one of two that compete does", async (db) => {
    await fill(db, 3);
    const work = db.transaction(async (tx) => {
      await tx.insert("texts", ["id", "body"], [[1, "before"]]);
      await tx.atEnd(() =>
        Promise.all([
          tx.insert("texts", ["id", "body"], [[2, "beside"]]),
          tx.insert("counters", ["id", "n"], [[1, 0]]),
        ])
      );
      return "done";
    });
    await assert.rejects(work, UniqueViolation);
    assert.equal(await countOf(db, "texts"), 0);
    // And the storage goes on.
    const same = () => db.transaction((tx) => tx.atEnd(() => tx.insert("counters", ["id", "n"], [[99, 0]])));
    const outcomes = await Promise.allSettled([same(), same()]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal(await countOf(db, "counters"), 4);
  });

  test("a write at the end that fails before it writes anything fails the transaction", async (db) => {
    const work = db.transaction(async (tx) => {
      await tx.insert("texts", ["id", "body"], [[1, "before"]]);
      await tx.atEnd(() => Promise.all([tx.insert("texts", ["id", "body"], [[2, "beside"]]), broken()]));
    });
    await assert.rejects(work, /a bug of ours/);
    assert.equal(await countOf(db, "texts"), 0);
  });

  test("many long texts at once are stored, all of them or none", async (db) => {
    const body = "é'".repeat(60_000);
    const rows = (from: number) => numbers(120).map((i) => [from + i, body]);
    await db.transaction((tx) =>
      tx.atEnd(() =>
        Promise.all([
          tx.insert("texts", ["id", "body"], rows(0)),
          tx.insert("texts", ["id", "body"], rows(1_000)),
        ])
      )
    );
    assert.equal(await countOf(db, "texts"), 240);
    const again = db.transaction((tx) => tx.atEnd(() => tx.insert("texts", ["id", "body"], rows(1_119))));
    await assert.rejects(again, UniqueViolation);
    assert.equal(await countOf(db, "texts"), 240);
  });

  test("a work that throws before it touches anything, or at once, is a rejection", async (db) => {
    await assert.rejects(db.transaction(() => Promise.reject(new Error("first"))), /first/);
    await assert.rejects(
      db.transaction(() => {
        throw new Error("at once");
      }),
      /at once/,
    );
    assert.equal(await countOf(db, "counters"), 0);
  });
}

function listCases(test: Test): void {
  const one = "SELECT id, n FROM counters WHERE id IN {keys}";
  const two = "SELECT a, b, n FROM pairs WHERE (a, b) IN {keys}";
  for (const size of SIZES) {
    test(`allIn with ${size} keys of one and of two columns`, async (db) => {
      await fill(db, 1200);
      const ids = numbers(size).map((i) => i + 100);
      for (const reads of [db, null]) {
        const read = <T>(work: (from: Reads) => Promise<T>) => reads ? work(reads) : db.transaction(work);
        const ones = await read((from) => from.allIn<{ id: number; n: number }>(one, ids.map((id) => [id])));
        assert.deepEqual(ones.map(({ id }) => id).sort((x, y) => x - y), ids);
        assert.ok(ones.every(({ id, n }) => n === id * 10));
        const twos = await read((from) => from.allIn<{ a: number }>(two, ids.map((id) => [id, `b${id}`])));
        assert.deepEqual(twos.map(({ a }) => a).sort((x, y) => x - y), ids);
      }
    });
  }

  test("allIn answers a row once however often its key is given, and no row for a key that is not there", async (db) => {
    await fill(db, 10);
    const ids = [...Array(300).fill(3), 4, ...Array(300).fill(3), 4, 99, 100];
    const ones = await db.allIn<{ id: number }>(one, ids.map((id) => [id]));
    assert.deepEqual(ones.map(({ id }) => id).sort(), [3, 4]);
    const twos = await db.allIn<{ a: number }>(two, ids.map((id) => [id, `b${id}`]));
    assert.deepEqual(twos.map(({ a }) => a).sort(), [3, 4]);
    assert.deepEqual(await db.allIn(two, [[3, "b4"], [4, "b3"]]), []);
  });

  test("allIn without keys answers nothing, and asks nothing", async (db) => {
    assert.deepEqual(await db.allIn("SELECT nonsense FROM nowhere WHERE x IN {keys}", []), []);
  });

  test("all answers rows in the statement's order, with numbers, texts and nulls", async (db) => {
    await db.transaction((tx) => tx.insert("texts", ["id", "body"], [[2, null], [1, "one"], [3, ""]]));
    const rows = await db.all("SELECT id, body FROM texts WHERE id > ? ORDER BY id DESC", [0]);
    assert.deepEqual(rows.map((row) => ({ ...row })), [
      { id: 3, body: "" },
      { id: 2, body: null },
      { id: 1, body: "one" },
    ]);
    assert.deepEqual(await db.all("SELECT id FROM texts WHERE id > ? LIMIT ?", [3, 10]), []);
  });
}

function writeCases(test: Test): void {
  for (const size of SIZES) {
    test(`insert of ${size} rows`, async (db) => {
      await fill(db, size);
      assert.equal(await countOf(db, "counters"), size);
      const rows = await db.all<{ a: number; b: string; n: number }>("SELECT a, b, n FROM pairs ORDER BY a");
      assert.deepEqual(rows.map(({ a, b, n }) => [a, b, n]), numbers(size).map((i) => [i, `b${i}`, i * 10]));
    });
  }

  test("a key that exists is a UniqueViolation and nothing of the transaction is stored", async (db) => {
    await fill(db, 3);
    const insert = (table: string, columns: string[], rows: Value[][]) =>
      db.transaction(async (tx) => {
        await tx.insert("texts", ["id", "body"], [[1, "before"]]);
        await tx.insert(table, columns, rows);
      });
    const again = numbers(200).map((i) => [i === 199 ? 2 : i + 50, 0]);
    await assert.rejects(insert("counters", ["id", "n"], [[1, 1]]), UniqueViolation);
    await assert.rejects(insert("counters", ["id", "n"], again), UniqueViolation);
    await assert.rejects(insert("counters", ["id", "n"], [[7, 1], [7, 1]]), UniqueViolation);
    await assert.rejects(insert("pairs", ["a", "b", "n", "m"], [[1, "b1", 0, 0]]), UniqueViolation);
    assert.deepEqual([await countOf(db, "counters"), await countOf(db, "texts")], [3, 0]);
    await insert("pairs", ["a", "b", "n", "m"], [[1, "other", 0, 0]]);
  });

  test("run answers how many rows it changed", async (db) => {
    await fill(db, 10);
    const changed = await db.transaction(async (tx) => [
      await tx.run("UPDATE counters SET n = 1 WHERE id < ?", [4]),
      await tx.run("DELETE FROM counters WHERE id >= ?", [8]),
      await tx.run("DELETE FROM counters WHERE id = ?", [8]),
    ]);
    assert.deepEqual(changed, [4, 2, 0]);
  });

  const columns = ["a", "b", "n", "m"];
  const pairsOf = async (db: Storage) =>
    (await db.all("SELECT a, b, n, m FROM pairs ORDER BY a, b")).map((row) => Object.values(row));

  test("upsert sets: new rows stand as given, old ones take the new values, the last of one key wins", async (db) => {
    const upsert = (rows: Value[][]) => db.transaction((tx) => tx.upsert("pairs", columns, 2, "set", rows));
    await upsert([[1, "x", 10, 1]]);
    await upsert([[1, "x", 20, 2], [1, "y", 5, 5], [2, "x", 1, 1], [2, "x", 2, 2], [2, "x", 3, 3]]);
    assert.deepEqual(await pairsOf(db), [[1, "x", 20, 2], [1, "y", 5, 5], [2, "x", 3, 3]]);
    await upsert([]);
  });

  test("insertMissing: new rows are stored, those whose key exists stay as they were", async (db) => {
    const add = (rows: Value[][]) => db.transaction((tx) => tx.insertMissing("pairs", columns, rows));
    await add([[1, "x", 10, 1]]);
    await add([[1, "x", 20, 2], [1, "y", 5, 5], [1, "y", 6, 6]]);
    await add([]);
    const rows = await db.all("SELECT * FROM pairs ORDER BY a, b");
    assert.deepEqual(rows.map((row) => Object.values(row)), [[1, "x", 10, 1], [1, "y", 5, 5]]);
  });

  test("upsert adds: new rows stand as given, old ones grow, those of one key add up", async (db) => {
    const upsert = (rows: Value[][]) => db.transaction((tx) => tx.upsert("pairs", columns, 2, "add", rows));
    await upsert([[1, "x", 10, 1]]);
    await upsert([[1, "x", 5, -1], [2, "y", 1, 1], [2, "y", 2, 2], [1, "x", 100, 0], [2, "y", 3, 3]]);
    assert.deepEqual(await pairsOf(db), [[1, "x", 115, 0], [2, "y", 6, 6]]);
    await upsert([]);
  });

  for (const size of [127, 128, 129, 1000]) {
    test(`upsert of ${size} rows, half of them there already`, async (db) => {
      await fill(db, Math.floor(size / 2));
      const rows = numbers(size).map((i) => [i, 1]);
      await db.transaction((tx) => tx.upsert("counters", ["id", "n"], 1, "add", rows));
      const stored = await db.all<{ id: number; n: number }>("SELECT id, n FROM counters ORDER BY id");
      assert.deepEqual(
        stored.map(({ id, n }) => [id, n]),
        numbers(size).map((i) => [i, i < Math.floor(size / 2) ? i * 10 + 1 : 1]),
      );
    });
  }

  test("a statement that is wrong rejects, alone and in a transaction, which stores nothing then", async (db) => {
    await assert.rejects(db.all("SELECT nonsense FROM counters"));
    await assert.rejects(db.all("not SQL at all"));
    await assert.rejects(db.allIn("SELECT n FROM nowhere WHERE id IN {keys}", [[1]]));
    const wrong = (work: (tx: Tx) => Promise<unknown>) =>
      assert.rejects(db.transaction(async (tx) => {
        await tx.insert("counters", ["id", "n"], [[1, 1]]);
        await work(tx);
      }));
    await wrong((tx) => tx.run("UPDATE nowhere SET n = 1"));
    await wrong((tx) => tx.insert("counters", ["id", "nonsense"], [[2, 2]]));
    await wrong((tx) => tx.upsert("nowhere", ["id", "n"], 1, "set", [[2, 2]]));
    await wrong((tx) => tx.insert("counters", ["id", "n"], [[2, null]]));
    await assert.rejects(db.script("CREATE TABLE"));
    assert.equal(await countOf(db, "counters"), 0);
  });
}

function valueCases(test: Test): void {
  const roundTrip = async (db: Storage, body: string) => {
    await db.transaction((tx) => tx.upsert("texts", ["id", "body"], 1, "set", [[1, body]]));
    const [row] = await db.all<{ body: string }>("SELECT body FROM texts WHERE body = ?", [body]);
    return row?.body;
  };

  test("texts come back as they were: any script, astral, combining, quotes, line ends, empty", async (db) => {
    const texts = [
      "",
      " ",
      "你好世界",
      "𝒳😀👩‍👩‍👧‍👦🇨🇳",
      "e\u0301",
      "é",
      "'\"`\\%_?;--",
      "a\r\nb\tc\u0001\u007f",
      "\u{10FFFF}\uFFFD",
    ];
    for (const text of texts) assert.equal(await roundTrip(db, text), text);
  });

  test("texts differ by every character: no case, accent, width or trailing space is ignored", async (db) => {
    const texts = ["a", "A", "á", "ａ", "a ", "ß", "ss", "😀", "😁"];
    await db.transaction((tx) =>
      tx.insert("pairs", ["a", "b", "n", "m"], texts.map((text, i) => [1, text, i, 0]))
    );
    for (const [i, text] of texts.entries()) {
      const rows = await db.allIn<{ n: number }>("SELECT n FROM pairs WHERE (a, b) IN {keys}", [[1, text]]);
      assert.deepEqual(rows.map(({ n }) => n), [i], text);
    }
  });

  // U+0000 is the one character a text must not hold (data/sql/driver.ts): it is stored, but SQLite's reader ends
  // a text there. What is stored as JSON never holds it.
  test("a text with U+0000 is compared whole, but may be cut there when it is read", async (db) => {
    const back = await roundTrip(db, "a\u0000b");
    assert.ok(back === "a\u0000b" || back === "a", JSON.stringify(back));
    assert.equal((await db.all("SELECT id FROM texts WHERE body = ?", ["a"])).length, 0);
  });

  test("a text of 1 MiB, and of as many astral characters", async (db) => {
    for (const text of ["x".repeat(2 ** 20), "😀语a".repeat(2 ** 17)]) {
      assert.ok(await roundTrip(db, text) === text);
    }
  });

  test("whole numbers up to 2^53 - 1 keep every digit, as values, keys and sums", async (db) => {
    const limits = [
      Number.MAX_SAFE_INTEGER,
      Number.MAX_SAFE_INTEGER - 1,
      Number.MIN_SAFE_INTEGER,
      2 ** 31,
      2 ** 32 + 1,
      0,
      -1,
    ];
    await db.transaction((tx) => tx.insert("counters", ["id", "n"], limits.map((n) => [n, n])));
    const rows = await db.allIn<Row & { id: number; n: number }>(
      "SELECT id, n FROM counters WHERE id IN {keys}",
      limits.map((n) => [n]),
    );
    const sorted = limits.toSorted((a, b) => a - b);
    assert.deepEqual(rows.map(({ id }) => id).sort((a, b) => a - b), sorted);
    assert.ok(rows.every(({ id, n }) => id === n && Number.isSafeInteger(n)));
    for (const n of limits) {
      assert.equal((await db.all<{ id: number }>("SELECT id FROM counters WHERE id = ?", [n]))[0].id, n);
    }
    await db.transaction((tx) =>
      tx.upsert("counters", ["id", "n"], 1, "add", [[Number.MAX_SAFE_INTEGER, -1]])
    );
    const [row] = await db.all("SELECT n FROM counters WHERE id = ?", [Number.MAX_SAFE_INTEGER]);
    assert.equal(row.n, Number.MAX_SAFE_INTEGER - 1);
  });
}

function migrationCases(name: string, open: () => Promise<Storage> | Storage): void {
  const test = (what: string, body: (db: Storage) => Promise<void>) =>
    Deno.test(`${name}: migrations: ${what}`, async () => {
      const db = await open();
      try {
        await body(db);
      } finally {
        await db.close();
      }
    });
  const names = MIGRATIONS.map((migration) => migration.name);
  const note = (db: Storage, id: number, name: string) =>
    db.transaction((tx) => tx.upsert("migrations", ["id", "name", "at"], 1, "set", [[id, name, 0]]));

  test("all are applied to an empty database, in order, and noted", async (db) => {
    assert.deepEqual(await migrate(db), { applied: names });
    const rows = await db.all<{ id: number; name: string }>("SELECT id, name FROM migrations ORDER BY id");
    assert.deepEqual(rows.map(({ id, name }) => [id, name]), names.map((name, i) => [i + 1, name]));
    assert.equal(await countOf(db, "users"), 0);
  });

  test("a second run applies nothing", async (db) => {
    await migrate(db);
    assert.deepEqual(await migrate(db), { applied: [] });
  });

  test("two runs at once apply each step once", async (db) => {
    const runs = await Promise.all([migrate(db), migrate(db), migrate(db)]);
    assert.deepEqual(runs.flatMap(({ applied }) => applied).sort(), names.toSorted());
  });

  test("a database of a newer program is refused", async (db) => {
    await migrate(db);
    await note(db, names.length + 1, "9999_future");
    await assert.rejects(migrate(db), {
      message: 'the database was written by a newer imserver (it has "9999_future")',
    });
  });

  test("a database with another step in the place of one of ours is refused", async (db) => {
    await migrate(db);
    await note(db, 1, "0001_other");
    await assert.rejects(migrate(db), {
      message: `the database has "0001_other" where this imserver has "${names[0]}"`,
    });
  });

  test("a step that fails leaves nothing of itself and is tried again by the next run", async (db) => {
    await db.script("CREATE TABLE sends (id BIGINT PRIMARY KEY)");
    await assert.rejects(migrate(db));
    await assert.rejects(db.all("SELECT id FROM users"));
    await db.script("DROP TABLE sends");
    assert.deepEqual(await migrate(db), { applied: names });
  });
}

/** What a storage in a file must do besides. `open` opens the database at this path, whoever else has it open. */
export function storageFileCases(name: string, open: (path: string) => Storage): void {
  Deno.test.sanitizer({ ops: true, resources: true });
  const test = (what: string, body: (path: string) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const folder = await Deno.makeTempDir({ prefix: "imserver-storage-" });
      try {
        await body(`${folder}/test.db`);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });

  test("what was committed is there after closing and opening again", async (path) => {
    const first = open(path);
    await migrate(first);
    await first.script(TABLES);
    await fill(first, 300);
    await first.close();
    const second = open(path);
    assert.deepEqual(await migrate(second), { applied: [] });
    assert.deepEqual([await countOf(second, "counters"), await countOf(second, "pairs")], [300, 300]);
    await second.close();
  });

  test("what was committed is seen by another storage at once, and what is not yet is not", async (path) => {
    const [writer, reader] = [open(path), open(path)];
    await writer.script(TABLES);
    await writer.transaction(async (tx) => {
      await tx.insert("counters", ["id", "n"], [[1, 1]]);
      assert.equal(await countOf(reader, "counters"), 0);
      assert.equal(
        await countOf(writer, "counters"),
        0,
        "a read beside the transaction does not wait for it",
      );
    });
    assert.equal(await countOf(reader, "counters"), 1);
    await Promise.all([writer.close(), reader.close()]);
  });

  test("commits wait for the disk: write-ahead log, synchronous FULL", async (path) => {
    const db = open(path);
    const pragma = (name: string) =>
      db.transaction(async (tx) => Object.values((await tx.all(`PRAGMA ${name}`))[0])[0]);
    assert.deepEqual([await pragma("journal_mode"), await pragma("synchronous")], ["wal", 2]);
    await db.close();
  });

  test("the files beside the database have its rights", async (path) => {
    (await Deno.open(path, { create: true, write: true, mode: 0o600 })).close();
    const db = open(path);
    await db.script(TABLES);
    for (const file of [path, `${path}-wal`, `${path}-shm`]) {
      assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600, file);
    }
    await db.close();
  });

  test("a file that is no database is refused", async (path) => {
    await Deno.writeTextFile(path, "this is no database, but it is long enough to be looked at ".repeat(100));
    assert.throws(() => open(path), /not a database/);
  });

  test("two storages on one file, transactions and all, both make progress and lose nothing", async (path) => {
    const both = [open(path), open(path)];
    await Promise.all(both.map((db) => migrate(db)));
    await both[0].script(TABLES);
    await fill(both[0], 1);
    const increment = (db: Storage) =>
      db.transaction(async (tx) => {
        const [{ n }] = await tx.all<{ n: number }>("SELECT n FROM counters");
        await pause();
        await tx.run("UPDATE counters SET n = ?", [n + 1]);
      });
    await Promise.all(numbers(40).map((i) => increment(both[i % 2])));
    assert.deepEqual(await Promise.all(both.map((db) => countOf(db, "counters"))), [1, 1]);
    assert.equal((await both[1].all("SELECT n FROM counters"))[0].n, 40);
    await Promise.all(both.map((db) => db.close()));
  });
}

// deno-lint-ignore require-await -- it rejects, and does not throw
async function broken(): Promise<void> {
  throw new TypeError("a bug of ours");
}
