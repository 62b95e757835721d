import assert from "node:assert/strict";
import { PIXEL, uploadFile } from "../support/files.ts";
import {
  type Input,
  type Operation,
  type OperationName,
  operations,
  type Output,
} from "../../wire/operations.ts";
import { hasCode, rest } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { hangUp, say, type Talker, talker } from "../support/talkers.ts";

/** Two doors, one house: what can be done over REST can be done over the WebSocket, with the same outcome. */

let data: ReturnType<typeof tempFolder>;
let server: Server;
let url: string;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path });
  url = server.url;
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

/** The same operation at one door or the other. */
const doors: Record<
  "REST" | "WebSocket",
  <N extends OperationName>(who: Talker, name: N, input: Input<N>) => Promise<Output<N>>
> = {
  REST: (who, name, input) => rest(url, name, input, who.accessToken),
  WebSocket: (who, name, input) => who.wires[0].call(name, input),
};

for (const [door, call] of Object.entries(doors)) {
  Deno.test(`${door}: friends: asked, accepted, rejected, withdrawn, removed; both sides see the same`, async () => {
    const [a, b, c] = [await talker(url), await talker(url), await talker(url)];
    const friendsOf = async (who: Talker) =>
      (await call(who, "friend.list", {})).friends.map(({ user }) => user.id);
    const askedOf = async (who: Talker) => (await call(who, "friend.requests", {})).requests;

    assert.deepEqual(await call(a, "friend.request", { userId: b.id, note: "hi\nit's me" }), {
      state: "requested",
    });
    assert.deepEqual(
      await call(a, "friend.request", { userId: b.id }),
      { state: "requested" },
      "twice is once",
    );
    const [request] = await askedOf(b);
    assert.equal(request.user.id, a.id);
    assert.deepEqual([await friendsOf(a), await friendsOf(b), await askedOf(a)], [[], [], []]);
    await call(b, "friend.accept", { userId: a.id });
    assert.deepEqual([await friendsOf(a), await friendsOf(b), await askedOf(b)], [[b.id], [a.id], []]);
    await assert.rejects(call(b, "friend.accept", { userId: a.id }), hasCode("request_not_found"));
    await assert.rejects(call(a, "friend.request", { userId: b.id }), hasCode("conflict"));
    await assert.rejects(call(a, "friend.request", { userId: a.id }), hasCode("conflict"));
    await assert.rejects(call(a, "friend.request", { userId: "1" }), hasCode("user_not_found"));

    await call(a, "friend.request", { userId: c.id });
    assert.deepEqual(await call(c, "friend.request", { userId: a.id }), { state: "friends" }, "both asked");
    const first = await call(a, "friend.list", { limit: 1 });
    const second = await call(a, "friend.list", { limit: 1, cursor: first.nextCursor! });
    assert.deepEqual(
      [...first.friends, ...second.friends].map(({ user }) => user.id).sort(),
      [b.id, c.id].sort(),
    );
    assert.equal(second.nextCursor, null);

    await call(b, "friend.request", { userId: c.id });
    await call(c, "friend.reject", { userId: b.id });
    assert.deepEqual([await friendsOf(b), await askedOf(c)], [[a.id], []]);
    await call(b, "friend.request", { userId: c.id });
    await call(b, "friend.remove", { userId: c.id });
    assert.deepEqual(await askedOf(c), [], "withdrawn");
    await call(b, "friend.remove", { userId: a.id });
    assert.deepEqual([await friendsOf(a), await friendsOf(b)], [[c.id], []]);
    await hangUp(a, b, c);
  });

  Deno.test(`${door}: a block ends the friendship, direct messages and requests, one way; lifting it lets messages in again`, async () => {
    const [a, b] = [await talker(url), await talker(url)];
    const { id: conversationId } = await call(a, "conversation.openDirect", { userId: b.id });
    const message = (clientId: string) => ({
      conversationId,
      clientId,
      content: { type: "text", text: clientId } as const,
    });
    await call(a, "friend.request", { userId: b.id });
    await call(b, "friend.accept", { userId: a.id });
    await call(b, "block.add", { userId: a.id });
    await call(b, "block.add", { userId: a.id });
    assert.deepEqual((await call(b, "block.list", {})).users.map(({ id }) => id), [a.id]);
    assert.deepEqual((await call(a, "friend.list", {})).friends, []);
    await assert.rejects(call(a, "message.send", message("no")), hasCode("blocked"));
    await assert.rejects(call(a, "friend.request", { userId: b.id }), hasCode("blocked"));
    assert.deepEqual((await call(a, "block.list", {})).users, [], "who is blocked has blocked nobody");
    await assert.rejects(call(a, "block.add", { userId: a.id }), hasCode("conflict"));
    await assert.rejects(call(a, "block.add", { userId: "1" }), hasCode("user_not_found"));

    await assert.rejects(call(a, "group.create", { title: "no", memberIds: [b.id] }), hasCode("blocked"));
    const { id: group } = await call(b, "group.create", { title: "both", memberIds: [a.id] });
    await call(a, "message.send", { ...message("in-a-group"), conversationId: group });
    await call(b, "block.remove", { userId: a.id });
    assert.equal((await call(a, "message.send", message("yes"))).seq, 1, "what was refused took no place");
    await hangUp(a, b);
  });
}

