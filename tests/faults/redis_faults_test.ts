import assert from "node:assert/strict";
import type { Event } from "../../bus/bus.ts";
import { createMemoryBus } from "../../bus/memory.ts";
import { RedisBus } from "../../bus/redis.ts";
import { parseRedisUrl } from "../../kit/redis_url.ts";
import { silent } from "../../kit/log.ts";
import { freePort, programOf, runToEnd, spawn, until } from "../support/processes.ts";
import { RedisCluster, RedisServer } from "../support/redis.ts";

/** What a Redis does to the Bus when it goes, stands still, comes back empty or moves. */

Deno.test.sanitizer({ ops: true, resources: true });

interface Node {
  bus: RedisBus;
  heard: number[];
  gaps: () => number;
}

const event = (number: number): Event => ({
  body: { $case: "sessionEnded", sessionEnded: { sessionId: number, replaced: false } },
});

async function node(url: string, channel = "a"): Promise<Node> {
  const bus = new RedisBus({ url, local: createMemoryBus(), log: silent });
  const heard: number[] = [];
  let gaps = 0;
  bus.onGap(() => gaps++);
  await bus.subscribe(channel, ({ body }) => {
    if (body?.$case === "sessionEnded") heard.push(body.sessionEnded.sessionId);
  });
  return { bus, heard, gaps: () => gaps };
}

const close = (...nodes: Node[]) => Promise.all(nodes.map(({ bus }) => bus.close()));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Publishes until the other hears it. */
async function reaches(from: Node, to: Node, number: number, timeoutMs = 10_000): Promise<void> {
  await until("an event arrives", async () => {
    from.bus.publish("a", event(number));
    await pause(20);
    return to.heard.includes(number);
  }, timeoutMs);
}

Deno.test("redis: two nodes hear each other in order, and nobody hears their own twice", async () => {
  const server = await RedisServer.start();
  const [one, two] = [await node(server.url), await node(server.url)];
  const count = 10_000;
  for (let i = 0; i < count; i++) {
    one.bus.publish("a", event(i));
    if (i % 500 === 0) await pause(1);
  }
  await until("all arrived", () => two.heard.length === count);
  const inOrder = Array.from({ length: count }, (_, i) => i);
  assert.deepEqual(one.heard, inOrder);
  assert.deepEqual(two.heard, inOrder);
  await pause(50);
  assert.equal(one.heard.length, count);
  await close(one, two);
  await server.remove();
});

Deno.test("redis: killed and started again, empty: what was published meanwhile is dropped and counted, then a gap is told and all is heard", async () => {
  const server = await RedisServer.start();
  const [one, two] = [await node(server.url), await node(server.url)];
  await reaches(one, two, 1);
  const gaps = [one.gaps(), two.gaps()];
  await server.kill();
  await until("both have noticed", () => !one.bus.connected && !two.bus.connected);
  const dropped = one.bus.stats.dropped;
  one.bus.publish("a", event(2));
  assert.equal(one.bus.stats.dropped, dropped + 1);
  assert.equal(one.heard.at(-1), 2, "this node's own listeners hear it all the same");
  const started = performance.now();
  const release = await two.bus.subscribe("b", () => {});
  assert.ok(performance.now() - started < 2_000, "a subscription does not wait for Redis for ever");
  release();
  await server.run();
  await until("both told of a gap", () => one.gaps() > gaps[0] && two.gaps() > gaps[1]);
  await reaches(one, two, 3);
  await reaches(two, one, 4);
  assert.ok(!two.heard.includes(2));
  await close(one, two);
  await server.remove();
});

Deno.test("redis: away when the node starts: it hears itself, and the others once Redis is there", async () => {
  const port = freePort();
  const url = `redis://127.0.0.1:${port}`;
  const one = await node(url);
  one.bus.publish("a", event(1));
  assert.deepEqual(one.heard, [1]);
  const server = await RedisServer.start({ port });
  const two = await node(url);
  await reaches(two, one, 2);
  assert.ok(one.gaps() > 0, "what was subscribed late may have missed something");
  await close(one, two);
  await server.remove();
});

