import assert from "node:assert/strict";
import { rest } from "../support/people.ts";
import { revoke } from "../support/revocation.ts";
import { TwoGateways } from "../support/two_gateways.ts";
import { REDIS_AWAY_MS, revokedWithoutRedis } from "./revocation.ts";

Deno.test("revocation: at the other gateway nothing more is heard 2 s after the acknowledgement", async () => {
  await using cluster = await TwoGateways.start(["--rate-limit-scale=0"]);
  const [from, at] = cluster.gateways.map(({ url }) => url);
  const end = ({ other }: { other: string }) => rest(from, "session.revokeOthers", {}, other);
  const { lastHeardMs, closedMs, code } = await revoke({ at, from, end, withinMs: 2_000 });
  assert.ok(lastHeardMs < 2_000, `${lastHeardMs} ms`);
  assert.equal(code, 4001);
  console.log(`  revoked at the other gateway: closed after ${Math.round(closedMs)} ms`);
});

// `deno task soak` has it, too: it is mostly the waiting for a sweep of 30 s.
Deno.test({
  name: "revocation: and with Redis away nothing after 35 s",
  ignore: !Deno.env.has("IMSERVER_LONG"),
  fn: async () => {
    const ms = await revokedWithoutRedis();
    assert.ok(ms < REDIS_AWAY_MS);
    console.log(`  revoked without Redis: closed after ${Math.round(ms)} ms`);
  },
});
