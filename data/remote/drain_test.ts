import assert from "node:assert/strict";
import { afterAttempts, openDbproxies, stubData } from "../../tests/support/dbproxies.ts";
import { openLocalData } from "../../tests/support/local_data.ts";
import { until } from "../../tests/support/processes.ts";
import { openTcpProxy } from "../../tests/support/tcp_proxy.ts";
import type { Data } from "../service.ts";
import { connectData } from "./client.ts";
import { serveData } from "./server.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const HOST = "127.0.0.1";
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const append = (conversationId = 1) => ({ conversationId, senderId: 1, clientId: "a", body: "{}" });
const stored = { seq: 1, messageNo: 1, at: 1, duplicate: false, directUserIds: [] };

const names = (i: number) => ({
  username: `u${i}`,
  usernameKey: `u${i}`,
  displayName: `U${i}`,
  displayKey: `u${i}`,
  passwordHash: "",
});

async function directs(data: Data, count: number) {
  const users = await Promise.all(Array.from({ length: count + 1 }, (_, i) => data.users.create(names(i))));
  const [userId, ...others] = users.map(({ id }) => id);
  const open = others.map((otherId) => data.conversations.openDirect({ userId, otherId }));
  return { userId, ids: (await Promise.all(open)).map(({ conversation }) => conversation!.id) };
}

Deno.test("drain: under load no call fails, no acked append is lost, and the order stands", async () => {
  const local = await openLocalData(":memory:", 1e12);
  const { userId, ids } = await directs(local.data, 8);
  {
    await using world = await openDbproxies([local.data, local.data]);
    let stop = false;
    let sent = 0;
    const acked = new Map<number, number[]>(ids.map((id) => [id, []]));
    // Appends to each conversation are pipelined, so that one could overtake another.
    const talk = async (conversationId: number) => {
      while (!stop) {
        const burst = Array.from({ length: 10 }, () => `${++sent}`);
        const acks = burst.map((clientId) =>
          world.data.log.append({ conversationId, senderId: userId, clientId, body: "{}" })
        );
        acked.get(conversationId)!.push(...(await Promise.all(acks)).map(({ seq }) => seq));
      }
    };
    // Not idempotent: these must not be lost by a drain either.
    let made = 0;
    const make = async () => {
      for (; !stop; made++) await world.data.users.create(names(1_000 + made));
    };
    const work = Promise.all(ids.map(talk));
    const making = make();
    await sleep(150);
    const left = performance.now();
    await world.nodes[0].server.drain(5_000);
    assert.ok(performance.now() - left < 2_000, "it does not wait for its deadline");
    const before = made;
    await until("others are made after the drain, too", () => made > before + 5);
    stop = true;
    await Promise.all([work, making]);
    assert.deepEqual(world.client.healthy(), [world.nodes[1].name]);
    for (const [conversationId, seqs] of acked) {
      const request = { conversationId, userId, after: 0, limit: 10_000 };
      const { entries } = await local.data.log.read(request);
      assert.deepEqual(entries.map(({ seq }) => seq), seqs);
      const order = entries.map(({ clientId }) => Number(clientId));
      assert.deepEqual(order, order.toSorted((a, b) => a - b));
    }
  }
  await local.close();
});

