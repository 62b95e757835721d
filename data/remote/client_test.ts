import assert from "node:assert/strict";
import { afterAttempts, openDbproxies, stubData } from "../../tests/support/dbproxies.ts";
import { type ErrorCode, ImError } from "../../wire/errors.ts";
import { connectData } from "./client.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const never = () => new Promise<never>(() => {});
const append = (conversationId = 1) => ({ conversationId, senderId: 1, clientId: "a", body: "{}" });
const account = { username: "a", usernameKey: "a", displayName: "A", displayKey: "a", passwordHash: "" };
const stored = { seq: 1, messageNo: 1, at: 1, duplicate: false, directUserIds: [] };

async function failure(call: Promise<unknown>): Promise<ImError> {
  const error = await call.then(() => assert.fail("it did not fail"), (error) => error);
  assert.ok(error instanceof ImError, String(error));
  return error;
}

async function fails(code: ErrorCode, call: Promise<unknown>): Promise<void> {
  assert.equal((await failure(call)).code, code);
}

/** Two dbproxies; the first to be called takes the call, never answers, and its connections are cut. */
async function openCutting(calls: string[]) {
  const take = (i: number) => <T>(name: string, answer: T) => {
    calls.push(name);
    if (calls.length > 1) return Promise.resolve(answer);
    world.nodes[i].network.cut();
    return never();
  };
  const stub = (i: number) =>
    stubData({
      log: {
        append: () => take(i)("append", stored),
        history: () => take(i)("history", { entries: [], more: true }),
      },
      users: {
        create: () => take(i)("create", { id: 1, username: "", displayName: "", role: 0, createdAt: 0 }),
      },
    });
  const world = await openDbproxies([stub(0), stub(1)]);
  return world;
}

Deno.test("client: a call that was lost with its dbproxy is made again on the other, if it may be", async () => {
  const calls: string[] = [];
  await using world = await openCutting(calls);
  assert.deepEqual(await world.data.log.append(append()), stored);
  assert.deepEqual(calls, ["append", "append"]);
});

Deno.test("client: so is one that went beside the stream", async () => {
  const calls: string[] = [];
  await using world = await openCutting(calls);
  const page = await world.data.log.history({ conversationId: 1, userId: 1, before: 0, limit: 1 });
  assert.deepEqual([page.more, calls], [true, ["history", "history"]]);
});

Deno.test("client: one that may not be repeated is not, and says that it may have been done", async () => {
  const calls: string[] = [];
  await using world = await openCutting(calls);
  await fails("unavailable", world.data.users.create(account));
  await world.client.untilReady(5_000, 2);
  assert.deepEqual(calls, ["create"]);
});

Deno.test("client: appends that were lost together arrive in order, and later ones after them", async () => {
  const heard: string[][] = [[], []];
  const all = Promise.withResolvers<void>();
  const stub = (i: number) =>
    stubData({
      log: {
        append: ({ clientId }) => {
          heard[i].push(clientId);
          // The first to hear all of them is lost with its answers.
          if (heard[0].length + heard[1].length === 50) all.resolve();
          return heard[1 - i].length > 0 ? Promise.resolve(stored) : never();
        },
      },
    });
  await using world = await openDbproxies([stub(0), stub(1)]);
  const say = (i: number) => world.data.log.append({ ...append(), clientId: `${i}` });
  const first = Array.from({ length: 50 }, (_, i) => say(i));
  await all.promise;
  const at = heard[0].length > 0 ? 0 : 1;
  world.nodes[at].network.cut();
  while (world.client.healthy().length === 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.all([...first, ...Array.from({ length: 50 }, (_, i) => say(50 + i))]);
  assert.deepEqual(heard[1 - at], Array.from({ length: 100 }, (_, i) => `${i}`));
});

Deno.test("client: a call ends by its deadline, on the stream and beside it", async () => {
  const stub = stubData({ log: { append: never, history: never } });
  await using world = await openDbproxies([stub], { client: { timeoutMs: 300 } });
  const begun = performance.now();
  await Promise.all([
    fails("unavailable", world.data.log.append(append())),
    fails("unavailable", world.data.log.history({ conversationId: 1, userId: 1, before: 0, limit: 1 })),
  ]);
  const tookMs = performance.now() - begun;
  assert.ok(tookMs >= 290 && tookMs < 1_000, `${tookMs} ms`);
});

Deno.test("client: with no dbproxy there, calls fail at once and say when to come back", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const client = connectData({ dbproxies: [{ host: "127.0.0.1", port }] });
  const begun = performance.now();
  const error = await failure(client.data.log.append(append()));
  assert.equal(error.code, "unavailable");
  assert.ok(error.details.retryAfterMs && error.details.retryAfterMs > 0);
  assert.ok(performance.now() - begun < 200);
  assert.deepEqual([client.ready(), await client.untilReady(300)], [false, false]);
  client.close();
  await afterAttempts();
});

Deno.test("client: a dbproxy that has more than it works at says so at once, and the rest goes on", async () => {
  const free = Promise.withResolvers<void>();
  const stub = stubData({ log: { append: () => free.promise.then(() => stored), tail: never } });
  await using world = await openDbproxies([stub], { server: { maxCalls: 10 } });
  const calls = Array.from({ length: 25 }, () => world.data.log.append(append()));
  const refused = await Promise.all(calls.slice(10).map(failure));
  assert.deepEqual(new Set(refused.map(({ code }) => code)), new Set(["overloaded"]));
  assert.ok(refused.every(({ details }) => details.retryAfterMs! > 0));
  free.resolve();
  assert.deepEqual(await Promise.all(calls.slice(0, 10)), Array(10).fill(stored));
  assert.deepEqual(await world.data.log.append(append()), stored);
});

