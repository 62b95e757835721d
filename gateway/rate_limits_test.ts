import assert from "node:assert/strict";
import type { Caller, Origin } from "../chat/handlers.ts";
import { ImError, LIMIT_CLASSES, limitClassOf, type Operation, operations } from "../wire/mod.ts";
import { networkOf, RateLimits, type RateLimitsOptions, type SharedCounts } from "./rate_limits.ts";
import { RATE_POLICIES, scaledPolicies } from "./rate_policies.ts";

const ORIGIN: Origin = { address: "192.0.2.1", agent: "test" };
const caller = (userId: number): Caller => ({ userId, sessionId: 1, role: "user" });

/** Sending: ten at once, and then one every 100 ms. */
function limitsWith(options: Partial<RateLimitsOptions> = {}) {
  const clock = { nowMs: 5_000 };
  const policies = { ...RATE_POLICIES, send: { quota: 10, windowS: 1 } };
  const limits = new RateLimits({ policies, nowMs: () => clock.nowMs, ...options });
  const send = (userId = 1) => {
    try {
      limits.takeCall("message.send", caller(userId), ORIGIN);
      return 0;
    } catch (error) {
      assert.ok(error instanceof ImError && error.code === "rate_limited");
      return error.details.retryAfterMs!;
    }
  };
  const sendMany = (count: number, userId = 1) => {
    let sent = 0;
    for (let i = 0; i < count; i++) sent += send(userId) === 0 ? 1 : 0;
    return sent;
  };
  return { clock, limits, send, sendMany };
}

Deno.test("rate limits: so many at once, then evenly; who waits as long as told is let through, and not before", () => {
  const { clock, limits, send, sendMany } = limitsWith();
  assert.equal(sendMany(15), 10);
  assert.deepEqual([limits.refused.send, limits.refused.read], [5, 0]);
  const waitMs = send();
  assert.equal(waitMs, 100);
  clock.nowMs += waitMs - 1;
  assert.equal(send(), 1);
  clock.nowMs += 1;
  assert.deepEqual([send(), send()], [0, 100]);
  clock.nowMs += 350;
  assert.equal(sendMany(10), 3);
  clock.nowMs += 3_600_000;
  assert.equal(sendMany(20), 10, "what is not used is not saved up");
});

Deno.test("rate limits: users, addresses and classes are apart; public operations count by address", () => {
  const { limits, sendMany } = limitsWith();
  assert.equal(sendMany(20, 1), 10);
  assert.equal(sendMany(20, 2), 10);
  limits.takeCall("message.history", caller(1), ORIGIN);
  const policies = { ...RATE_POLICIES, auth: { quota: 3, windowS: 60 } };
  const few = new RateLimits({ policies, nowMs: () => 0 });
  const login = (who: Caller | null, address: string) =>
    few.takeRequest("auth.login", who, { ...ORIGIN, address });
  for (const who of [null, caller(1), caller(2)]) login(who, "10.0.0.1").check();
  assert.throws(() => login(caller(3), "10.0.0.1").check(), { code: "rate_limited" });
  assert.throws(() => few.takeCall("auth.login", caller(3), { ...ORIGIN, address: "10.0.0.1" }));
  login(null, "10.0.0.2").check();
  few.takeRequest("auth.logout", caller(3), { ...ORIGIN, address: "10.0.0.1" }).check();
});

Deno.test("rate limits: the headers say the policy, what is left and when all of it is back (draft 10)", () => {
  const { clock, limits } = limitsWith();
  const take = () => limits.takeRequest("message.send", caller(1), ORIGIN);
  assert.deepEqual(take().headers, { "ratelimit-policy": '"send";q=10;w=1', ratelimit: '"send";r=9;t=1' });
  for (let i = 0; i < 9; i++) take().check();
  const refused = take();
  assert.equal(refused.headers.ratelimit, '"send";r=0;t=1');
  assert.throws(() => refused.check(), { code: "rate_limited", details: { retryAfterMs: 100 } });
  clock.nowMs += 500;
  assert.equal(take().headers.ratelimit, '"send";r=4;t=1');
});