Deno.test("REST and the WebSocket answer every reading operation alike", async () => {
  const [a, b, c] = [await talker(url), await talker(url), await talker(url)];
  const { id: conversationId } = await a.wires[0].call("group.create", { title: "same", memberIds: [b.id] });
  await say(a.wires[0], conversationId, "one");
  await say(b.wires[0], (await a.wires[0].call("conversation.openDirect", { userId: b.id })).id, "two");
  await c.wires[0].call("friend.request", { userId: a.id, note: "c" });
  await a.wires[0].call("block.add", { userId: b.id });
  await a.wires[0].call("friend.request", { userId: c.id });
  const { code } = await a.wires[0].call("group.createLink", { conversationId });
  const file = await uploadFile(url, a, PIXEL);
  const samples: Record<string, unknown> = {
    code,
    fileId: file.id,
    conversationId,
    seq: 2,
    userId: b.id,
    query: b.username.slice(0, 6),
    limit: 1,
  };
  // sync.heads says what time it is, which differs by the second call; tests/e2e/sync_test.ts is about it. An upload
  // that can be asked after (file.upload) is not complete, as a file is.
  const reading = Object.entries<Operation>(operations).filter(([name, { method, access, stream }]) =>
    method === "GET" && access === "user" && !stream && name !== "sync.heads" && name !== "file.upload"
  );
  assert.ok(reading.length >= 11);
  for (const [name, { output, input: { shape } }] of reading) {
    const input = Object.fromEntries(Object.entries(samples).filter(([field]) => field in shape));
    const overWire = await a.wires[0].raw(name, input);
    const overRest = await doors.REST(a, name as OperationName, input as Input<OperationName>);
    assert.deepEqual(overWire, overRest, name);
    assert.deepEqual(output.parse(overWire), overWire, `${name} answers nothing that is not declared`);
  }
  await hangUp(a, b, c);
});

Deno.test("REST and the WebSocket refuse alike", async () => {
  const a = await talker(url);
  const refused: { [N in OperationName]?: Input<N> } = {
    "user.get": { userId: "1" },
    "conversation.openDirect": { userId: a.id },
    "group.create": { title: "g", memberIds: ["1"] },
    "friend.accept": { userId: "1" },
  };
  for (const [key, input] of Object.entries(refused)) {
    const name = key as OperationName;
    const failures = await Promise.all(
      [doors.REST(a, name, input), doors.WebSocket(a, name, input)].map((call) =>
        call.then(() => assert.fail(name), (error) => [error.code, error.message])
      ),
    );
    assert.deepEqual(failures[0], failures[1], name);
  }
  await hangUp(a);
});
