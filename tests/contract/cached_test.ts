import assert from "node:assert/strict";
import { cached } from "../../data/cached.ts";
import { readRevised } from "../../data/local/revisions.ts";
import type { Data } from "../../data/service.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { MapCache, nameOf, openCachedDatas, rename } from "../support/cached_data.ts";
import { START_MS, World } from "./data_world.ts";

/** What a cache must not do, whatever happens around it: the races and the losses, one by one. */

Deno.test.sanitizer({ ops: true, resources: true });

async function open({ shared }: { shared?: MapCache } = {}) {
  const storage = openSqlite(":memory:");
  const opened = await openCachedDatas([storage, storage], {
    startMs: START_MS,
    ...(shared ? { shared: () => shared } : {}),
  });
  const [one, two] = opened.each;
  return { ...opened, storage, one, two, world: new World(opened), close: () => storage.close() };
}

Deno.test("cache: what was read is answered without asking the database for it again", async () => {
  const { one, world, close } = await open();
  const ids = await world.users(50);
  for (let i = 0; i < 3; i++) assert.equal((await one.data.users.get({ ids })).users.length, 50);
  const { hits, misses, looks, users, bytes } = one.stats();
  assert.deepEqual({ hits, misses, looks, users }, { hits: 100, misses: 50, looks: 3, users: 50 });
  assert.ok(bytes > 50 * 100);
  await close();
});

Deno.test("cache: what one process changes, another reads at once, and only that is forgotten", async () => {
  const { one, two, storage, world, close } = await open();
  const ids = await world.users(10);
  await two.data.users.get({ ids });
  for (let i = 0; i < 20; i++) {
    await rename(storage, ids[3], `Name ${i}`);
    assert.equal(await nameOf(two.data, ids[3]), `Name ${i}`);
    assert.equal(await nameOf(one.data, ids[3]), `Name ${i}`);
  }
  await two.data.users.get({ ids });
  const { hits, misses, invalidations } = two.stats();
  assert.deepEqual({ hits, misses, invalidations }, { hits: 10, misses: 30, invalidations: 20 });
  await close();
});

/** A Data whose first answer of users is read, and then kept back until it is released. */
function holdFirst(data: Data) {
  const [held, reading] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let hold = true;
  const slow: Data = {
    ...data,
    users: {
      ...data.users,
      async get(request) {
        const answer = await data.users.get(request);
        if (!hold) return answer;
        hold = false;
        reading.resolve();
        await held.promise;
        return answer;
      },
    },
  };
  return { slow, reading: reading.promise, release: () => held.resolve() };
}

Deno.test("cache: a row that was on its way when the epoch rose is not kept", async () => {
  const { one: { below }, world, storage, close } = await open();
  const [alice] = await world.users(1);
  const { slow, reading, release } = holdFirst(below);
  const { data } = cached(slow, { revised: (since) => readRevised(storage, since) });
  const first = nameOf(data, alice);
  await reading;
  await storage.script("UPDATE users SET display_name = 'Restored'; UPDATE store SET epoch = epoch + 1");
  // Another's question, by which the cache learns of it.
  await data.users.get({ ids: [1] });
  release();
  assert.equal(await first, "user1", "it asked before");
  assert.equal(await nameOf(data, alice), "Restored");
  await close();
});

Deno.test("cache: an old row read while another process changes it is not kept", async () => {
  const { one: { below: data }, world, storage, close } = await open();
  const [alice] = await world.users(1);
  const { slow, reading, release } = holdFirst(data);
  const shared = new MapCache();
  const coat = cached(slow, { revised: (since) => readRevised(storage, since), shared });
  const first = nameOf(coat.data, alice);
  await reading;
  await rename(storage, alice, "New");
  // Asks while the old row is on its way, and must not be given it.
  assert.equal(await nameOf(coat.data, alice), "New");
  release();
  assert.equal(await first, "user1", "it asked before the change");
  assert.equal(await nameOf(coat.data, alice), "New");
  // What lies in the shared cache now is the old row, stored last; who comes new does not believe it.
  const fresh = cached(data, { revised: (since) => readRevised(storage, since), shared });
  assert.equal(await nameOf(fresh.data, alice), "New");
  await close();
});

Deno.test("cache: who asks for the same at once shares one read", async () => {
  const { storage, world, each: [{ below }], close } = await open();
  const ids = await world.users(5);
  let reads = 0;
  const counted: Data = {
    ...below,
    users: { ...below.users, get: (request) => (reads++, below.users.get(request)) },
  };
  const { data, stats } = cached(counted, { revised: (since) => readRevised(storage, since) });
  await Promise.all(Array.from({ length: 50 }, () => data.users.get({ ids })));
  assert.ok(reads <= 2, `${reads} reads`);
  assert.ok(stats().looks <= 3, `${stats().looks} looks`);
  await close();
});