Deno.test("redis: one that stands still is noticed within four seconds or so, and a gap told when it goes on", async () => {
  const server = await RedisServer.start();
  const [one, two] = [await node(server.url), await node(server.url)];
  await reaches(one, two, 1);
  const started = performance.now();
  server.signal("SIGSTOP");
  await until("noticed", () => !one.bus.connected && !two.bus.connected, 8_000);
  assert.ok(performance.now() - started < 5_500);
  for (let i = 0; i < 100; i++) one.bus.publish("a", event(100 + i));
  server.signal("SIGCONT");
  await until("a gap is told", () => one.gaps() > 0 && two.gaps() > 0);
  await reaches(one, two, 3);
  await close(one, two);
  await server.remove();
});

Deno.test("redis: many publishes that Redis does not take are bounded, and not one waits", async () => {
  const server = await RedisServer.start();
  const one = await node(server.url);
  server.signal("SIGSTOP");
  const started = performance.now();
  for (let i = 0; i < 60_000; i++) one.bus.publish("b", event(i));
  assert.ok(performance.now() - started < 5_000);
  assert.ok(one.bus.stats.dropped >= 39_000, `${one.bus.stats.dropped} dropped`);
  server.signal("SIGCONT");
  await close(one);
  await server.remove();
});

Deno.test("redis cluster: what is published right after a subscription resolves arrives, on every node's slots", async () => {
  const cluster = await RedisCluster.start();
  const [one, two] = [await node(cluster.url), await node(cluster.url)];
  const channels = Array.from({ length: 30 }, (_, i) => `user:${i}`);
  const heard = new Set<string>();
  for (const channel of channels) {
    await two.bus.subscribe(channel, () => heard.add(channel));
    one.bus.publish(channel, event(1));
  }
  await until("all arrived", () => heard.size === channels.length, 2_000);
  await close(one, two);
  await cluster.remove();
});

Deno.test("redis cluster: a node that dies and comes back, and the slots it had, cost a gap and no more", async () => {
  const cluster = await RedisCluster.start();
  const [one, two] = [await node(cluster.url), await node(cluster.url)];
  await reaches(one, two, 1);
  for (const server of cluster.nodes) {
    await server.kill();
    await pause(300);
    await server.run();
    await until("the cluster is whole", async () => {
      const info = await cluster.nodes[0].command("cluster", "info");
      return /cluster_state:ok/.test(String(info));
    });
  }
  await reaches(one, two, 2, 20_000);
  await reaches(two, one, 3, 20_000);
  assert.ok(one.gaps() > 0);
  await close(one, two);
  await cluster.remove();
});

Deno.test("redis cluster: a slot that moves to another node is followed", async () => {
  const cluster = await RedisCluster.start();
  const [one, two] = [await node(cluster.url), await node(cluster.url)];
  await reaches(one, two, 1);
  const slot = Number(await cluster.nodes[0].command("cluster", "keyslot", "imserver:a"));
  const ids = await Promise.all(cluster.nodes.map(async (n) => String(await n.command("cluster", "myid"))));
  const owner = Math.floor(slot / (16_384 / 3 + 0.34));
  const next = (owner + 1) % 3;
  for (const server of cluster.nodes) {
    await server.command("cluster", "setslot", `${slot}`, "node", ids[next]);
  }
  await reaches(one, two, 2, 20_000);
  await reaches(two, one, 3, 20_000);
  await close(one, two);
  await cluster.remove();
});

