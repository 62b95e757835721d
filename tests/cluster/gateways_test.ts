import assert from "node:assert/strict";
import { join } from "node:path";
import { formatKeys, generateKeys } from "../../auth/keys.ts";
import type { ImError } from "../../wire/errors.ts";
import { eventually } from "../support/browser.ts";
import { firstAdmin } from "../support/first_admin.ts";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { until } from "../support/processes.ts";
import { freePort, spawnServer, startProcess } from "../support/server.ts";
import { TwoGateways } from "../support/two_gateways.ts";

/** What gateways know of each other, on real processes. */

const WRONG_PASSWORD = "incorrect horse battery";
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

async function friends(url: string): Promise<[Person, Person]> {
  const [ann, bob] = [await register(url), await register(url)];
  await rest(url, "friend.request", { userId: bob.id }, ann.accessToken);
  await rest(url, "friend.accept", { userId: ann.id }, bob.accessToken);
  return [ann, bob];
}

const presenceOf = async (url: string, who: Person, of: Person) =>
  (await rest(url, "presence.get", { userIds: [of.id] }, who.accessToken)).presences[0];

Deno.test("gateways: one is killed; within its lease its users are offline, with when they were last there", async () => {
  await using cluster = await TwoGateways.start();
  const [one, two] = cluster.gateways.map(({ url }) => url);
  const [ann, bob] = await friends(one);
  const watcher = await Wire.open(one, ann.accessToken);
  const gone = await Wire.open(two, bob.accessToken);
  const { presences } = await watcher.call("presence.subscribe", { userIds: [bob.id] });
  assert.equal(presences[0].online, true);
  const killedAt = Date.now();
  await cluster.gateways[1].stop("SIGKILL");
  await gone.closed;
  assert.equal((await presenceOf(one, ann, bob)).online, true, "it might only be slow");
  const changes = () => watcher.notifications.filter(({ method }) => method === "presence.changed");
  await watcher.until(() => changes().length > 0, 40_000);
  const tookMs = Date.now() - killedAt;
  const told = changes()[0].params as { online: boolean; lastSeenAt: number };
  assert.equal(told.online, false);
  assert.ok(Math.abs(told.lastSeenAt - killedAt) < 5_000, `${told.lastSeenAt - killedAt} ms off`);
  assert.ok(tookMs < 25_000, `${tookMs} ms`);
  // Stored, so that it is the same for who asks later.
  await eventually(async () => (await presenceOf(one, ann, bob)).lastSeenAt! >= killedAt - 5_000, true);
  console.log(`  a gateway killed: its users offline after ${tookMs} ms`);
  await watcher.close();
});

Deno.test("gateways: with the directory's answer nobody waits; with Redis emptied or gone it still is right", async () => {
  await using cluster = await TwoGateways.start();
  const [one, two] = cluster.gateways.map(({ url }) => url);
  const [ann, bob] = await friends(one);
  const wire = await Wire.open(two, bob.accessToken);
  // Sure a lease after the first gateway came; until then gateways ask each other, which takes 300 ms.
  await eventually(async () => {
    const from = performance.now();
    const { online } = await presenceOf(one, bob, ann);
    return [online, performance.now() - from < 250];
  }, [false, true]);
  await cluster.redis.command("FLUSHALL");
  for (let i = 0; i < 10; i++) {
    assert.equal((await presenceOf(one, ann, bob)).online, true, `at the ${i}th time`);
    await pause(100);
  }
  await cluster.redis.kill();
  await pause(200);
  // Here is what this gateway knows itself, and the others cannot be asked either: the Bus is the same Redis.
  const own = await Wire.open(one, bob.accessToken);
  assert.equal((await presenceOf(one, ann, bob)).online, true);
  await cluster.redis.run();
  await eventually(async () => (await presenceOf(two, bob, ann)).online, false);
  await own.close();
  await eventually(async () => (await presenceOf(one, ann, bob)).online, true);
  await wire.close();
});

Deno.test("gateways: one shows the devices at the other, and logs them out there at once", async () => {
  await using cluster = await TwoGateways.start();
  const [one, two] = cluster.gateways.map(({ url }) => url);
  const ann = await register(one);
  const login = { username: ann.username, password: "correct horse battery" };
  const phone = await rest(two, "auth.login", { ...login, deviceName: "phone" });
  const there = await Wire.open(two, phone.accessToken!);
  const devices = async () =>
    Object.fromEntries(
      (await rest(one, "session.list", {}, ann.accessToken)).sessions.map((s) => [s.deviceName, s]),
    );
  assert.equal((await devices()).phone.online, true);
  const { online } = Object.values(await devices()).find(({ current }) => current)!;
  assert.equal(online, false, "it asks over REST and has no socket");
  const from = performance.now();
  await rest(one, "session.revoke", { sessionId: (await devices()).phone.id }, ann.accessToken);
  const { code, reason } = await there.closed;
  assert.deepEqual([code, JSON.parse(reason).code], [4001, "session_ended"]);
  assert.ok(performance.now() - from < 2_000);
  assert.equal("phone" in await devices(), false);
  await assert.rejects(Wire.open(two, phone.accessToken!));
});