Deno.test("cache: the shared one serves who comes new, and what it kept from before a change is not believed", async () => {
  const shared = new MapCache();
  const { one, two, storage, world, close } = await open({ shared });
  const ids = await world.users(10);
  await one.data.users.get({ ids });
  assert.equal(shared.entries.size, 10);
  await two.data.users.get({ ids });
  assert.deepEqual([two.stats().sharedHits, two.stats().misses], [10, 0]);

  const old = new Map(shared.entries);
  await rename(storage, ids[0], "New");
  assert.equal(await nameOf(one.data, ids[0]), "New");
  // As after a restore of Redis, or a write that came late.
  for (const [key, value] of old) shared.entries.set(key, value);
  const { each: [third] } = await openCachedDatas([storage], { startMs: START_MS, shared: () => shared });
  assert.equal(await nameOf(third.data, ids[0]), "New");
  await third.data.users.get({ ids });
  assert.deepEqual([third.stats().sharedHits, third.stats().misses], [9, 1]);
  await close();
});

Deno.test("cache: what is no user, or another's, in the shared cache is not believed", async () => {
  const shared = new MapCache();
  const { one, two, storage, world, close } = await open({ shared });
  const [alice, bob] = await world.users(2);
  await one.data.users.get({ ids: [alice, bob] });
  const [a, b] = [...shared.entries.keys()];
  shared.entries.set(a, shared.entries.get(b)!);
  shared.entries.set(b, new Uint8Array([1, 2, 3]));
  await two.data.users.get({ ids: [alice, bob] });
  for (const key of [a, b]) shared.entries.set(key, new Uint8Array(20).fill(255));
  const { each: [third] } = await openCachedDatas([storage], { startMs: START_MS, shared: () => shared });
  assert.equal((await third.data.users.get({ ids: [alice, bob] })).users.length, 2);
  assert.equal(third.stats().sharedHits, 0);
  await close();
});

Deno.test("cache: after a raised epoch, or a revision that went back, nothing from before is believed", async () => {
  const shared = new MapCache();
  const { one, storage, world, close } = await open({ shared });
  const [alice] = await world.users(1);
  await rename(storage, alice, "Later");
  assert.equal(await nameOf(one.data, alice), "Later");
  // A backup from before the change is restored under a running process: first with the epoch raised, then without.
  const restore = "UPDATE store SET revision = 0; DELETE FROM revised; UPDATE users SET display_name = ";
  await storage.script(`${restore} 'Restored'; UPDATE store SET epoch = epoch + 1`);
  assert.equal(await nameOf(one.data, alice), "Restored");
  await rename(storage, alice, "Once more");
  assert.equal(await nameOf(one.data, alice), "Once more");
  await storage.script(`${restore} 'Again'`);
  assert.equal(await nameOf(one.data, alice), "Again");
  // One with as many revisions as are known.
  await storage.script("UPDATE users SET display_name = 'Third'; UPDATE store SET epoch = epoch + 1");
  assert.equal(await nameOf(one.data, alice), "Third");
  await close();
});

Deno.test("cache: who was away for more changes than are looked through begins anew", async () => {
  const { one, storage, world, close } = await open();
  const ids = await world.users(3);
  await one.data.users.get({ ids });
  await rename(storage, ids[1], "New");
  await storage.script("UPDATE store SET revision = revision + 20000");
  assert.equal(await nameOf(one.data, ids[1]), "New");
  assert.equal(one.stats().invalidations, 3);
  await close();
});

Deno.test("cache: it is bounded by users and by bytes", async () => {
  const { storage, world, each: [{ below }], close } = await open();
  const ids = await world.users(100);
  const revised = (since: number) => readRevised(storage, since);
  const few = cached(below, { revised, maxUsers: 10 });
  const small = cached(below, { revised, maxBytes: 5_000 });
  for (const { data } of [few, small]) assert.equal((await data.users.get({ ids })).users.length, 100);
  assert.equal(few.stats().users, 10);
  assert.ok(small.stats().bytes <= 5_000 && small.stats().users > 5, `${small.stats().bytes}`);
  await close();
});

Deno.test("cache: when the store does not answer, nor does the cache", async () => {
  const { storage, world, each: [{ below }], close } = await open();
  const [alice] = await world.users(1);
  let away = false;
  const { data } = cached(below, {
    revised: (since) => away ? Promise.reject(new Error("away")) : readRevised(storage, since),
  });
  assert.equal(await nameOf(data, alice), "user1");
  away = true;
  await assert.rejects(nameOf(data, alice), /away/);
  away = false;
  assert.equal(await nameOf(data, alice), "user1");
  await close();
});

Deno.test("cache: a question with more in it than ids goes through", async () => {
  const { one, world, close } = await open();
  const [alice] = await world.users(1);
  await one.data.users.get({ ids: [alice], askerId: 5 } as { ids: number[] });
  assert.deepEqual([one.stats().hits, one.stats().misses, one.stats().looks], [0, 0, 0]);
  await close();
});
