import assert from "node:assert/strict";
import { hasCode, rest } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { hangUp, say, talker } from "../support/talkers.ts";

/** Finding messages, over both doors and across kill -9. */

let data: ReturnType<typeof tempFolder>;
let server: Server;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path });
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

Deno.test("search: what was said a moment ago is found on both doors, with its places, by those who may see it", async () => {
  const { url } = server;
  const [ann, bob, carl] = [await talker(url), await talker(url), await talker(url)];
  const { id } = await ann.wires[0].call("group.create", { title: "search", memberIds: [bob.id] });
  const { seq } = await say(ann.wires[0], id, "<i>你好世界</i> Crème");
  for (const query of ["你好", "好世界", "creme", '"世界</i> crème"']) {
    const overWire = await bob.wires[0].call("message.search", { query });
    const overRest = await rest(url, "message.search", { query, conversationId: id }, bob.accessToken);
    assert.deepEqual(overWire, overRest);
    const { hits, nextCursor, complete } = overWire;
    assert.deepEqual([hits.length, nextCursor, complete], [1, null, true], query);
    assert.deepEqual([hits[0].conversationId, hits[0].message.seq], [id, seq]);
  }
  const { hits: [hit] } = await bob.wires[0].call("message.search", { query: "世界 creme" });
  const { text } = hit.message.content as { text: string };
  const parts = hit.highlights.map(({ field, start, length }) => [field, text.slice(start, start + length)]);
  assert.deepEqual(parts, [["text", "世界"], ["text", "Crème"]]);

  const nothing = await carl.wires[0].call("message.search", { query: "你好" });
  assert.deepEqual(nothing.hits, []);
  for (const named of [id, "1"]) {
    const asked = carl.wires[0].call("message.search", { query: "你好", conversationId: named });
    await assert.rejects(asked, hasCode("conversation_not_found"));
  }
  await ann.wires[0].call("message.recall", { conversationId: id, seq });
  assert.deepEqual((await bob.wires[0].call("message.search", { query: "你好" })).hits, []);
  await hangUp(ann, bob, carl);
});

Deno.test("search: pages follow one another, and a bad query or cursor has its code", async () => {
  const { url } = server;
  const [ann, bob] = [await talker(url), await talker(url)];
  const { id } = await ann.wires[0].call("conversation.openDirect", { userId: bob.id });
  for (let i = 0; i < 25; i++) await say(ann.wires[0], id, `page 第${i}页`);
  const seen: number[] = [];
  let cursor: string | undefined;
  for (;;) {
    const { hits, nextCursor } = await rest(
      url,
      "message.search",
      { query: "第 page", limit: 10, cursor },
      bob.accessToken,
    );
    seen.push(...hits.map(({ message }) => message.seq));
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, i) => 25 - i));
  const bad = [
    { query: "" },
    { query: "?!" },
    { query: "a b c d e f g h i j k" },
    { query: "x".repeat(201) },
    { query: "x", cursor: "MQ" },
    { query: "x", types: ["hidden"] },
    { query: "x", from: -1 },
  ];
  for (const input of bad) {
    await assert.rejects(
      rest(url, "message.search", input as never, bob.accessToken),
      hasCode("invalid_params"),
    );
    await assert.rejects(bob.wires[0].call("message.search", input as never), hasCode("invalid_params"));
  }
  await hangUp(ann, bob);
});

Deno.test("search: what was acked before kill -9 is found afterwards, as it is then", async () => {
  using folder = tempFolder();
  const first = await startServer({ dataDir: folder.path });
  const [ann, bob] = [await talker(first.url), await talker(first.url)];
  const { id } = await ann.wires[0].call("conversation.openDirect", { userId: bob.id });
  const { seq: edited } = await say(ann.wires[0], id, "crash 旧文");
  await ann.wires[0].call("message.search", { query: "crash" });
  await ann.wires[0].call("message.edit", {
    conversationId: id,
    seq: edited,
    content: { type: "text", text: "crash 新文" },
  });
  await Promise.all(Array.from({ length: 40 }, (_, i) => say(ann.wires[0], id, `crash ${i}`)));
  await first.stop("SIGKILL");
  await hangUp(ann, bob);
  await using second = await startServer({ dataDir: folder.path });
  const find = async (query: string) =>
    (await rest(second.url, "message.search", { query, limit: 50 }, bob.accessToken)).hits.length;
  assert.equal(await find("crash"), 41);
  assert.equal(await find("新文"), 1);
  assert.equal(await find("旧文"), 0);
});
