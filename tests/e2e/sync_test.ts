import assert from "node:assert/strict";
import { hasCode, heard, type Person, register, rest, Wire } from "../support/people.ts";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";

type Call = <N extends OperationName>(name: N, input: Input<N>, token?: string) => Promise<Output<N>>;

/** All pages of one sync. */
async function sync(server: Server, who: Person, token?: string, limit = 2) {
  const ids: string[] = [];
  const left: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const input = { limit, ...(token ? { token } : {}), ...(cursor ? { cursor } : {}) };
    const page = await rest(server.url, "sync.heads", input, who.accessToken);
    ids.push(...page.conversations.map(({ id }) => id));
    left.push(...page.left);
    if (page.nextCursor === null) return { ids, left, full: page.full, token: page.token };
    cursor = page.nextCursor;
  }
}

Deno.test("a device that was away learns what moved, then what moved since, then of leaving", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const call: Call = (name, input, token) => rest(server.url, name, input, token);
  const group = async (title: string) =>
    (await call("group.create", { title, memberIds: [bob.id] }, ann.accessToken)).id;
  const groups = [await group("a"), await group("b"), await group("c")];
  const direct = (await call("conversation.openDirect", { userId: bob.id }, ann.accessToken)).id;

  const first = await sync(server, bob);
  assert.equal(first.full, true);
  assert.deepEqual([...first.ids].sort(), [...groups, direct].sort());
  const content = { type: "text", text: "hello" } as const;
  await call("message.send", { conversationId: direct, clientId: "1", content }, ann.accessToken);
  const second = await sync(server, bob, first.token);
  assert.equal(second.full, false);
  assert.ok(second.ids.includes(direct));
  await call("group.leave", { conversationId: groups[1] }, bob.accessToken);
  const third = await sync(server, bob, second.token);
  assert.deepEqual(third.left, [groups[1]]);
  assert.ok(!third.ids.includes(groups[1]));

  // A year away: the list by pages, as for a new device, and no log is read for it.
  const yearAgo = btoa(`${Date.now() - 366 * 24 * 3600 * 1000}.1`).replaceAll("=", "");
  const back = await sync(server, bob, yearAgo);
  assert.equal(back.full, true);
  assert.deepEqual([...back.ids].sort(), [groups[0], groups[2], direct].sort());

  for (const token of ["nonsense", btoa("-1"), btoa("1")]) {
    await assert.rejects(call("sync.heads", { token }, bob.accessToken), {
      code: "invalid_params",
      message: "token is not one that this server gave",
    });
  }
});

Deno.test("receipts and typing reach the others, not oneself; a revoked and a replaced device are told", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: ["--max-sessions-per-kind", "2"] });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const call: Call = (name, input, token) => rest(server.url, name, input, token);
  const conversationId = (await call("conversation.openDirect", { userId: bob.id }, ann.accessToken)).id;
  const [annWire, bobWire] = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  const of = (wire: Wire, method: string) =>
    wire.notifications.filter((one) => one.method === method).map((n) => n.params);

  const { seq } = await annWire.call("message.send", {
    conversationId,
    clientId: "1",
    content: { type: "text", text: "hello" },
  });
  await bobWire.until(() => heard(bobWire, conversationId).length === 1);
  await bobWire.call("receipt.delivered", { conversationId, seq });
  await bobWire.call("typing.set", { conversationId, on: true });
  await bobWire.call("conversation.markRead", { conversationId, seq });
  await annWire.until(() =>
    of(annWire, "receipt.moved").length === 2 && of(annWire, "typing.changed").length === 1
  );
  const place = { conversationId, userId: bob.id };
  assert.deepEqual(of(annWire, "receipt.moved"), [
    { ...place, deliveredSeq: seq },
    { ...place, deliveredSeq: seq, readSeq: seq },
  ]);
  assert.deepEqual(of(annWire, "typing.changed"), [{ ...place, on: true }]);
  assert.deepEqual(of(bobWire, "receipt.moved"), []);
  assert.deepEqual(of(bobWire, "typing.changed"), []);
  const { receipts } = await annWire.call("receipt.list", { conversationId });
  assert.deepEqual(receipts.find(({ userId }) => userId === bob.id), {
    userId: bob.id,
    deliveredSeq: seq,
    readSeq: seq,
  });

  const password = "correct horse battery";
  const login = () => call("auth.login", { username: bob.username, password, deviceName: "second" });
  const second = await login();
  const { sessions } = await bobWire.call("session.list", {});
  assert.deepEqual(sessions.map(({ deviceName, current }) => [deviceName, current])[0], ["second", false]);
  const secondWire = await Wire.open(server.url, second.accessToken!);
  await bobWire.call("session.revoke", { sessionId: sessions[0].id });
  assert.equal((await secondWire.closed).code, 4001);
  await assert.rejects(() => call("user.me", {}, second.accessToken), hasCode("session_ended"));
  await login();
  await login();
  const { code, reason } = await bobWire.closed;
  assert.deepEqual([code, JSON.parse(reason).code], [4005, "session_replaced"]);
  await annWire.close();
});

Deno.test("a log is read forwards, backwards, and not both at once", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const conversationId =
    (await rest(server.url, "conversation.openDirect", { userId: bob.id }, ann.accessToken)).id;
  for (let i = 1; i <= 5; i++) {
    const input = { conversationId, clientId: `${i}`, content: { type: "text" as const, text: "hi" } };
    await rest(server.url, "message.send", input, ann.accessToken);
  }
  const wire = await Wire.open(server.url, bob.accessToken);
  const seqs = async (place: { after?: number; before?: number }) => {
    const input = { conversationId, limit: 2, ...place };
    const [one, other] = [
      await rest(server.url, "log.read", input, bob.accessToken),
      await wire.call("log.read", input),
    ];
    assert.deepEqual(one, other);
    assert.equal(one.lastSeq, 5);
    return one.entries.map(({ seq }) => seq);
  };
  assert.deepEqual([await seqs({}), await seqs({ after: 3 }), await seqs({ before: 5 })], [[1, 2], [4, 5], [
    3,
    4,
  ]]);
  await assert.rejects(() => seqs({ after: 1, before: 5 }), hasCode("invalid_params"));
  wire.close();
});
