import assert from "node:assert/strict";
import type { Entry } from "../../wire/schemas.ts";
import { assertResponse } from "../support/answers.ts";
import { hasCode, heard, rest, type Wire } from "../support/people.ts";
import { RawSocket } from "../support/raw.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { hangUp, memberships, say, settle, talker, textsOf, told } from "../support/talkers.ts";

/** People talking, on several devices each, over both doors. */

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

Deno.test("a message reaches every device of both people, the sender's other one too, as it is in the log", async () => {
  const [alice, bob, carol] = [await talker(url, 2), await talker(url, 2), await talker(url)];
  const [phone] = alice.wires;
  const opened = await phone.call("conversation.openDirect", { userId: bob.id });
  const { id } = opened;
  assert.equal(
    (await bob.wires[1].call("conversation.openDirect", { userId: alice.id })).id,
    id,
    "one for both",
  );
  assert.equal(opened.peer?.id, bob.id);
  for (const wire of [...alice.wires, ...bob.wires]) {
    await wire.until(() => memberships(wire, id).length === 1);
    assert.deepEqual(memberships(wire, id), ["conversation.joined"]);
  }
  const texts = ["你好 👋", "line\nbreak", '"quotes" \\ and \u0007', "x".repeat(16_000)];
  for (const [index, text] of texts.entries()) {
    const { seq, messageNo, at } = await say([phone, bob.wires[0]][index % 2], id, text);
    assert.deepEqual([seq, messageNo], [index + 1, index + 1]);
    assert.ok(Math.abs(at - Date.now()) < 60_000);
  }
  const { entries, lastSeq } = await rest(url, "log.read", { conversationId: id }, bob.accessToken);
  assert.equal(lastSeq, 4);
  assert.deepEqual(textsOf(entries), texts);
  assert.deepEqual(entries.map(({ senderId }) => senderId), [alice.id, bob.id, alice.id, bob.id]);
  for (const wire of [...alice.wires, ...bob.wires]) {
    await wire.until(() => heard(wire, id).length === 4);
    assert.deepEqual(heard(wire, id) as unknown, entries, "pushed as it is read");
  }
  await settle(carol.wires[0], alice);
  assert.equal(carol.wires[0].notifications.some(({ params }) => params.conversationId === id), false);
  await hangUp(alice, bob, carol);
});

Deno.test("a send repeated on another device is stored and pushed once; another text under its id is refused", async () => {
  const [alice, bob] = [await talker(url, 2), await talker(url)];
  const { id: conversationId } = await alice.wires[0].call("conversation.openDirect", { userId: bob.id });
  const message = { conversationId, clientId: "once", content: { type: "text", text: "one" } } as const;
  const first = await alice.wires[0].call("message.send", message);
  assert.deepEqual(await alice.wires[1].call("message.send", message), first);
  assert.deepEqual(await rest(url, "message.send", message, alice.accessToken), first);
  const other = { ...message, content: { type: "text", text: "two" } } as const;
  await assert.rejects(alice.wires[1].call("message.send", other), hasCode("client_id_conflict"));
  const { seq } = await bob.wires[0].call("message.send", other);
  assert.equal(seq, 2, "another person's ids are others");
  await bob.wires[0].until(() => heard(bob.wires[0], conversationId).length === 2);
  assert.deepEqual(textsOf(heard(bob.wires[0], conversationId)), ["one", "two"]);
  await hangUp(alice, bob);
});