Deno.test("rate limits: an IPv6 client is its /64, so that it cannot have a new address for each call", () => {
  assert.equal(networkOf("192.0.2.7"), "192.0.2.7");
  const same = [
    "2001:db8:0:7::1",
    "2001:db8:0:7:a:b:c:d",
    "2001:0db8:0000:0007::",
    "2001:db8::7:0:0:0:1%eth0",
  ];
  for (const address of same) assert.equal(networkOf(address), "2001:db8:0:7");
  assert.notEqual(networkOf("2001:db8:0:8::1"), "2001:db8:0:7");
  assert.equal(networkOf("::1"), "0:0:0:0");
});

Deno.test("rate limits: memory is bounded, and who goes on calling is not forgotten", () => {
  const { limits, send, sendMany } = limitsWith({ remembered: 100 });
  assert.equal(sendMany(10), 10);
  for (let userId = 2; userId < 10_000; userId++) {
    send(userId);
    if (userId % 50 === 0) assert.ok(send(1) > 0, `remembered at ${userId}`);
    assert.ok(limits.size <= 201, `${limits.size}`);
  }
});

/** The shared counts, for gateways that tell each other when the test says so. */
function sharedCounts(nowMs: () => number) {
  const fullAt = new Map<string, number>();
  const shared: SharedCounts = {
    add: (uses) =>
      Promise.resolve(uses.map(({ key, costMs }) => {
        const full = Math.max(nowMs(), fullAt.get(key) ?? 0) + costMs;
        fullAt.set(key, full);
        return full - nowMs();
      })),
  };
  return shared;
}

Deno.test("rate limits: three gateways that tell each other once a second let through one limit", async () => {
  const clock = { nowMs: 0 };
  const nowMs = () => clock.nowMs;
  const shared = sharedCounts(nowMs);
  const gateways = [1, 2, 3].map(() => limitsWith({ nowMs, shared }));
  let sent = 0;
  for (; clock.nowMs < 60_000; clock.nowMs += 20) {
    for (const { sendMany } of gateways) sent += sendMany(1);
    if (clock.nowMs % 1_000 === 980) { for (const { limits } of gateways) await limits.tell(); }
  }
  // 10 at once and 600 in a minute; each gateway may be a burst and a second ahead.
  assert.ok(sent >= 590 && sent <= 610 + 3 * 20, `${sent}`);
  for (const { limits } of gateways) limits.close();
});

Deno.test("rate limits: what is used while telling is under way is told next; without the others each counts alone", async () => {
  const told: number[] = [];
  let answer = Promise.withResolvers<number[]>();
  const shared: SharedCounts = {
    add: (uses) => {
      told.push(...uses.map(({ costMs }) => Math.round(costMs)));
      return answer.promise;
    },
  };
  const { limits, send, sendMany } = limitsWith({ shared });
  sendMany(2);
  const telling = limits.tell();
  sendMany(3);
  await limits.tell();
  assert.deepEqual(told, [200]);
  // The others have used six: with the two told and the three since, there is nothing left.
  answer.resolve([800]);
  await telling;
  assert.equal(send(), 200);
  answer = Promise.withResolvers();
  answer.reject(new Error("away"));
  await limits.tell();
  assert.deepEqual(told, [200, 300]);
  assert.equal(sendMany(10, 2), 10);
  limits.close();
});

Deno.test("rate limits: every operation has a class that has a policy", () => {
  const classes = Object.entries<Operation>(operations).map(([name, operation]) =>
    limitClassOf(name, operation)
  );
  assert.ok(classes.every((limit) => LIMIT_CLASSES.includes(limit)));
  assert.equal(limitClassOf("message.send", operations["message.send"]), "send");
  assert.equal(limitClassOf("file.begin", { method: "POST" }), "upload");
  assert.equal(limitClassOf("file.get", { method: "GET" }), "read");
  assert.equal(limitClassOf("friend.search", { method: "GET" }), "search");
  assert.equal(limitClassOf("friend.remove", { method: "DELETE" }), "write");
  assert.deepEqual(scaledPolicies(0.001).search, { quota: 1, windowS: 12 });
  assert.deepEqual(scaledPolicies(2).send, { quota: 2_000, windowS: 20 });
});

Deno.test("rate limits: docs/operations.md has the policies that are in force", async () => {
  const text = await Deno.readTextFile(new URL("../docs/operations.md", import.meta.url));
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (\d+) +\| (\d+) +\|/gm)];
  const written = rows.map(([, limit, quota, windowS]) => [limit, {
    quota: Number(quota),
    windowS: Number(windowS),
  }]);
  assert.deepEqual(Object.fromEntries(written), RATE_POLICIES);
});
