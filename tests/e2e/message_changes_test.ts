import assert from "node:assert/strict";
import type { Entry } from "../../wire/schemas.ts";
import { hasCode, heard, rest, type Wire } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { hangUp, say, settle, type Talker, talker, textsOf } from "../support/talkers.ts";

/** What becomes of messages, over both doors and across kill -9. */

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

const text = (text: string) => ({ type: "text", text }) as const;

async function groupOf(owner: Talker, ...members: Talker[]): Promise<string> {
  const memberIds = members.map(({ id }) => id);
  return (await owner.wires[0].call("group.create", { title: "changes", memberIds })).id;
}

/** Everything on this conversation that somebody can read. */
async function allOf(conversationId: string, { accessToken }: { accessToken: string }, at = url) {
  const { entries, lastSeq } = await rest(at, "log.read", { conversationId, limit: 1000 }, accessToken);
  const { messages } = await rest(at, "message.history", { conversationId, limit: 200 }, accessToken);
  const pins = await rest(at, "message.pins", { conversationId }, accessToken);
  const edits = await Promise.all(
    messages.map(({ seq }) => rest(at, "message.edits", { conversationId, seq }, accessToken)),
  );
  return { entries, lastSeq, messages, pins: pins.messages, edits };
}

Deno.test("every change reaches every device of every member as one entry, in the order of the log", async () => {
  const [owner, member, other] = [await talker(url, 2), await talker(url, 2), await talker(url)];
  const conversationId = await groupOf(owner, member, other);
  const [chief, phone] = [owner.wires[0], member.wires[0]];
  const { seq } = await say(phone, conversationId, "first");
  const place = { conversationId, seq };
  const seqs = [
    await phone.call("message.edit", { ...place, content: text("second") }),
    await rest(url, "reaction.add", { ...place, emoji: "👨‍👩‍👧‍👦" }, other.accessToken),
    await phone.call("reaction.add", { ...place, emoji: "👨‍👩‍👧‍👦" }),
    await rest(url, "message.pin", place, owner.accessToken),
    await rest(url, "reaction.remove", { ...place, emoji: "👨‍👩‍👧‍👦" }, other.accessToken),
    await rest(url, "message.unpin", place, owner.accessToken),
    await rest(url, "message.recall", place, owner.accessToken),
  ];
  assert.deepEqual(seqs.map((one) => one.seq), [3, 4, 5, 6, 7, 8, 9]);
  assert.deepEqual(await chief.call("message.recall", place), { seq: null });
  const { entries } = await chief.call("log.read", { conversationId });
  for (const wire of [...owner.wires, ...member.wires, ...other.wires]) {
    const changes = () => (heard(wire, conversationId) as unknown as Entry[]).filter((one) => one.seq >= seq);
    await wire.until(() => changes().length >= 8);
    const live = changes();
    assert.deepEqual(live.map((entry) => entry.seq), [2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual(live.slice(0, 2).map(({ content }) => content), [
      text("first"),
      { target: seq, content: text("second") },
    ]);
    assert.deepEqual(live.slice(2), entries.slice(3), "pushed as it is read");
  }
  const { unread, lastMessage, lastMessageNo } = await rest(
    url,
    "conversation.get",
    { conversationId },
    other.accessToken,
  );
  assert.deepEqual([unread, lastMessageNo, lastMessage?.content], [1, 1, { type: "recalled" }]);
  await hangUp(owner, member, other);
});

Deno.test("deleted for oneself: on all one's devices and both doors, and nobody else's", async () => {
  const [ann, bob] = [await talker(url), await talker(url, 2)];
  const { id: conversationId } = await ann.wires[0].call("conversation.openDirect", { userId: bob.id });
  const { seq } = await say(ann.wires[0], conversationId, "secret");
  await say(ann.wires[0], conversationId, "open");
  await bob.wires[0].call("message.delete", { conversationId, seqs: [seq, 99] });
  for (const wire of bob.wires) {
    const { messages } = await wire.call("message.history", { conversationId });
    assert.deepEqual(messages.map(({ content }) => content), [{ type: "hidden" }, text("open")]);
  }
  const mine = await allOf(conversationId, bob);
  assert.doesNotMatch(JSON.stringify(mine), /secret/);
  const forward = { conversationId, clientId: "f", fromConversationId: conversationId, seqs: [seq] };
  await assert.rejects(bob.wires[1].call("message.forward", forward), hasCode("message_not_found"));
  assert.deepEqual(textsOf((await allOf(conversationId, ann)).messages), ["secret", "open"]);
  await settle(ann.wires[0], bob);
  assert.deepEqual(textsOf(heard(ann.wires[0], conversationId)), ["secret", "open", "fence"], "no entry");
  await hangUp(ann, bob);
});

Deno.test("nobody outside can change or read anything, and what is refused leaves nothing", async () => {
  const [owner, member, stranger] = [await talker(url), await talker(url), await talker(url)];
  const conversationId = await groupOf(owner, member);
  const { seq } = await say(owner.wires[0], conversationId, "first");
  const place = { conversationId, seq };
  const [wire] = stranger.wires;
  const calls = (wire: Wire) => [
    () => wire.call("message.edit", { ...place, content: text("x") }),
    () => wire.call("message.recall", place),
    () => wire.call("message.pin", place),
    () => wire.call("message.unpin", place),
    () => wire.call("reaction.add", { ...place, emoji: "👍" }),
    () => wire.call("reaction.remove", { ...place, emoji: "👍" }),
  ];
  const reads = (wire: Wire) => [
    () => wire.call("message.delete", { conversationId, seqs: [seq] }),
    () => wire.call("message.get", place),
    () => wire.call("message.edits", place),
    () => wire.call("message.pins", { conversationId }),
  ];
  const refused = async (calls: (() => Promise<unknown>)[], code: string) => {
    for (const call of calls) await assert.rejects(call(), hasCode(code));
  };
  await refused([...calls(wire), ...reads(wire)], "conversation_not_found");
  const own = calls(member.wires[0]);
  await refused(own.slice(0, 4), "forbidden");
  for (const call of own.slice(4)) await call();
  await member.wires[0].call("group.leave", { conversationId });
  await refused(own, "conversation_not_found");
  const seen = await member.wires[0].call("message.get", place);
  assert.deepEqual([seen.content, seen.reactions], [text("first"), undefined]);
  const { entries } = await owner.wires[0].call("log.read", { conversationId });
  assert.deepEqual(entries.map(({ kind }) => kind), [
    "group.created",
    "message",
    "reaction.added",
    "reaction.removed",
    "member.left",
  ]);
  await hangUp(owner, member, stranger);
});

Deno.test("clients cannot write what only the server says; replies and mentions are not checked", async () => {
  const [ann, bob] = [await talker(url), await talker(url)];
  const [wire] = ann.wires;
  const { id: conversationId } = await wire.call("conversation.openDirect", { userId: bob.id });
  const { seq } = await say(wire, conversationId, "first");
  const forged: Record<string, unknown>[] = [
    { type: "recalled" },
    { type: "hidden" },
    { type: "merged", items: [] },
    { ...text("x"), forwardedFrom: { senderId: bob.id, senderName: "Bob" } },
    { ...text("x"), target: 1 },
    { type: "image", file: { url: "javascript:alert(1)", name: "x", size: 1, mime: "image/png" } },
    { type: "custom", name: "x", fallback: "x", data: { a: "语".repeat(30_000) } },
  ];
  for (const content of forged) {
    const place = { conversationId, content };
    await assert.rejects(wire.raw("message.send", { ...place, clientId: "x" }), hasCode("invalid_params"));
    await assert.rejects(wire.raw("message.edit", { ...place, seq }), hasCode("invalid_params"));
  }
  for (const emoji of ["x", "", "👍👍", "👍\0"]) {
    const reaction = { conversationId, seq, emoji };
    await assert.rejects(wire.raw("reaction.add", reaction), hasCode("invalid_params"));
  }
  for (const seqs of [[], Array(101).fill(1), [0], ["1"]]) {
    const forward = { conversationId, clientId: "f", fromConversationId: conversationId, seqs };
    await assert.rejects(wire.raw("message.forward", forward), hasCode("invalid_params"));
    await assert.rejects(wire.raw("message.delete", { conversationId, seqs }), hasCode("invalid_params"));
  }
  const mentions = { userIds: ["1", "9007199254740991"], everyone: true as const };
  const content = { ...text("hello?"), replyTo: 9_999, mentions };
  const sent = await wire.call("message.send", { conversationId, clientId: "reply", content });
  assert.deepEqual((await wire.call("message.get", { conversationId, seq: sent.seq })).content, content);
  const [last] = (await bob.wires[0].call("message.history", { conversationId })).messages.slice(-1);
  assert.deepEqual(last.content, content);
  await hangUp(ann, bob);
});

Deno.test("a forward: single and merged, repeated on another device it is sent once", async () => {
  const [ann, bob, carl] = [await talker(url), await talker(url, 2), await talker(url)];
  const { id: from } = await ann.wires[0].call("conversation.openDirect", { userId: bob.id });
  const { id: to } = await bob.wires[0].call("conversation.openDirect", { userId: carl.id });
  const { seq } = await say(ann.wires[0], from, "first");
  await ann.wires[0].call("message.edit", { conversationId: from, seq, content: text("second") });
  const request = { conversationId: to, clientId: "f".repeat(48), fromConversationId: from, seqs: [seq] };
  const first = await bob.wires[0].call("message.forward", request);
  assert.deepEqual(await bob.wires[1].call("message.forward", request), first);
  assert.deepEqual(await rest(url, "message.forward", request, bob.accessToken), first);
  const merged = { ...request, clientId: "m", merged: true, title: "Talk" };
  assert.deepEqual(
    await rest(url, "message.forward", merged, bob.accessToken),
    await bob.wires[1].call("message.forward", merged),
  );
  const [wire] = carl.wires;
  await wire.until(() => heard(wire, to).length === 2);
  const forwardedFrom = { senderId: ann.id, senderName: ann.username };
  const contents = (heard(wire, to) as unknown as Entry[]).map(({ content }) => content);
  assert.deepEqual(contents[0], { ...text("second"), forwardedFrom });
  assert.deepEqual(contents[1].title, "Talk");
  const { messages } = await wire.call("message.history", { conversationId: to });
  assert.deepEqual(messages.map(({ content }) => content), contents);
  await assert.rejects(
    wire.call("message.forward", { ...request, clientId: "c" }),
    hasCode("conversation_not_found"),
  );
  await hangUp(ann, bob, carl);
});

// It restarts the one process there is; tests/cluster kills those of a cluster.
Deno.test("after kill -9 everything is as it was answered; --recall-window is the window", {
  ignore: Deno.env.has("IMSERVER_TEST_ON"),
}, async () => {
  using folder = tempFolder();
  const started = await startServer({ dataDir: folder.path });
  const [owner, member, former] = [
    await talker(started.url),
    await talker(started.url),
    await talker(started.url),
  ];
  const conversationId = await groupOf(owner, member, former);
  const [chief, phone] = [owner.wires[0], member.wires[0]];
  const seqs: number[] = [];
  for (let i = 0; i < 6; i++) seqs.push((await say(phone, conversationId, `text ${i}`)).seq);
  const at = (i: number) => ({ conversationId, seq: seqs[i] });
  await phone.call("message.edit", { ...at(0), content: text("edited once") });
  await phone.call("message.edit", { ...at(1), content: text("secret edit") });
  for (const wire of [chief, phone, former.wires[0]]) {
    await wire.call("reaction.add", { ...at(0), emoji: "👍" });
  }
  await phone.call("reaction.add", { ...at(0), emoji: "🎉" });
  for (const i of [3, 0, 2]) await chief.call("message.pin", at(i));
  await phone.call("message.delete", { conversationId, seqs: [seqs[4]] });
  await former.wires[0].call("group.leave", { conversationId });
  await phone.call("message.edit", { ...at(0), content: text("edited twice") });
  await phone.call("message.recall", at(1));
  const before = await Promise.all(
    [owner, member, former].map((who) => allOf(conversationId, who, started.url)),
  );
  assert.deepEqual(textsOf(before[0].messages), [
    "edited twice",
    undefined,
    ...[2, 3, 4, 5].map((i) => `text ${i}`),
  ]);
  assert.equal(before[2].messages[0].content.text, "edited once");
  assert.deepEqual(before[0].pins.map(({ seq }) => seq), [seqs[2], seqs[0], seqs[3]]);
  await started.stop("SIGKILL");

  await using again = await startServer({ dataDir: folder.path, args: ["--recall-window", "0"] });
  const after = await Promise.all(
    [owner, member, former].map((who) => allOf(conversationId, who, again.url)),
  );
  assert.deepEqual(after, before);
  const change = rest(again.url, "message.recall", at(5), member.accessToken);
  await assert.rejects(change, hasCode("window_closed"));
  const repeated = await rest(again.url, "reaction.add", { ...at(0), emoji: "🎉" }, member.accessToken);
  assert.deepEqual(repeated, { seq: null });
  const { seq } = await rest(again.url, "message.recall", at(5), owner.accessToken);
  assert.equal(seq, before[0].lastSeq + 1);
});
