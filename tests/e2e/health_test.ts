import assert from "node:assert/strict";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { Line, RawSocket, request } from "../support/raw.ts";
import { type Server, spawnServer, startServer, tempFolder } from "../support/server.ts";

/** The operator's port, and an orderly end whatever the peers do. */

/** What modes/run.ts grants; the rest is for a busy machine. */
const DEADLINE_MS = 10_000 + 2_000;

interface Health {
  status: number;
  body: { status: string; reason?: string };
}

/** Null when nobody listens. */
async function ask(url: string): Promise<Health | null> {
  try {
    const answer = await fetch(url);
    assert.equal(answer.headers.get("content-type"), "application/json");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    return { status: answer.status, body: await answer.json() };
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again and again until `done`; answers each different answer once, in order. */
async function watch(url: string, done: () => boolean): Promise<(Health | null)[]> {
  const seen: (Health | null)[] = [];
  for (let last = ""; !done(); await pause(5)) {
    const answer = await ask(url);
    const text = JSON.stringify(answer);
    if (text !== last) seen.push(answer);
    last = text;
  }
  return seen;
}

Deno.test("/readyz says yes when requests are answered, no while it starts and while it stops", async () => {
  using data = tempFolder();
  const { server, ready } = spawnServer({ dataDir: data.path });
  await using _ = server;
  let stage = "start";
  const readiness = watch(`${server.opsUrl}/readyz`, () => stage === "ended");
  const life = watch(`${server.opsUrl}/healthz`, () => stage === "ended");
  while ((await ask(`${server.opsUrl}/readyz`))?.status !== 200) await pause(5);
  assert.equal((await fetch(`${server.url}/`)).status, 200, "ready, so clients are served");
  await ready;
  // A peer that never answers keeps the stopping long enough to be seen.
  const person = await register(server.url);
  using _stalled = await RawSocket.open(server.url, person.accessToken);
  const { code } = await server.stop();
  assert.equal(code, 0);
  stage = "ended";

  const ok = { status: 200, body: { status: "ok" } };
  const no = (reason: string) => ({ status: 503, body: { status: "unavailable", reason } });
  const order = [null, no("starting"), ok, no("stopping"), null].map((one) => JSON.stringify(one));
  const said = (await readiness).map((one) => JSON.stringify(one));
  // The first ones may pass too quickly to be seen.
  assert.deepEqual(said, order.filter((one, index) => index > 1 || said.includes(one)).slice(-said.length));
  assert.ok(said.includes(order[3]), "503 while it stops");
  assert.deepEqual((await life).filter((one) => one !== null), [ok], "it lives from start to end");
});

Deno.test("the operator's port answers two paths, to GET and HEAD; the clients' port none of them", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  for (const path of ["/healthz", "/readyz", "/readyz?verbose"]) {
    assert.deepEqual(await ask(server.opsUrl + path), { status: 200, body: { status: "ok" } });
    const head = await fetch(server.opsUrl + path, { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    assert.equal((await ask(server.opsUrl + path + "/"))?.status, path.includes("?") ? 200 : 404);
    assert.equal((await request(server.url, path)).status, 404);
  }
  for (const path of ["/", "/metrics/", "/api/v1/users/me", "/healthz/.."]) {
    assert.deepEqual(await ask(server.opsUrl + path), { status: 404, body: { status: "not found" } });
  }
  for (const method of ["POST", "DELETE", "OPTIONS"]) {
    assert.equal((await request(server.opsUrl, "/healthz", { method })).status, 405);
  }
});

/** Two people who write to each other as fast as they get answers, until their sockets close. */
async function chatter(server: Server) {
  const people = [await register(server.url), await register(server.url)];
  const [alice, bob] = people;
  const { id } = await rest(server.url, "conversation.openDirect", { userId: bob.id }, alice.accessToken);
  const wires = await Promise.all(people.map((person) => Wire.open(server.url, person.accessToken)));
  const acked = new Map<string, number>();
  const talks = wires.flatMap((wire, who) =>
    Array.from({ length: 10 }, async (_, lane) => {
      for (let i = 0; wire.socket.readyState === wire.socket.OPEN; i++) {
        const clientId = `${who}-${lane}-${i}`;
        const content = { type: "text", text: clientId } as const;
        try {
          acked.set(
            clientId,
            (await wire.call("message.send", { conversationId: id, clientId, content })).seq,
          );
        } catch {
          // Closed before the answer: it may or may not be stored.
        }
      }
    })
  );
  return { alice, bob, conversationId: id, wires, acked, silence: Promise.all(talks) };
}

/** Every acked message is in the log, once, at the seq of its ack. */
async function assertKept(
  server: Server,
  reader: Person,
  conversationId: string,
  acked: Map<string, number>,
) {
  const found = new Map<number, string | undefined>();
  for (let after = 0;;) {
    const page = { conversationId, after, limit: 1000 };
    const { entries, lastSeq } = await rest(server.url, "log.read", page, reader.accessToken);
    for (const { seq, clientId } of entries) {
      assert.equal(seq, ++after, "no hole");
      found.set(seq, clientId);
    }
    if (after === lastSeq) break;
  }
  for (const [clientId, seq] of acked) assert.equal(found.get(seq), clientId);
}

for (const [flavour, signal] of [["source", "SIGTERM"], ["dist", "SIGTERM"], ["source", "SIGINT"]] as const) {
  Deno.test(`${flavour}: ${signal} amid traffic: sockets are told when to come back, exit code 0, nothing acked is lost`, async () => {
    using data = tempFolder();
    let talk: Awaited<ReturnType<typeof chatter>>;
    {
      await using server = await startServer({ dataDir: data.path, flavour });
      talk = await chatter(server);
      while (talk.acked.size < 200) await pause(5);
      const { code, tookMs } = await server.stop(signal);
      assert.equal(code, 0, server.output());
      assert.ok(tookMs < 5_000, `took ${tookMs} ms`);
      for (const { closed } of talk.wires) {
        const { code, reason } = await closed;
        assert.equal(code, 1001);
        const { retryAfterMs, ...rest } = JSON.parse(reason);
        assert.deepEqual(rest, { code: "going_away" });
        assert.ok(Number.isInteger(retryAfterMs) && retryAfterMs >= 0 && retryAfterMs <= 3_000);
      }
      await talk.silence;
      assert.match(server.stdout(), new RegExp(`stopping signal=${signal}\n(.*\n)*.* stopped\n$`));
      assert.equal(server.stderr(), "");
    }
    await using server = await startServer({ dataDir: data.path, flavour });
    await assertKept(server, talk.alice, talk.conversationId, talk.acked);
  });
}

Deno.test("what is under way when the signal comes is answered at both doors, before the sockets close", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { username, accessToken } = await register(server.url);
  // Logging in takes its time, because hashing a password does.
  const login = { username, password: "correct horse battery" };
  const wire = await Wire.open(server.url, accessToken);
  const order: string[] = [];
  const answers = [
    wire.call("auth.login", login).then(() => order.push("answer")),
    wire.call("auth.login", login).then(() => order.push("answer")),
    rest(server.url, "auth.login", login),
  ];
  wire.closed.then(() => order.push("close"));
  await wire.call("user.me", {});
  await pause(20);
  const { code } = await server.stop();
  assert.equal(code, 0);
  await Promise.all(answers);
  assert.deepEqual(order, ["answer", "answer", "close"]);
  assert.equal((await wire.closed).code, 1001);
});

/** Peers that hold a connection and do nothing for its end. */
async function stalledPeers(server: Server): Promise<Disposable> {
  const alice = await register(server.url);
  const lines: Disposable[] = [];
  // One whose buffers are full: it asks and asks and never reads.
  const deaf = await RawSocket.open(server.url, alice.accessToken);
  const { id } = await rest(server.url, "group.create", { title: "g", memberIds: [] }, alice.accessToken);
  const text = "x".repeat(16_000);
  for (let i = 0; i < 20; i++) {
    const message = { conversationId: id, clientId: `${i}`, content: { type: "text", text } as const };
    await rest(server.url, "message.send", message, alice.accessToken);
  }
  const call = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "log.read",
    params: { conversationId: id },
  });
  for (let i = 0; i < 20; i++) await deaf.send(call);
  // One that never says anything, and a pack of them.
  for (let i = 0; i < 20; i++) lines.push(await RawSocket.open(server.url, alice.accessToken));
  // HTTP that stops at every stage: before, in and after the header, in the body, and between two requests.
  const host = `host: ${new URL(server.url).host}\r\n`;
  const head = `POST /api/v1/groups HTTP/1.1\r\n${host}authorization: Bearer ${alice.accessToken}\r\n` +
    "content-type: application/json\r\ncontent-length: 100\r\n";
  for (
    const sent of [
      "",
      "GET / HT",
      head,
      `${head}\r\n`,
      `${head}\r\n{"title":`,
      `GET / HTTP/1.1\r\n${host}\r\n`,
    ]
  ) {
    const line = await Line.open(server.url);
    await line.write(sent);
    lines.push(line);
  }
  return {
    [Symbol.dispose]() {
      for (const line of [deaf, ...lines]) line[Symbol.dispose]();
    },
  };
}

