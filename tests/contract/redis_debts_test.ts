import assert from "node:assert/strict";
import { RateLimits } from "../../gateway/rate_limits.ts";
import { RATE_POLICIES } from "../../gateway/rate_policies.ts";
import { silent } from "../../kit/log.ts";
import { RedisDebts } from "../../kit/redis_debts.ts";
import { parseRedisUrl } from "../../kit/redis_url.ts";
import { SharedRedis } from "../../kit/shared_redis.ts";
import { until } from "../support/processes.ts";
import { RedisCluster, RedisServer } from "../support/redis.ts";

/** What gateways count together, over a real Redis and a real cluster of three. */

const [server, cluster] = await Promise.all([RedisServer.start(), RedisCluster.start()]);
Deno.test.afterAll(async () => void await Promise.all([server.remove(), cluster.remove()]));

async function connect(url: string): Promise<SharedRedis> {
  const shared = new SharedRedis({ place: parseRedisUrl(url), log: silent, commandTimeoutMs: 300 });
  await until("connected", () => shared.client.status === "ready");
  return shared;
}

for (const [name, url] of [["Redis", server.url], ["Redis Cluster", cluster.url]]) {
  Deno.test(`debts, ${name}: those of two processes add up, drain by themselves, and then leave nothing behind`, async () => {
    const [one, two] = [await connect(url), await connect(url)];
    const prefix = `${crypto.randomUUID()}:`;
    const [first, second] = [new RedisDebts(one, prefix), new RedisDebts(two, prefix)];
    const [a] = await first.add([{ key: "a", costMs: 600 }]);
    assert.equal(a, 600);
    const [more, other] = await second.add([{ key: "a", costMs: 300 }, { key: "b", costMs: 50 }]);
    assert.ok(more > 600 && more <= 900, `${more}`);
    assert.equal(other, 50);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [drained] = await first.add([{ key: "a", costMs: 1 }]);
    assert.ok(drained <= more - 199, `${drained} after ${more}`);
    await new Promise((resolve) => setTimeout(resolve, drained + 100));
    assert.deepEqual(await first.add([{ key: "a", costMs: 7 }]), [7]);
    // More than one command's worth, over all slots, each answer in its place.
    const many = Array.from({ length: 3_000 }, (_, i) => ({ key: `k${i}`, costMs: 10_000 + i }));
    assert.deepEqual(await first.add(many), many.map(({ costMs }) => costMs));
    await Promise.all([one.close(), two.close()]);
  });
}

Deno.test("rate limits: two gateways on one Redis enforce one; with Redis frozen each counts alone and nobody waits", async () => {
  const [one, two] = [await connect(server.url), await connect(server.url)];
  const policies = { ...RATE_POLICIES, send: { quota: 100, windowS: 50 } };
  const prefix = `${crypto.randomUUID()}:`;
  const gateways = [one, two].map((shared) =>
    new RateLimits({ policies, nowMs: () => performance.now(), shared: new RedisDebts(shared, prefix) })
  );
  const sends = (limits: RateLimits, userId: number, count: number) => {
    let sent = 0;
    for (let i = 0; i < count; i++) {
      try {
        limits.takeCall("message.send", { userId, sessionId: 1, role: "user" }, { address: "", agent: "" });
        sent++;
      } catch {
        // Nothing is left.
      }
    }
    return sent;
  };
  const [first, second] = gateways;
  assert.equal(sends(first, 1, 80), 80);
  await first.tell();
  assert.equal(sends(second, 1, 1), 1, "the second one does not know yet");
  await second.tell();
  const left = sends(second, 1, 100);
  assert.ok(left >= 19 && left <= 22, `${left} are left at the other gateway`);

  server.signal("SIGSTOP");
  const from = performance.now();
  for (let i = 0; i < 20; i++) {
    sends(first, 2, 5);
    await first.tell();
  }
  assert.ok(sends(first, 2, 100) <= 4, "alone it counts on");
  assert.equal(sends(second, 2, 100), 100);
  const tookMs = performance.now() - from;
  assert.ok(tookMs < 2_000, `three times 300 ms, then the breaker: ${tookMs} ms`);
  server.signal("SIGCONT");
  gateways.forEach((limits) => limits.close());
  await Promise.all([one.close(), two.close()]);
});