// ioredis leaves the time limit of a connect that we cut; it ends by itself within three seconds.
Deno.test(
  "redis: over TLS with an authority of one's own, with a password; a wrong authority is not connected to",
  { sanitizeOps: false, sanitizeResources: false },
  async () => {
    const folder = await Deno.makeTempDir();
    const file = (name: string) => `${folder}/${name}`;
    const openssl = (...words: string[]) => runToEnd("openssl", words);
    const days = ["-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
    await openssl(
      "req",
      "-x509",
      ...days,
      "-subj",
      "/CN=CA",
      "-keyout",
      file("ca.key"),
      "-out",
      file("ca.pem"),
    );
    await openssl(
      "req",
      "-x509",
      ...days,
      "-subj",
      "/CN=No",
      "-keyout",
      file("no.key"),
      "-out",
      file("no.pem"),
    );
    await openssl(
      "req",
      ...days.slice(2),
      "-subj",
      "/CN=localhost",
      "-keyout",
      file("key"),
      "-out",
      file("csr"),
    );
    await Deno.writeTextFile(file("ext"), "subjectAltName=IP:127.0.0.1,DNS:localhost");
    const signed = [
      "-CA",
      file("ca.pem"),
      "-CAkey",
      file("ca.key"),
      "-CAcreateserial",
      "-extfile",
      file("ext"),
    ];
    await openssl("x509", "-req", "-in", file("csr"), ...signed, "-days", "2", "-out", file("cert"));
    const tlsPort = freePort();
    const certificate = [
      "--tls-cert-file",
      file("cert"),
      "--tls-key-file",
      file("key"),
      "--tls-ca-cert-file",
      file("ca.pem"),
    ];
    const server = await RedisServer.start({
      settings: [
        "--tls-port",
        `${tlsPort}`,
        ...certificate,
        "--tls-auth-clients",
        "no",
        "--requirepass",
        "pa/ss",
      ],
    });
    const url = `rediss://:pa%2Fss@localhost:${tlsPort}?ca=`;
    const [one, two] = [await node(url + file("ca.pem")), await node(url + file("ca.pem"))];
    await reaches(one, two, 1);
    const stranger = await node(url + file("no.pem"));
    assert.equal(stranger.bus.connected, false);
    await close(one, two, stranger);
    await server.remove();
    await Deno.remove(folder, { recursive: true });
  },
);

// ioredis leaves the time limit of a connect that we cut; it ends by itself within three seconds.
Deno.test("redis: by sentinels: after a failover the new master is found", {
  sanitizeOps: false,
  sanitizeResources: false,
}, async () => {
  const master = await RedisServer.start();
  const replica = await RedisServer.start({ settings: ["--replicaof", "127.0.0.1", `${master.port}`] });
  const folder = await Deno.makeTempDir();
  const port = freePort();
  await Deno.writeTextFile(
    `${folder}/sentinel.conf`,
    [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      `sentinel monitor chat 127.0.0.1 ${master.port} 1`,
      "sentinel down-after-milliseconds chat 500",
      "sentinel failover-timeout chat 3000",
    ].join("\n"),
  );
  const sentinel = spawn(programOf("redis-server"), { args: [`${folder}/sentinel.conf`, "--sentinel"] });
  await until(
    "the replica follows",
    async () => /link_status:up/.test(String(await replica.command("info", "replication"))),
  );
  const url = `redis-sentinel://127.0.0.1:${port}/chat`;
  await pause(1_000);
  const [one, two] = [await node(url), await node(url)];
  await reaches(one, two, 1, 20_000);
  await master.kill();
  await until(
    "the replica is master",
    async () => /role:master/.test(String(await replica.command("info", "replication"))),
    30_000,
  );
  await reaches(one, two, 2, 20_000);
  assert.ok(two.gaps() > 0);
  await close(one, two);
  await sentinel.end("SIGKILL");
  await Promise.all([master.remove(), replica.remove(), Deno.remove(folder, { recursive: true })]);
});

Deno.test("redis: the forms of its address, and what is none", () => {
  const read = (text: string) => parseRedisUrl(text);
  assert.deepEqual(read("redis://h:1/2").db, 2);
  assert.deepEqual(read("rediss://u:p%40@[::1]:1"), {
    kind: "single",
    nodes: [{ host: "::1", port: 1 }],
    name: undefined,
    username: "u",
    password: "p@",
    db: 0,
    tls: true,
    caFile: undefined,
  });
  assert.deepEqual(read("redis-cluster://a,b:2").nodes, [{ host: "a", port: 6379 }, { host: "b", port: 2 }]);
  const sentinel = read("rediss-sentinel://:p@a,b:2/chat/3?ca=/x");
  assert.deepEqual([sentinel.kind, sentinel.name, sentinel.db, sentinel.caFile], [
    "sentinel",
    "chat",
    3,
    "/x",
  ]);
  const wrong = [
    "redis://",
    "http://a",
    "redis://a,b",
    "redis-sentinel://a",
    "redis://a:0",
    "redis://a/x",
    "redis-cluster://a/1",
    "redis://:secret@a:x",
  ];
  for (const text of wrong) {
    assert.throws(() => read(text), (error: Error) => !error.message.includes("secret"), text);
  }
});
