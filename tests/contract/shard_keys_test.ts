import assert from "node:assert/strict";
import { createLocalData } from "../../data/local/mod.ts";
import type { Reads, Storage, Tx } from "../../data/sql/driver.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { MIGRATIONS } from "../../migrations/mod.ts";
import { SHARD_KEYS } from "../../migrations/shard_keys.ts";
import { createIds } from "../../kit/ids.ts";
import { bodyOf, World } from "./data_world.ts";

/** The columns of each table's primary key, as MySQL has them. */
function primaryKeys(): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  for (const statement of MIGRATIONS.flatMap(({ mysql }) => mysql)) {
    const table = /^\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+)/.exec(statement)?.[1];
    if (!table) continue;
    const listed = /PRIMARY KEY \(([^)]+)\)/.exec(statement)?.[1];
    const inline = /^\s*\w+[^]*?\(\s*(\w+) [^,]*PRIMARY KEY/.exec(statement)?.[1];
    keys.set(table, listed?.split(",").map((column) => column.trim()) ?? (inline ? [inline] : []));
  }
  return keys;
}

Deno.test("sharding: every table that grows with use leads its primary key with its shard key", () => {
  const keys = primaryKeys();
  for (const [table, column] of Object.entries(SHARD_KEYS)) {
    assert.equal(keys.get(table)?.[0], column, `${table}: ${keys.get(table)}`);
  }
});

Deno.test("sharding: the VSchemas of deploy/vitess have every table, the growing ones by their shard keys", async () => {
  const read = async (name: string) => JSON.parse(await Deno.readTextFile(`deploy/vitess/${name}.json`));
  const [logs, main] = [await read("logs"), await read("main")];
  const keys = Object.entries(logs.tables as Record<string, { column_vindexes: { column: string }[] }>);
  assert.deepEqual(
    Object.fromEntries(keys.map(([table, { column_vindexes: [{ column }] }]) => [table, column])),
    SHARD_KEYS,
  );
  const others = [...primaryKeys().keys(), "migrations"].filter((table) => !(table in SHARD_KEYS));
  assert.deepEqual(Object.keys(main.tables).toSorted(), others.toSorted());
});

/** A storage that notes each statement's text. */
function noting(storage: Storage, seen: string[]): Storage {
  const reads = (inner: Reads): Reads => ({
    all: (sql, params) => (seen.push(sql), inner.all(sql, params)),
    allIn: (sql, keys) => (seen.push(sql), inner.allIn(sql, keys)),
  });
  const writes = (tx: Tx): Tx => ({
    ...reads(tx),
    lock: (table, columns, key, values) => {
      seen.push(`SELECT ${columns} FROM ${table} WHERE ${key} IN {keys}`);
      return tx.lock(table, columns, key, values);
    },
    run: (sql, params) => (seen.push(sql), tx.run(sql, params)),
    insert: (
      table,
      columns,
      rows,
    ) => (seen.push(`INSERT INTO ${table} (${columns})`), tx.insert(table, columns, rows)),
    insertMissing: (table, columns, rows) => {
      seen.push(`INSERT INTO ${table} (${columns})`);
      return tx.insertMissing(table, columns, rows);
    },
    upsert: (table, columns, ...rest) => {
      seen.push(`INSERT INTO ${table} (${columns})`);
      return tx.upsert(table, columns, ...rest);
    },
    atEnd: (work) => tx.atEnd(work),
  });
  return {
    ...storage,
    ...reads(storage),
    transaction: (work) => storage.transaction((tx) => work(writes(tx))),
  };
}

/** Statements on divided tables that do not say which shard they are about. */
function astray(statements: readonly string[]): string[] {
  return [...new Set(statements)].filter((sql) => {
    const tables = [...sql.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)/g)].map(([, table]) => table);
    return tables.some((table) => {
      const key = SHARD_KEYS[table];
      if (!key) return false;
      // A condition on it, or a row that has it, or a join by it with one that says it.
      const where = sql.startsWith("INSERT")
        ? sql
        : sql.slice(sql.indexOf(" ON ") < 0 ? sql.indexOf("WHERE") : 0);
      return !new RegExp(`\\b${key}\\b`).test(where);
    });
  });
}

Deno.test("sharding: a send, a page of history, a read marker and a receipt say which shard they are about", async () => {
  const seen: string[] = [];
  const db = noting(openSqlite(":memory:"), seen);
  await migrate(db);
  let nowMs = 1_800_000_000_000;
  const data = createLocalData(db, { now: () => nowMs++, nextId: createIds(Date.now) });
  const world = new World({ data, clock: { nowMs: 0 } });
  const [ann, bob, carl] = await world.users(3);
  const group = await world.group(ann, bob, carl);
  const direct = await world.direct(ann, bob);
  seen.length = 0;
  for (const [i, conversationId] of [group, direct, group].entries()) {
    await data.log.append({ conversationId, senderId: ann, clientId: `c${i}`, body: bodyOf(`${i}`) });
    await data.log.append({ conversationId, senderId: ann, clientId: `c${i}`, body: bodyOf(`${i}`) });
    const place = { conversationId, userId: bob };
    await data.conversations.markDelivered({ ...place, seq: 1 });
    await data.conversations.markRead({ ...place, seq: 1 });
    await data.log.read({ ...place, after: 0, before: 0, limit: 50 });
    await data.log.history({ ...place, before: 0, limit: 50 });
    await data.log.tail({ logId: conversationId, after: 0, limit: 50 });
  }
  assert.ok(seen.length > 30);
  assert.deepEqual(astray(seen), []);
  await db.close();
});

Deno.test("sharding, the check can fail: a statement that goes to all shards is found", () => {
  const everywhere = "SELECT body FROM entries WHERE sender_id = ?";
  assert.deepEqual(astray([everywhere, "SELECT body FROM entries WHERE conversation_id = ? AND seq = ?"]), [
    everywhere,
  ]);
});
