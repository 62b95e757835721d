import assert from "node:assert/strict";
import { createLoginThrottle } from "../../auth/login_throttle.ts";
import { silent } from "../../kit/log.ts";
import { parseRedisUrl } from "../../kit/redis_url.ts";
import { SharedRedis } from "../../kit/shared_redis.ts";
import { until } from "../support/processes.ts";
import { RedisServer } from "../support/redis.ts";

/** Gateways count wrong passwords together, and each alone while Redis is away or stands still. */
Deno.test("login throttle: two gateways count together; without Redis each counts alone, and nobody waits", async () => {
  const server = await RedisServer.start();
  const connect = () =>
    new SharedRedis({ place: parseRedisUrl(server.url), log: silent, commandTimeoutMs: 300 });
  const [one, two] = [connect(), connect()];
  await until("connected", () => one.client.status === "ready" && two.client.status === "ready");
  const [first, second] = [one, two].map((redis) =>
    createLoginThrottle({ perName: 4, perAddress: 100, redis })
  );
  for (let i = 0; i < 4; i++) await [first, second][i % 2].failed("10.0.0.1", "alice");
  for (const throttle of [first, second]) {
    await assert.rejects(throttle.check("10.0.0.1", "alice"), { code: "rate_limited" });
    await throttle.check("10.0.0.1", "bob");
  }
  for (const end of ["SIGSTOP", "SIGKILL"] as const) {
    const name = `carol ${end}`;
    if (end === "SIGKILL") await server.kill();
    else server.signal(end);
    const started = performance.now();
    for (let i = 0; i < 4; i++) await first.failed("10.0.0.1", name);
    await assert.rejects(first.check("10.0.0.1", name), { code: "rate_limited" });
    await second.check("10.0.0.1", name);
    // Three commands of each pay 300 ms; then the breaker answers at once.
    const tookMs = performance.now() - started;
    assert.ok(tookMs < 2_500, `${tookMs} ms`);
    if (end === "SIGSTOP") server.signal("SIGCONT");
  }
  await Promise.all([one.close(), two.close()]);
  await server.remove();
});