Deno.test("drain: what is in work is answered; what comes meanwhile finds nobody; then it is closed", async () => {
  const free = Promise.withResolvers<void>();
  const history = () => free.promise.then(() => ({ entries: [], more: true }));
  const stub = stubData({ log: { append: () => free.promise.then(() => stored), history } });
  await using world = await openDbproxies([stub]);
  const [node] = world.nodes;
  const hot = world.data.log.append(append());
  const cold = world.data.log.history({ conversationId: 1, userId: 1, before: 0, limit: 1 });
  await sleep(50);
  let drained = false;
  const draining = node.server.drain(5_000).then(() => drained = true);
  while (world.client.ready()) await sleep(5);
  await assert.rejects(world.data.log.append(append(2)), { code: "unavailable" });
  assert.equal(drained, false);
  free.resolve();
  assert.deepEqual([await hot, (await cold).more], [stored, true]);
  await draining;
  await assert.rejects(
    Deno.connect({ hostname: HOST, port: node.server.port }),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("drain: the deadline cuts off what does not end", async () => {
  const never = () => new Promise<never>(() => {});
  await using world = await openDbproxies([stubData({ log: { append: never } })]);
  const call = assert.rejects(world.data.log.append(append()), { code: "unavailable" });
  await sleep(50);
  const begun = performance.now();
  await world.nodes[0].server.drain(200);
  const tookMs = performance.now() - begun;
  assert.ok(tookMs > 150 && tookMs < 1_500, `${tookMs} ms`);
  await call;
});

Deno.test("drain: appends of one conversation wait for those before them rather than overtake", async () => {
  const heard: string[] = [];
  const free = Promise.withResolvers<void>();
  const stub = stubData({
    log: {
      append: async ({ clientId }) => {
        if (clientId === "1") await free.promise;
        heard.push(clientId);
        return stored;
      },
    },
  });
  await using world = await openDbproxies([stub, stub]);
  const first = world.data.log.append({ ...append(), clientId: "1" });
  await sleep(50);
  const draining = Promise.all(world.nodes.map(({ server }) => server.drain(5_000)));
  while (world.client.ready()) await sleep(5);
  const server = await serveData(stub, { listen: { host: HOST, port: 0 } });
  world.nodes.forEach(({ network }) => network.redirect(server.port));
  await world.client.untilReady(5_000);
  const second = world.data.log.append({ ...append(), clientId: "2" });
  assert.deepEqual(await world.data.log.append({ ...append(2), clientId: "other" }), stored);
  assert.deepEqual(heard, ["other"]);
  free.resolve();
  await Promise.all([first, second, draining]);
  assert.deepEqual(heard, ["other", "1", "2"]);
  world.client.close();
  await server.close();
});

Deno.test("an idle client outlives a GOAWAY, and finds the next dbproxy at the same address", async () => {
  const stub = stubData({ log: { append: () => Promise.resolve(stored) } });
  const first = await serveData(stub, { listen: { host: HOST, port: 0 } });
  const client = connectData({ dbproxies: [{ host: HOST, port: first.port }] });
  await client.untilReady(5_000);
  assert.deepEqual(await client.data.log.append(append()), stored);
  await sleep(3_000);
  await first.drain(1_000);
  await sleep(300);
  assert.equal(client.ready(), false);
  const second = await serveData(stub, { listen: { host: HOST, port: first.port } });
  assert.ok(await client.untilReady(10_000));
  assert.deepEqual(await client.data.log.append(append()), stored);
  client.close();
  await second.close();
  await afterAttempts();
});

Deno.test("a frozen dbproxy is noticed in about 3 s; its calls go elsewhere, and it is welcome when it thaws", async () => {
  const at: number[] = [];
  const stub = (i: number) => stubData({ log: { append: () => (at.push(i), Promise.resolve(stored)) } });
  await using world = await openDbproxies([stub(0), stub(1)]);
  const asks = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => world.data.log.append(append(i + 1))));
  await asks(20);
  assert.deepEqual(new Set(at), new Set([0, 1]));
  at.length = 0;
  world.nodes[0].network.freeze();
  const begun = performance.now();
  await asks(20);
  const tookMs = performance.now() - begun;
  assert.ok(tookMs < 4_000, `${tookMs} ms`);
  assert.deepEqual([new Set(at), at.length], [new Set([1]), 20]);
  const quick = performance.now();
  await asks(20);
  assert.ok(performance.now() - quick < 500);
  world.nodes[0].network.thaw();
  assert.ok(await world.client.untilReady(15_000, 2));
});

Deno.test("a slow network delays and reorders nothing", async () => {
  const heard: string[] = [];
  const stub = stubData({
    log: { append: ({ clientId }) => (heard.push(clientId), Promise.resolve(stored)) },
  });
  const server = await serveData(stub, { listen: { host: HOST, port: 0 } });
  const network = openTcpProxy(server.port);
  network.delay(60);
  const client = connectData({ dbproxies: [{ host: HOST, port: network.port }] });
  assert.ok(await client.untilReady(5_000));
  const begun = performance.now();
  const sent: Promise<unknown>[] = [];
  for (let i = 0; i < 20; i++) {
    sent.push(client.data.log.append({ ...append(), clientId: `${i}` }));
    await sleep(3);
  }
  await Promise.all(sent);
  assert.ok(performance.now() - begun >= 120);
  assert.deepEqual(heard, Array.from({ length: 20 }, (_, i) => `${i}`));
  client.close();
  await server.close();
  await network.close();
});
