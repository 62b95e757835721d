import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import { type Person, register, Wire } from "../support/people.ts";
import { until } from "../support/processes.ts";
import type { Server } from "../support/server.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";
import { ImError } from "../../wire/errors.ts";

/** P7 as a table: what works, and what answers which error how soon, while a part is down (docs/operations.md). */

interface Scene {
  cluster: Cluster;
  ann: Person;
  bob: Person;
  /** On the first gateway and on the second. */
  wires: [ann: Wire, bob: Wire];
  conversationId: string;
}

let clientIds = 0;
const send = ({ wires: [ann], conversationId }: Scene) =>
  ann.call("message.send", {
    conversationId,
    clientId: `c${++clientIds}`,
    content: { type: "text", text: "hello" },
  });

async function open(options = {}): Promise<Scene & AsyncDisposable> {
  const cluster = await Cluster.start({ fast: true, ...options });
  const [one, two] = cluster.gateways.map(({ server }) => server.url);
  const [ann, bob] = [await register(one), await register(two)];
  const wires: [Wire, Wire] = [await Wire.open(one, ann.accessToken), await Wire.open(two, bob.accessToken)];
  const { id: conversationId } = await wires[0].call("conversation.openDirect", { userId: bob.id });
  const scene: Scene = { cluster, ann, bob, wires, conversationId };
  await arrives(scene, (await send(scene)).seq);
  return {
    ...scene,
    async [Symbol.asyncDispose]() {
      for (const { socket } of wires) socket.close();
      await cluster[Symbol.asyncDispose]();
    },
  };
}

/** How long until the other gateway's client has it, ms. */
async function arrives({ wires: [, bob] }: Scene, seq: number): Promise<number> {
  const from = performance.now();
  const has = () =>
    bob.notifications.some(({ method, params }) =>
      method === "log.append" && (params.entries as { seq: number }[]).some((entry) => entry.seq === seq)
    );
  await bob.until(has);
  return performance.now() - from;
}

/** The code a call fails with, and how long that took. */
async function fails(call: () => Promise<unknown>): Promise<{ code: string; ms: number }> {
  const from = performance.now();
  const code = await call().then(
    () => "ok",
    (error) => error instanceof ImError ? error.code : String(error),
  );
  return { code, ms: performance.now() - from };
}

/** So many lines of its log are like that. */
const count = (server: Pick<Server, "output">, like: RegExp) =>
  server.output().split("\n").filter((line) => like.test(line)).length;