Deno.test("a group: made, talked in, joined and left, live; after leaving nothing more arrives (P5)", async () => {
  const [owner, member, late, stranger] = [
    await talker(url),
    await talker(url, 2),
    await talker(url),
    await talker(url),
  ];
  const [chief] = owner.wires;
  const group = await chief.call("group.create", {
    title: " 周末 ",
    memberIds: [member.id, owner.id, member.id],
  });
  const { id } = group;
  assert.deepEqual([group.type, group.title, group.role, group.memberCount], ["group", "周末", "owner", 2]);
  for (const wire of member.wires) {
    await wire.until(() => memberships(wire, id).length === 1);
  }
  await say(chief, id, "before");

  assert.deepEqual(
    await chief.call("group.addMembers", { conversationId: id, memberIds: [late.id, member.id] }),
    {
      added: [late.id],
    },
  );
  const [newcomer] = late.wires;
  await newcomer.until(() => memberships(newcomer, id).length === 1);
  await say(newcomer, id, "hello all");
  for (const wire of [chief, ...member.wires, newcomer]) {
    await wire.until(() => textsOf(heard(wire, id)).includes("hello all"));
  }
  assert.deepEqual(heard(member.wires[1], id).map(({ seq }) => seq), [1, 2, 3, 4]);
  const seen = await newcomer.call("log.read", { conversationId: id });
  assert.deepEqual(seen.entries.map(({ kind }) => kind), ["member.added", "message"], "not what was before");
  assert.deepEqual(seen.entries[0].content, { memberIds: [late.id] });

  const powerless = member.wires[0].call("group.addMembers", {
    conversationId: id,
    memberIds: [stranger.id],
  });
  await assert.rejects(powerless, hasCode("forbidden"));
  const foreign = stranger.wires[0].call("group.addMembers", {
    conversationId: id,
    memberIds: [stranger.id],
  });
  await assert.rejects(foreign, hasCode("conversation_not_found"));

  // From one device; the other one is out as well.
  await member.wires[0].call("group.leave", { conversationId: id });
  for (const wire of member.wires) {
    await wire.until(() => memberships(wire, id).length === 2);
    assert.equal(memberships(wire, id)[1], "conversation.left");
  }
  for (let i = 0; i < 20; i++) await say([chief, newcomer][i % 2], id, `after ${i}`);
  await newcomer.until(() => textsOf(heard(newcomer, id)).includes("after 19"));
  const left = heard(newcomer, id).find((entry) => (entry as Entry).kind === "member.left")!;
  for (const wire of member.wires) {
    await settle(wire, owner);
    assert.ok(heard(wire, id).every(({ seq }) => seq <= left.seq), "nothing after leaving");
    await assert.rejects(say(wire, id, "still here?"), hasCode("conversation_not_found"));
  }
  const { entries, lastSeq } = await rest(url, "log.read", { conversationId: id }, member.accessToken);
  assert.equal(lastSeq, left.seq, "the log ends for them where they left");
  assert.equal(entries.at(-1)?.seq, left.seq);
  assert.equal(entries.at(-1)?.kind, "member.left");
  const beyond = { conversationId: id, after: left.seq };
  assert.deepEqual(await rest(url, "log.read", beyond, member.accessToken), {
    entries: [],
    lastSeq: left.seq,
  });
  const { messages } = await rest(url, "message.history", { conversationId: id }, member.accessToken);
  assert.deepEqual(textsOf(messages), ["before", "hello all"]);
  const { conversations } = await rest(url, "conversation.list", {}, member.accessToken);
  assert.ok(!conversations.some((one) => one.id === id));

  const { members } = await newcomer.call("conversation.members", { conversationId: id });
  assert.deepEqual(members.map(({ user }) => user.id).sort(), [owner.id, late.id].sort());
  await chief.call("group.leave", { conversationId: id });
  assert.equal(
    (await newcomer.call("conversation.get", { conversationId: id })).role,
    "owner",
    "it passes on",
  );
  await chief.call("group.leave", { conversationId: id }).then(
    () => assert.fail("left twice"),
    hasCode("conversation_not_found"),
  );
  await hangUp(owner, member, late, stranger);
});

