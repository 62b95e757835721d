import assert from "node:assert/strict";
import { silent } from "../../kit/log.ts";
import { RedisCache } from "../../kit/redis_cache.ts";
import { parseRedisUrl } from "../../kit/redis_url.ts";
import { SharedRedis } from "../../kit/shared_redis.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { nameOf, openCachedDatas, rename } from "../support/cached_data.ts";
import { until } from "../support/processes.ts";
import { RedisCluster, RedisServer } from "../support/redis.ts";
import { openTcpProxy } from "../support/tcp_proxy.ts";
import { START_MS, World } from "./data_world.ts";

/** The shared cache on a real Redis, and what its going away, standing still and forgetting does: nothing. */

const TIMEOUT_MS = 100;

function link(url: string) {
  const redis = new SharedRedis({ place: parseRedisUrl(url), log: silent, commandTimeoutMs: TIMEOUT_MS });
  const cache = new RedisCache({ redis, ttlMs: 60_000 });
  return { redis, cache, ready: () => until("it is connected", () => redis.client.status === "ready") };
}

const bytes = (...values: number[]) => new Uint8Array(values);

async function keepsAndForgets(url: string): Promise<void> {
  const { redis, cache, ready } = link(url);
  await ready();
  const keys = Array.from({ length: 50 }, (_, i) => `key ${i}`);
  cache.set(keys.slice(0, 40).map((key, i) => [key, bytes(i, 0, 255)] as const));
  await until("it is there", async () => (await cache.get([keys[39]]))[0] !== undefined);
  const values = await cache.get(keys);
  assert.deepEqual(values.map((value) => value?.[0]), keys.map((_, i) => i < 40 ? i : undefined));
  assert.deepEqual([...values[7]!], [7, 0, 255]);
  await redis.close();
}

Deno.test("redis cache: bytes come back as they were, in order, and what is not there is undefined", async () => {
  const server = await RedisServer.start();
  await keepsAndForgets(server.url);
  const ttlMs = Number(await server.command("PTTL", "imserver:key 1"));
  assert.ok(ttlMs > 50_000 && ttlMs <= 60_000, `${ttlMs}`);
  await server.remove();
});

Deno.test("redis cache: the same on a cluster of three nodes", async () => {
  const cluster = await RedisCluster.start();
  await keepsAndForgets(cluster.url);
  await cluster.remove();
});

Deno.test("redis cache: killed, restarted empty, frozen: two processes read what is true all along, and soon", async () => {
  const server = await RedisServer.start();
  const proxy = openTcpProxy(server.port);
  const links = [link(`redis://127.0.0.1:${proxy.port}`), link(server.url)];
  await Promise.all(links.map(({ ready }) => ready()));
  const storage = openSqlite(":memory:");
  const { each, data, clock } = await openCachedDatas([storage, storage], {
    startMs: START_MS,
    shared: (index) => links[index].cache,
  });
  const ids = await new World({ data, clock }).users(20);
  let changes = 0;
  /** Changes somebody, reads them and all others by both; answers how long the slowest read took. */
  const round = async () => {
    const id = ids[changes++ % ids.length];
    await rename(storage, id, `Name ${changes}`);
    let slowestMs = 0;
    for (const one of each) {
      const from = performance.now();
      assert.equal(await nameOf(one.data, id), `Name ${changes}`);
      await one.data.users.get({ ids });
      slowestMs = Math.max(slowestMs, performance.now() - from);
    }
    return slowestMs;
  };
  for (let i = 0; i < 20; i++) await round();
  assert.ok(each[1].stats().sharedHits > 0, "Redis is used");

  await server.kill();
  for (let i = 0; i < 20; i++) assert.ok(await round() < 1_000);
  await server.run();
  await Promise.all(links.map(({ ready }) => ready()));
  for (let i = 0; i < 20; i++) await round();

  // As a cable pulled: for the first process only, whose writes the other one must learn of all the same.
  proxy.freeze();
  const times: number[] = [];
  for (let i = 0; i < 20; i++) times.push(await round());
  assert.equal(links[0].redis.state, "open");
  const median = times.toSorted((a, b) => a - b)[10];
  assert.ok(median < TIMEOUT_MS, `with an open breaker nobody waits for Redis: ${median} ms`);
  proxy.thaw();
  await until("it is used again", async () => (await round(), links[0].redis.state === "closed"));
  await Promise.all([storage, ...links.map(({ redis }) => redis)].map((one) => one.close()));
  await proxy.close();
  await server.remove();
});