Deno.test("stalled peers of every kind cannot keep the server from ending in time, with code 0", async () => {
  using data = tempFolder();
  let talk: Awaited<ReturnType<typeof chatter>>;
  {
    await using server = await startServer({ dataDir: data.path });
    using _ = await stalledPeers(server);
    talk = await chatter(server);
    while (talk.acked.size < 100) await pause(5);
    const { code, tookMs } = await server.stop();
    assert.equal(code, 0, server.output());
    assert.ok(tookMs < DEADLINE_MS, `took ${tookMs} ms`);
    await talk.silence;
  }
  await using server = await startServer({ dataDir: data.path });
  await assertKept(server, talk.alice, talk.conversationId, talk.acked);
});

Deno.test("a second signal ends it at once, with code 1; what was acked is there all the same", async () => {
  using data = tempFolder();
  let talk: Awaited<ReturnType<typeof chatter>>;
  {
    await using server = await startServer({ dataDir: data.path });
    using _ = await stalledPeers(server);
    talk = await chatter(server);
    while (talk.acked.size < 100) await pause(5);
    Deno.kill(server.pid, "SIGTERM");
    while (!server.stdout().includes("stopping")) await pause(5);
    const { code, tookMs } = await server.stop("SIGINT");
    assert.equal(code, 1);
    assert.ok(tookMs < 1_000, `took ${tookMs} ms`);
    assert.match(server.stdout(), /stopped the hard way because="second signal"/);
    await talk.silence;
  }
  await using server = await startServer({ dataDir: data.path });
  await assertKept(server, talk.alice, talk.conversationId, talk.acked);
});

Deno.test("a signal while it starts ends it in order too, and the next start finds all well", async () => {
  using data = tempFolder();
  {
    const { server } = spawnServer({ dataDir: data.path });
    await using _ = server;
    while (!server.stdout().includes("imserver")) await pause(1);
    const { code, tookMs } = await server.stop();
    assert.equal(code, 0, server.output());
    assert.ok(tookMs < DEADLINE_MS);
    assert.equal(server.stderr(), "");
  }
  await using server = await startServer({ dataDir: data.path });
  await register(server.url);
});