Deno.test("gateways: what is used at one is missing at the other; so are guesses of a password", async () => {
  await using cluster = await TwoGateways.start(["--rate-limit-scale=0.05"]);
  const [one, two] = cluster.gateways.map(({ url }) => url);
  const [ann, bob] = [await register(one), await register(two)];
  const wires = [await Wire.open(one, ann.accessToken), await Wire.open(two, ann.accessToken)];
  const { id } = await wires[0].call("conversation.openDirect", { userId: bob.id });
  let sends = 0;
  const sendMany = async (wire: Wire, count: number) => {
    const content = { type: "text", text: "hello" } as const;
    const outcomes = await Promise.allSettled(
      Array.from(
        { length: count },
        () => wire.call("message.send", { conversationId: id, clientId: `c${sends++}`, content }),
      ),
    );
    for (const one of outcomes) {
      if (one.status === "rejected") assert.equal((one.reason as ImError).code, "rate_limited");
    }
    return outcomes.filter(({ status }) => status === "fulfilled").length;
  };
  // 50 at once, and 2.5 a second.
  assert.equal(await sendMany(wires[0], 45), 45);
  await pause(1_200);
  assert.equal(await sendMany(wires[1], 1), 1);
  await pause(1_200);
  const left = await sendMany(wires[1], 50);
  assert.ok(left >= 5 && left < 30, `${left} of 50`);

  const codes: string[] = [];
  for (let i = 0; i < 23; i++) {
    const url = i % 2 ? one : two;
    await rest(url, "auth.login", { username: bob.username, password: WRONG_PASSWORD }).catch((error) =>
      codes.push(error.code)
    );
  }
  assert.equal(codes[19], "invalid_credentials");
  assert.deepEqual(codes.slice(20), ["rate_limited", "rate_limited", "rate_limited"]);
  for (const wire of wires) await wire.close();
});

Deno.test("gateways: a Redis that hangs costs a few logins half a second; sends, reads and presence go on", async () => {
  await using cluster = await TwoGateways.start();
  const [one] = cluster.gateways.map(({ url }) => url);
  const [ann, bob] = await friends(one);
  const wires = [await Wire.open(one, ann.accessToken), await Wire.open(one, bob.accessToken)];
  const { id } = await wires[0].call("conversation.openDirect", { userId: bob.id });
  cluster.redis.signal("SIGSTOP");
  const timed = async (what: () => Promise<unknown>) => {
    const from = performance.now();
    await what();
    return Math.round(performance.now() - from);
  };
  const content = { type: "text", text: "hello" } as const;
  const sends: number[] = [];
  for (let i = 0; i < 20; i++) {
    const message = { conversationId: id, clientId: `c${i}`, content };
    sends.push(await timed(() => wires[0].call("message.send", message)));
  }
  assert.ok(Math.max(...sends) < 400, `${sends}`);
  const login = { username: ann.username, password: "correct horse battery" };
  const logins: number[] = [];
  for (let i = 0; i < 8; i++) logins.push(await timed(() => rest(one, "auth.login", login)));
  // Two counts are asked for at each; a few of them wait for 500 ms, one a second tries.
  assert.ok(logins.reduce((sum, ms) => sum + ms) < 8 * 500 + 3_000, `${logins}`);
  assert.ok(logins.filter((ms) => ms < 450).length >= 3, `${logins}`);
  assert.equal((await presenceOf(one, ann, bob)).online, true, "of who is here it knows");
  const newcomer = await register(one);
  await (await Wire.open(one, newcomer.accessToken)).close();
  cluster.redis.signal("SIGCONT");
  console.log(`  Redis hangs: logins took ${logins} ms, sends at most ${Math.max(...sends)} ms`);
  for (const wire of wires) await wire.close();
});