Deno.test("client: what is too large for the wire is refused, and breaks nothing for others", async () => {
  const huge = { entries: [{ seq: 1, kind: "", senderId: 1, at: 1, messageNo: 1, clientId: "", body: "" }] };
  huge.entries[0].body = "x".repeat(65 << 20);
  const stub = stubData({
    log: { append: () => Promise.resolve(stored), tail: () => Promise.resolve(huge) },
  });
  await using world = await openDbproxies([stub]);
  await fails("too_large", world.data.log.append({ ...append(), body: "x".repeat(17 << 20) }));
  await fails("too_large", world.data.log.tail({ logId: 1, after: 0, limit: 1 }));
  assert.deepEqual(await world.data.log.append(append()), stored);
});

Deno.test("client: one conversation stays with one dbproxy; only those of who goes move, and come back", async () => {
  const at = new Map<number, number>();
  const stub = (i: number) =>
    stubData({
      log: { append: ({ conversationId }) => (at.set(conversationId, i), Promise.resolve(stored)) },
    });
  await using world = await openDbproxies([stub(0), stub(1), stub(2)]);
  const ask = async () => {
    at.clear();
    await Promise.all(Array.from({ length: 300 }, (_, i) => world.data.log.append(append(i + 1))));
    return new Map(at);
  };
  const before = await ask();
  assert.deepEqual(await ask(), before);
  world.nodes[1].server.setServing(false);
  while (world.client.healthy().length > 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const without = await ask();
  for (const [id, node] of before) assert.ok(node === 1 ? without.get(id) !== 1 : without.get(id) === node);
  world.nodes[1].server.setServing(true);
  await world.client.untilReady(5_000, 3);
  assert.deepEqual(await ask(), before);
});

Deno.test("client: the caller's trace reaches the dbproxy, by the stream and beside it", async () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const seen: unknown[] = [];
  const stub = stubData({
    log: {
      append: () => Promise.resolve(stored),
      history: () => Promise.resolve({ entries: [], more: false }),
    },
  });
  const server = {
    span: <T>(path: string, parent: string | undefined, run: () => Promise<T>) => {
      seen.push([path, parent]);
      return run();
    },
  };
  await using world = await openDbproxies([stub], { client: { traceparent: () => traceparent }, server });
  await world.data.log.append(append());
  await world.data.log.history({ conversationId: 1, userId: 1, before: 0, limit: 1 });
  const paths = ["/imserver.v1.Log/Append", "/imserver.v1.Log/History"];
  assert.deepEqual(seen, paths.map((path) => [path, traceparent]));
});

Deno.test("client: a dbproxy that takes calls and answers none is left out until it answers a question", async () => {
  let hangs = true;
  const calls: number[] = [0, 0];
  const stub = (i: number) =>
    stubData({
      users: { get: () => (calls[i]++, hangs && i === 0 ? never() : Promise.resolve({ users: [] })) },
      log: { append: () => (calls[i]++, hangs && i === 0 ? never() : Promise.resolve(stored)) },
    });
  await using world = await openDbproxies([stub(0), stub(1)], { client: { timeoutMs: 300 } });
  const [silent, other] = world.nodes.map(({ name }) => name);
  const attempts = await Promise.allSettled(
    Array.from({ length: 60 }, (_, i) => world.data.log.append(append(i + 1))),
  );
  const failed = attempts.filter(({ status }) => status === "rejected").length;
  assert.ok(failed >= 5 && failed < 60, `${failed} of 60 cost their time`);
  assert.deepEqual(world.client.healthy(), [other]);
  const from = performance.now();
  for (let i = 0; i < 60; i++) assert.deepEqual(await world.data.log.append(append(i + 1)), stored);
  assert.ok(performance.now() - from < 1_000, "nobody waits for it");
  hangs = false;
  assert.ok(await world.client.untilReady(5_000, 2));
  assert.deepEqual(world.client.healthy().toSorted(), [silent, other].toSorted());
});

Deno.test("client: with one silent dbproxy and no other, calls fail at once after the first few", async () => {
  let hangs = true;
  const answer = () => hangs ? never() : Promise.resolve({ users: [] });
  await using world = await openDbproxies([stubData({ users: { get: answer } })], {
    client: { timeoutMs: 300 },
  });
  for (let i = 0; i < 5; i++) await fails("unavailable", world.data.users.get({ ids: [1] }));
  const from = performance.now();
  for (let i = 0; i < 20; i++) {
    const { code, details } = await failure(world.data.users.get({ ids: [1] }));
    assert.deepEqual([code, details.retryAfterMs], ["unavailable", 1_000]);
  }
  assert.ok(performance.now() - from < 250);
  hangs = false;
  assert.ok(await world.client.untilReady(5_000));
  await world.data.users.get({ ids: [1] });
});

Deno.test("client: closing fails what is open", async () => {
  await using world = await openDbproxies([stubData({ log: { append: never, history: never } })]);
  const open = [
    world.data.log.append(append()),
    world.data.log.history({ conversationId: 1, userId: 1, before: 0, limit: 1 }),
  ];
  const ended = Promise.all(open.map((call) => fails("unavailable", call)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  world.client.close();
  await ended;
  await fails("unavailable", world.data.log.append(append()));
});