const isOpen = ({ wires }: Scene) => wires.every(({ socket }) => socket.readyState === WebSocket.OPEN);
const ready = async ({ server }: { server: { opsUrl: string } }) => {
  const answer = await fetch(`${server.opsUrl}/readyz`);
  await answer.body?.cancel();
  return answer.status;
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it goes well again. */
async function recovers(scene: Scene): Promise<number> {
  const from = performance.now();
  for (;;) {
    const { code } = await fails(() => send(scene));
    if (code === "ok") return Math.round(performance.now() - from);
    assert.ok(performance.now() - from < 20_000, "not within 20 s");
    await pause(50);
  }
}

Deno.test("Redis gone: sends are acked, the own gateway tells at once, the other one by its sweep; logins go on", async () => {
  await using scene = await open();
  await scene.cluster.redis!.kill();
  await pause(500);
  const { seq } = await send(scene);
  const ms = await arrives(scene, seq);
  assert.ok(ms < 12_000, `${ms} ms to the other gateway`);
  const newcomer = await register(scene.cluster.gateways[0].server.url);
  const wire = await Wire.open(scene.cluster.gateways[0].server.url, newcomer.accessToken);
  wire.socket.close();
  assert.ok(isOpen(scene));
  assert.equal(await ready(scene.cluster.gateways[0]), 200);
  // Its breakers have tried again several times by now.
  await pause(4_000);
  await scene.cluster.redis!.run();
  const { server } = scene.cluster.gateways[0];
  await until(
    "the breaker is closed",
    () => count(server, /info {2}redis breaker of=shared state=closed/) === 1,
  );
  assert.equal(count(server, /warn {2}redis breaker of=shared state=open/), 1, server.output());
  assert.equal(count(server, /half-open/), 0);
  console.log(`  Redis gone: the other gateway's client had the message after ${Math.round(ms)} ms`);
});

Deno.test("MariaDB gone: sends fail with unavailable, soon; sockets stay; it goes on by itself", async () => {
  // With its fsyncs: what was acked must be there afterwards.
  await using scene = await open({ fast: false });
  const { dbproxies, gateways, members } = scene.cluster;
  // Those that were looked for before they had started are told of already.
  const before = new Map(members.map(({ server }) => [server, count(server, / warn /)]));
  const alarms = (server: Server) => count(server, / warn /) - before.get(server)!;
  await scene.cluster.mariadb.kill();
  await pause(200);
  const { code, ms } = await fails(() => send(scene));
  assert.equal(code, "unavailable");
  assert.ok(ms < 3_000, `${ms} ms`);
  // As soon as the dbproxies have looked, gateways know what it is, and say so.
  const [gateway] = gateways;
  await until("the gateway says what is away", async () => {
    const answer = await fetch(`${gateway.server.opsUrl}/readyz`);
    return answer.status === 503 && (await answer.json()).reason === "The database is away";
  });
  await assert.rejects(send(scene), { code: "unavailable", message: "The database is away" });
  const read = await fails(() => scene.wires[0].call("log.read", { conversationId: scene.conversationId }));
  assert.equal(read.code, "unavailable");
  assert.equal(await ready(scene.cluster.dbproxies[0]), 503);
  assert.ok(isOpen(scene));
  await scene.cluster.mariadb.run();
  const back = await recovers(scene);
  await arrives(scene, (await send(scene)).seq);
  for (const { server } of dbproxies) {
    await until("it says that the database is back", () => count(server, /the database is back/) === 1);
    assert.deepEqual(
      [alarms(server), count(server, /warn {2}the database is away/)],
      [1, 1],
      server.output(),
    );
  }
  for (const { server } of gateways) {
    assert.equal(count(server, /dbproxy has lost its database/), 2, server.output());
    assert.equal(alarms(server), 2, server.output());
  }
  console.log(
    `  MariaDB gone: unavailable after ${Math.round(ms)} ms, good again ${back} ms after it was back`,
  );
});

Deno.test("both dbproxies gone: sends fail with unavailable at once; sockets stay; it goes on by itself", async () => {
  await using scene = await open();
  for (const dbproxy of scene.cluster.dbproxies) await dbproxy.stop("SIGKILL");
  await pause(200);
  const { code, ms } = await fails(() => send(scene));
  assert.equal(code, "unavailable");
  assert.ok(ms < 500, `${ms} ms`);
  assert.equal(await ready(scene.cluster.gateways[0]), 503);
  assert.ok(isOpen(scene));
  for (const dbproxy of scene.cluster.dbproxies) await dbproxy.start();
  const back = await recovers(scene);
  await arrives(scene, (await send(scene)).seq);
  console.log(
    `  dbproxies gone: unavailable after ${Math.round(ms)} ms, good again ${back} ms after they were back`,
  );
});

Deno.test("one dbproxy gone: nothing that a client sees", async () => {
  await using scene = await open();
  for (const dbproxy of scene.cluster.dbproxies) {
    await dbproxy.stop("SIGKILL");
    for (let i = 0; i < 20; i++) assert.ok((await send(scene)).seq > 0);
    assert.equal(await ready(scene.cluster.gateways[0]), 200);
    await dbproxy.start();
    await pause(1_500);
  }
});

Deno.test("one dbproxy cut off from the database: after a few seconds nothing that a client sees", async () => {
  const proxies: TcpProxy[] = [];
  const between = (what: string, port: number) => {
    if (what !== "database") return port;
    const proxy = openTcpProxy(port);
    proxies.push(proxy);
    return proxy.port;
  };
  {
    await using scene = await open({ between });
    for (const proxy of proxies.slice(0, 2)) {
      proxy.freeze();
      // Its statements and its look take their time limits; then gateways know.
      await pause(8_000);
      for (let i = 0; i < 20; i++) assert.ok((await send(scene)).seq > 0);
      proxy.thaw();
      await pause(3_000);
    }
  }
  for (const proxy of proxies) await proxy.close();
});

Deno.test("the replica gone: nothing that a client sees", async () => {
  await using scene = await open({ ground: "replica" });
  await scene.cluster.pair!.replica.kill();
  const { seq } = await send(scene);
  const [ann] = scene.wires;
  const { entries } = await ann.call("log.read", { conversationId: scene.conversationId });
  assert.equal(entries.at(-1)!.seq, seq);
  const { messages } = await ann.call("message.history", { conversationId: scene.conversationId });
  assert.equal(messages.at(-1)!.seq, seq);
});

Deno.test("a session ended at one gateway ends at the other at once, and without Redis within the sweep's time", async () => {
  await using scene = await open();
  const [one, two] = scene.cluster.gateways.map(({ server }) => server.url);
  const here = await Wire.open(two, scene.ann.accessToken);
  const logout = await fetch(`${one}/api/v1/auth/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${scene.ann.accessToken}`, "content-type": "application/json" },
    body: "{}",
  });
  await logout.body?.cancel();
  assert.equal(logout.ok, true);
  assert.match((await here.closed).reason, /session_ended/);
});