Deno.test("gateways: without a place for files, every file operation says so at both doors", async () => {
  await using cluster = await TwoGateways.start();
  const [{ url }] = cluster.gateways;
  const ann = await register(url);
  const wire = await Wire.open(url, ann.accessToken);
  const file = { name: "a.txt", size: 3, mime: "text/plain" };
  const off = { code: "files_off" };
  await assert.rejects(wire.call("file.create", file), off);
  await assert.rejects(wire.call("file.info", { fileId: "1" }), off);
  const authorization = `Bearer ${ann.accessToken}`;
  const ask = async (method: string, path: string, body?: string, type = "application/json") => {
    const headers = { authorization, ...(body === undefined ? {} : { "content-type": type }) };
    const answer = await fetch(`${url}/api/v1/files${path}`, { method, headers, body });
    return [answer.status, (await answer.json()).code];
  };
  const bytes = "application/octet-stream";
  for (
    const answer of [
      await ask("POST", "", JSON.stringify(file)),
      await ask("PUT", "/1/content?offset=0", "abc", bytes),
      await ask("GET", "/1/upload"),
      await ask("POST", "/1/complete", "{}"),
      await ask("GET", "/1/info"),
      await ask("GET", "/1"),
      await ask("GET", "/1/thumbnail"),
      await ask("DELETE", "/1"),
    ]
  ) assert.deepEqual(answer, [501, "files_off"]);
  await wire.close();
});

Deno.test("gateways: one that is started before its dbproxy answers /readyz with 503 meanwhile, and logs one line", async () => {
  const folder = await Deno.makeTempDir({ prefix: "imserver-early-" });
  const keyFile = join(folder, "keys.json");
  await Deno.writeTextFile(keyFile, formatKeys(generateKeys(Date.now())), { mode: 0o600 });
  const port = freePort();
  const dataDir = join(folder, "data");
  const args = ["--mode=gateway", `--dbproxy=127.0.0.1:${port}`, `--key-file=${keyFile}`];
  await using gateway = spawnServer({ dataDir, args }).server;
  const readyz = async () => {
    const answer = await fetch(`${gateway.opsUrl}/readyz`);
    return { status: answer.status, reason: (await answer.json()).reason as string | undefined };
  };
  const isOpen = () => fetch(gateway.url).then(async ({ body }) => (await body?.cancel(), true), () => false);
  await until("the operator's port is open", async () => (await readyz()).status === 503);
  assert.equal((await readyz()).reason, "no dbproxy is there yet");
  assert.equal(await isOpen(), false, "the clients' port waits for a dbproxy, for three seconds");
  await until("the clients' port is open", isOpen);
  await until("it goes on waiting", async () => (await readyz()).reason === "No dbproxy is there");
  const alarms = () => gateway.output().split("\n").filter((line) => / (?:warn|error) /.test(line));
  await pause(6_000); // The sweep has gone twice.
  assert.equal(alarms().length, 1, gateway.output());
  assert.match(alarms()[0], /dbproxy away dbproxy=127\.0\.0\.1:\d+ why=/);
  assert.doesNotMatch(gateway.output(), /Resolution note|sweep failed/);
  await using _dbproxy = await startProcess({
    dataDir,
    args: ["--mode=dbproxy", `--grpc-listen=127.0.0.1:${port}`],
  });
  await until("it is ready", async () => (await readyz()).status === 200);
  assert.ok(await register(gateway.url));
  assert.match(gateway.output(), / info {2}dbproxy connected/);
  assert.equal(alarms().length, 1, gateway.output());
  await Deno.remove(folder, { recursive: true });
});

Deno.test("gateways: an admin sees the figures of all, whichever is asked, and which one does not answer", async () => {
  await using cluster = await TwoGateways.start();
  const [one, two] = cluster.gateways;
  const boss = await firstAdmin(one, two);
  const look = (url: string) => rest(url, "admin.figures", {}, boss.accessToken);
  const wire = await Wire.open(two.url, boss.accessToken);
  for (const { url } of [one, two]) {
    const { sum, gateways } = await look(url);
    assert.deepEqual([sum.gateways, sum.missing, sum.connections, sum.users], [2, 0, 1, 1]);
    const own = gateways[0].name.endsWith(`:${new URL(url).port}`);
    assert.deepEqual([own, new Set(gateways.map(({ name }) => name)).size], [true, 2]);
  }
  // It hangs: it keeps its connections and answers nobody.
  Deno.kill(two.pid, "SIGSTOP");
  try {
    const from = performance.now();
    const { sum, gateways: [, other] } = await look(one.url);
    assert.ok(performance.now() - from < 3_000);
    assert.deepEqual([sum.missing, sum.connections, other.missing, other.connections], [1, 0, true, 1]);
  } finally {
    Deno.kill(two.pid, "SIGCONT");
  }
  await eventually(async () => (await look(one.url)).sum.missing, 0);
  await wire.close();
  await two.stop("SIGTERM");
  const { sum } = await look(one.url);
  assert.deepEqual([sum.gateways, sum.missing], [1, 0], "who leaves is not missed");
});
