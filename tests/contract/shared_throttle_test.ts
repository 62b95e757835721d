import assert from "node:assert/strict";
import { createLoginThrottle } from "../../auth/login_throttle.ts";
import { silent } from "../../kit/log.ts";
import { closeRedis, openRedis } from "../../kit/redis.ts";
import { parseRedisUrl } from "../../kit/redis_url.ts";
import { until } from "../support/processes.ts";
import { RedisServer } from "../support/redis.ts";

/** Gateways count wrong passwords together, and each alone while Redis is away or stands still. */
Deno.test("login throttle: two gateways count together; without Redis each counts alone, and nobody waits", async () => {
  const server = await RedisServer.start();
  const connect = () => openRedis(parseRedisUrl(server.url), silent, { commandTimeoutMs: 300 });
  const [one, two] = [connect(), connect()];
  await until("connected", () => one.status === "ready" && two.status === "ready");
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
    assert.ok(performance.now() - started < 6_000, `${performance.now() - started}`);
    if (end === "SIGSTOP") server.signal("SIGCONT");
  }
  await Promise.all([closeRedis(one), closeRedis(two)]);
  await server.remove();
});
