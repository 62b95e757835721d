import assert from "node:assert/strict";
import type { Change } from "../../bus/directory.ts";
import { RedisDirectory } from "../../bus/redis_directory.ts";
import { silent } from "../../kit/log.ts";
import { parseRedisUrl } from "../../kit/redis_url.ts";
import { SharedRedis } from "../../kit/shared_redis.ts";
import { until } from "../support/processes.ts";
import { RedisCluster, RedisServer } from "../support/redis.ts";
import { directoryCases, found } from "./directory_cases.ts";

const [server, cluster] = await Promise.all([RedisServer.start(), RedisCluster.start()]);
Deno.test.afterAll(async () => void await Promise.all([server.remove(), cluster.remove()]));

const LEASE_MS = 1_500;

/** A gateway with a connection of its own. */
async function gateway(url: string, prefix: string) {
  const redis = new SharedRedis({
    place: parseRedisUrl(url),
    log: silent,
    commandTimeoutMs: 300,
    restMs: 300,
  });
  await until("connected", () => redis.client.status === "ready");
  const directory = new RedisDirectory({ redis, log: silent, now: Date.now, leaseMs: LEASE_MS, prefix });
  const changes: Change[] = [];
  directory.onChange((change) => changes.push(change));
  await directory.beat();
  return {
    directory,
    changes,
    redis,
    close: async () => {
      await directory.close();
      await redis.close();
    },
  };
}

const newPrefix = () => `${crypto.randomUUID()}:`;

async function open(url: string) {
  const prefix = newPrefix();
  const all = await Promise.all([1, 2, 3].map(() => gateway(url, prefix)));
  const [one, two, three] = all.map(({ directory }) => directory);
  return {
    gateways: [one, two, three] as [RedisDirectory, RedisDirectory, RedisDirectory],
    sure: () => until("sure", async () => (await one.find([])).sure),
    close: async () => void await Promise.all(all.map((each) => each.close())),
  };
}

directoryCases("directory, Redis", () => open(server.url));
directoryCases("directory, Redis Cluster", () => open(cluster.url));

for (const [name, url] of [["Redis", server.url], ["Redis Cluster", cluster.url]]) {
  Deno.test(`directory, ${name}: a gateway that dies is gone within its lease; one of the others gets its users`, async () => {
    const prefix = newPrefix();
    const [dead, ...left] = await Promise.all([1, 2, 3].map(() => gateway(url, prefix)));
    const users = Array.from({ length: 1_200 }, (_, i) => i + 1);
    await Promise.all(users.map((id) => dead.directory.set(id, [id])));
    await left[0].directory.set(7, [70]);
    for (const each of left) each.changes.length = 0;
    const diedAt = Date.now();
    // As kill -9 does: not another word.
    await dead.redis.close();
    assert.equal((await left[0].directory.find(users)).sessions.size, 1_200, "for now it may only be slow");
    await until("everybody knows", () => left.every(({ changes }) => changes.some(({ lastAt }) => lastAt)));
    const tookMs = Date.now() - diedAt;
    assert.ok(tookMs > LEASE_MS * 0.5 && tookMs < LEASE_MS * 3, `${tookMs} ms`);
    for (const { directory } of left) {
      const { sessions, sure } = await directory.find(users);
      assert.deepEqual([[...sessions.keys()], sure], [[7], true]);
    }
    const told = left.flatMap(({ changes }) => changes).filter(({ orphans }) => orphans.length > 0);
    assert.equal(told.length, 1, "one of them");
    assert.deepEqual(told[0].orphans.toSorted((a, b) => a - b), users);
    assert.ok(Math.abs(told[0].lastAt! - diedAt) <= LEASE_MS / 2, `${told[0].lastAt! - diedAt} ms off`);
    await dead.directory.close();
    for (const each of left) await each.close();
  });
}