Deno.test("who is added again hears and reads from then on", async () => {
  const [owner, member] = [await talker(url), await talker(url)];
  const [chief, wire] = [owner.wires[0], member.wires[0]];
  const { id } = await chief.call("group.create", { title: "door", memberIds: [member.id] });
  await wire.call("group.leave", { conversationId: id });
  await say(chief, id, "behind your back");
  await chief.call("group.addMembers", { conversationId: id, memberIds: [member.id] });
  await say(chief, id, "welcome back");
  await wire.until(() => textsOf(heard(wire, id)).includes("welcome back"));
  assert.ok(!textsOf(heard(wire, id)).includes("behind your back"));
  const { entries } = await wire.call("log.read", { conversationId: id });
  assert.ok(!textsOf(entries).includes("behind your back"));
  assert.ok(textsOf(entries).includes("welcome back"));
  await hangUp(owner, member);
});

Deno.test("the list has the newest first, in pages; unread counts fall on every device when one of them reads", async () => {
  const reader = await talker(url, 2);
  const [phone, laptop] = reader.wires;
  const writers = [await talker(url), await talker(url), await talker(url)];
  const ids: string[] = [];
  for (const { id, wires } of writers) {
    const { id: direct } = await wires[0].call("conversation.openDirect", { userId: reader.id });
    ids.push(direct);
    for (let i = 0; i < 3; i++) await say(wires[0], direct, `${id} ${i}`);
  }
  // The oldest comes to the top again, in another millisecond, and what oneself writes counts as read.
  await new Promise((resolve) => setTimeout(resolve, 5));
  await say(phone, ids[0], "mine");
  const list = async (wire: Wire) => (await wire.call("conversation.list", {})).conversations;
  const before = await list(phone);
  assert.deepEqual(before.map(({ id }) => id), [ids[0], ids[2], ids[1]]);
  assert.deepEqual(before.map(({ unread }) => unread), [3, 3, 3]);
  assert.equal(before[0].lastMessage?.content.text, "mine");
  assert.deepEqual(before.map(({ lastSeq, lastMessageNo }) => [lastSeq, lastMessageNo]), [[4, 4], [3, 3], [
    3,
    3,
  ]]);

  const paged: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await rest(
      url,
      "conversation.list",
      { limit: 2, ...(cursor && { cursor }) },
      reader.accessToken,
    );
    paged.push(...page.conversations.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  assert.deepEqual(paged, before.map(({ id }) => id));

  assert.deepEqual(await phone.call("conversation.markRead", { conversationId: ids[0], seq: 2 }), {
    readSeq: 2,
    unread: 1,
  });
  await laptop.until(() => told(laptop, "conversation.read", ids[0]).length === 1);
  assert.deepEqual(told(laptop, "conversation.read", ids[0]), [{
    conversationId: ids[0],
    readSeq: 2,
    unread: 1,
  }]);
  const back = await laptop.call("conversation.markRead", { conversationId: ids[0], seq: 1 });
  assert.deepEqual(back, { readSeq: 2, unread: 1 }, "never back");
  const far = await laptop.call("conversation.markRead", { conversationId: ids[0], seq: 1000 });
  assert.deepEqual(far, { readSeq: 4, unread: 0 }, "no further than the log");
  await phone.until(() => told(phone, "conversation.read", ids[0]).length === 2);
  const after = await list(laptop);
  assert.deepEqual(after.map(({ unread, readSeq }) => [unread, readSeq]), [[0, 4], [3, 0], [3, 0]]);
  const [writer] = writers;
  assert.equal(told(writer.wires[0], "conversation.read", ids[0]).length, 0, "it is nobody else's business");
  await hangUp(reader, ...writers);
});

Deno.test("history in pages from the end, the log in pages from the start: both whole, in order, without overlap", async () => {
  const [alice, bob] = [await talker(url), await talker(url)];
  const [wire] = alice.wires;
  const { id: conversationId } = await wire.call("group.create", { title: "long", memberIds: [bob.id] });
  const texts = Array.from({ length: 25 }, (_, i) => `m${i}`);
  for (const text of texts) await say(wire, conversationId, text);

  const pages: Entry[][] = [];
  let before: number | undefined;
  do {
    const input = { conversationId, limit: 10, ...(before && { before }) };
    const { messages, nextBefore } = await rest(url, "message.history", input, bob.accessToken);
    assert.deepEqual(
      messages.map(({ seq }) => seq),
      messages.map(({ seq }) => seq).toSorted((a, b) => a - b),
    );
    pages.unshift(messages);
    before = nextBefore ?? undefined;
  } while (before);
  assert.deepEqual(pages.map(({ length }) => length), [5, 10, 10]);
  assert.deepEqual(textsOf(pages.flat()), texts, "messages only");

  const entries: Entry[] = [];
  for (let lastSeq = Infinity; entries.length < lastSeq;) {
    const page = await wire.call("log.read", { conversationId, after: entries.length, limit: 10 });
    assert.ok(page.entries.length > 0 && page.entries.length <= 10);
    entries.push(...page.entries);
    lastSeq = page.lastSeq;
  }
  assert.deepEqual(entries.map(({ seq }) => seq), Array.from({ length: 26 }, (_, i) => i + 1));
  assert.equal(entries[0].kind, "group.created");
  assert.equal(entries[0].clientId, undefined);
  assert.deepEqual(entries.at(-1)!.messageNo, 25);
  const much = await wire.call("log.read", { conversationId, limit: 1_000_000 });
  assert.equal(much.entries.length, 26, "a limit over the most is the most");
  await hangUp(alice, bob);
});

Deno.test("batches: many requests in one frame are answered in one; what leaves together comes in one frame", async () => {
  const [a, b] = [await talker(url), await talker(url)];
  const { id: conversationId } = await a.wires[0].call("conversation.openDirect", { userId: b.id });
  using sender = await RawSocket.open(url, a.accessToken);
  using listener = await RawSocket.open(url, b.accessToken);
  const batch = Array.from({ length: 100 }, (_, id) => ({
    jsonrpc: "2.0",
    id,
    method: "message.send",
    params: { conversationId, clientId: `b${id}`, content: { type: "text", text: `${id}` } },
  }));
  await sender.send(JSON.stringify(batch));
  const decode = (payload: Uint8Array) => JSON.parse(new TextDecoder().decode(payload));
  let answer: unknown[] = [];
  for (let frame = await sender.receive(); frame && answer.length === 0; frame = await sender.receive()) {
    const content = decode(frame.payload);
    if (Array.isArray(content) && "id" in content[0]) answer = content;
    if (answer.length > 0) break;
  }
  const seqs = answer.map((one) => assertResponse(one)).map((
    { id, result },
  ) => [id, (result as { seq: number }).seq]);
  assert.deepEqual(seqs, batch.map(({ id }) => [id, id + 1]), "in the order they were sent");

  const texts: unknown[] = [];
  let frames = 0;
  while (texts.length < 100) {
    const content = decode((await listener.receive())!.payload);
    const messages = Array.isArray(content) ? content : [content];
    const appended = messages.filter(({ method }) => method === "log.append");
    if (appended.length > 0) frames += 1;
    texts.push(...appended.flatMap(({ params }) => textsOf(params.entries)));
  }
  assert.deepEqual(texts, batch.map(({ id }) => `${id}`));
  assert.ok(frames < 50, `100 pushes came in ${frames} frames`);
  await hangUp(a, b);
});

Deno.test("a socket says who it speaks for before anything else", async () => {
  const self = await talker(url);
  const [ready] = self.wires[0].notifications;
  assert.equal(ready.method, "session.ready");
  const { userId, sessionId, serverTime, ...more } = ready.params;
  assert.deepEqual([userId, more], [self.id, { epoch: 1 }]);
  assert.match(`${sessionId}`, /^[1-9]\d*$/);
  assert.ok(Math.abs(Number(serverTime) - Date.now()) < 60_000);
  await hangUp(self);
});