Deno.test("directory: a Redis that was emptied is filled again by the next beats; meanwhile nobody is sure", async () => {
  const prefix = newPrefix();
  const [one, two] = await Promise.all([1, 2].map(() => gateway(server.url, prefix)));
  const users = Array.from({ length: 2_000 }, (_, i) => i + 1);
  await Promise.all(users.map((id) => one.directory.set(id, [id])));
  await until("sure", async () => (await two.directory.find([])).sure);
  await server.command("FLUSHALL");
  // A change that comes before the beat must not look like the whole.
  await one.directory.set(5, [5, 55]);
  const from = performance.now();
  for (let sizes = 0; sizes < users.length;) {
    const { sessions, sure } = await two.directory.find(users);
    sizes = sessions.size;
    assert.ok(!sure, "not before a lease has passed");
    assert.ok(performance.now() - from < LEASE_MS, "filled by the next beat");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual(await found(two.directory, 5), { 5: [5, 55] });
  await until("sure again", async () => (await two.directory.find([])).sure);
  for (const each of [one, two]) await each.close();
});

Deno.test("directory: a gateway that stood still for longer than its lease is there again, and everybody is told", async () => {
  const prefix = newPrefix();
  const [one, two] = await Promise.all([1, 2].map(() => gateway(server.url, prefix)));
  await one.directory.set(1, [11]);
  // What others do to one that is out of time: they bury it.
  const ids = await server.command("HKEYS", `${prefix}gateways`) as string[];
  for (const id of ids.filter((id) => id !== "born")) {
    if (await server.command("HEXISTS", `${prefix}at:${id}`, "1") === 0) continue;
    await server.command("HDEL", `${prefix}gateways`, id);
    await server.command("DEL", `${prefix}at:${id}`);
  }
  assert.deepEqual(await found(two.directory, 1), {});
  two.changes.length = 0;
  await until("back", async () => (await found(two.directory, 1))[1] !== undefined);
  await until("told", () => two.changes.length > 0);
  for (const each of [one, two]) await each.close();
});

Deno.test("directory: with Redis frozen a gateway knows its own, is not sure, and waits for three commands only", async () => {
  const own = await RedisServer.start();
  const one = await gateway(own.url, "");
  await one.directory.set(1, [11]);
  own.signal("SIGSTOP");
  const from = performance.now();
  for (let i = 0; i < 50; i++) {
    const { sessions, sure } = await one.directory.find([1, 3]);
    assert.deepEqual([[...sessions.keys()], sure], [[1], false]);
    await one.directory.set(2, [i]);
  }
  const tookMs = performance.now() - from;
  assert.ok(tookMs < 3_000, `${tookMs} ms`);
  one.changes.length = 0;
  own.signal("SIGCONT");
  await until("told", () => one.changes.length > 0);
  await until("written", async () => {
    const [id] = (await own.command("HKEYS", "gateways") as string[]).filter((name) => name !== "born");
    return await own.command("HGET", `at:${id}`, "2") === "49";
  });
  await one.close();
  await own.remove();
});

Deno.test("directory: while nothing happens 10,000 users cost a gateway two commands a beat", async () => {
  const own = await RedisServer.start();
  const one = await gateway(own.url, "");
  const users = Array.from({ length: 10_000 }, (_, i) => i + 1);
  const before = await commands(own);
  await Promise.all(users.map((id) => one.directory.set(id, [id])));
  const writing = await commands(own) - before;
  const idleFrom = await commands(own);
  const BEATS = 8;
  for (let i = 0; i < BEATS; i++) await one.directory.beat();
  const idle = await commands(own) - idleFrom;
  console.log(`  10,000 users: ${writing} commands to come, ${idle} for ${BEATS} beats and more`);
  // Its own timer beats, too.
  assert.ok(idle <= 2 * (BEATS + 4), `${idle} commands`);
  assert.ok(writing <= 40, `${writing} commands`);
  await one.close();
  await own.remove();
});

/** Scripts run so far; what they do inside is not counted. */
async function commands(redis: RedisServer): Promise<number> {
  const info = String(await redis.command("INFO", "commandstats"));
  return Number(/cmdstat_eval:calls=(\d+)/.exec(info)?.[1] ?? 0);
}
