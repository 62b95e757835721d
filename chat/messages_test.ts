import assert from "node:assert/strict";
import { contentBytes, MAX_CONTENT_BYTES } from "../wire/content.ts";
import { range, rejects } from "../tests/contract/data_world.ts";
import { by, entriesOf, openChat } from "../tests/support/chat.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** Ann and Bob talk; Bob and Carl talk; Bob forwards from the first to the second. */
async function setUp() {
  const chat = await openChat();
  const { world, handlers } = chat;
  const [ann, bob, carl] = [await world.user("ann", "Ann A."), await world.user("bob"), await world.user()];
  const [from, to] = [await world.direct(ann, bob), await world.direct(bob, carl)];
  const send = async (who: number, content: Record<string, unknown>, id = from) => {
    const body = JSON.stringify(content);
    const request = { conversationId: id, senderId: who, clientId: world.clientId(), body };
    return (await world.data.log.append(request)).seq;
  };
  const forward = (seqs: number[], options: { merged?: boolean; clientId?: string; title?: string } = {}) =>
    handlers["message.forward"](by(bob), {
      conversationId: String(to),
      clientId: world.clientId(),
      fromConversationId: String(from),
      seqs,
      merged: false,
      ...options,
    });
  const arrived = async () => (await world.read(to, carl)).map(({ body }) => JSON.parse(body));
  return { ...chat, chat, ann, bob, carl, from, to, send, forward, arrived };
}

const text = (text: string) => ({ type: "text", text });

Deno.test("forward: messages arrive one by one in the given order, without what was about their place", async () => {
  const { chat, world, handlers, ann, bob, from, send, forward, arrived, ...rest } = await setUp();
  await using _ = chat;
  const first = await send(ann, { ...text("first"), replyTo: 7, mentions: { everyone: true } });
  const second = await send(bob, { type: "card", userId: "5" });
  await handlers["message.edit"](by(ann), {
    conversationId: String(from),
    seq: first,
    content: { type: "text", text: "as it is now" },
  });
  const heard = await chat.listen({ userId: rest.carl });
  const { sent } = await forward([second, first, second]);
  assert.deepEqual(sent.map(({ seq, messageNo }) => [seq, messageNo]), [[1, 1], [2, 2], [3, 3]]);
  const card = { type: "card", userId: "5", forwardedFrom: { senderId: String(bob), senderName: "bob" } };
  const edited = {
    ...text("as it is now"),
    forwardedFrom: { senderId: String(ann), senderName: "Ann A." },
  };
  assert.deepEqual(await arrived(), [card, edited, card]);
  assert.deepEqual(entriesOf(heard).map(({ body }) => JSON.parse(body)), await arrived());
  assert.ok(entriesOf(heard).every(({ senderId, kind }) => senderId === bob && kind === "message"));
  assert.equal((await world.view(rest.to, rest.carl)).unread, 3);
});

Deno.test("forward: of what was forwarded, the first origin is told", async () => {
  const { chat, world, handlers, ann, bob, carl, to, send, forward } = await setUp();
  await using _ = chat;
  const { sent } = await forward([await send(ann, text("from Ann"))]);
  const third = await world.direct(carl, ann);
  await handlers["message.forward"](by(carl), {
    conversationId: String(third),
    clientId: "on",
    fromConversationId: String(to),
    seqs: [sent[0].seq],
    merged: false,
  });
  const [entry] = await world.read(third, ann);
  const origin = { senderId: String(ann), senderName: "Ann A." };
  assert.deepEqual(JSON.parse(entry.body), { ...text("from Ann"), forwardedFrom: origin });
  // What its new sender makes of it is their own word.
  const place = { conversationId: String(to), seq: sent[0].seq };
  await handlers["message.edit"](by(bob), { ...place, content: { type: "text", text: "Bob's word" } });
  const shown = await handlers["message.get"](by(carl), place);
  assert.deepEqual(shown.content, text("Bob's word"));
});

Deno.test("forward: merged, they arrive as one message that says who said what and when", async () => {
  const { chat, ann, bob, send, forward, arrived } = await setUp();
  await using _ = chat;
  const { world } = chat;
  const first = await send(ann, { ...text("one"), replyTo: 1, mentions: { userIds: ["3"] } });
  world.clock.nowMs += 5;
  const second = await send(bob, text("two"));
  const { sent } = await forward([first, second], { merged: true, title: "Talk" });
  assert.equal(sent.length, 1);
  const at = world.clock.nowMs;
  const items = [
    { senderId: String(ann), senderName: "Ann A.", at: at - 5, content: text("one") },
    { senderId: String(bob), senderName: "bob", at, content: text("two") },
  ];
  assert.deepEqual(await arrived(), [{ type: "merged", title: "Talk", items }]);
  await forward([first], { merged: true });
  assert.deepEqual((await arrived())[1], { type: "merged", items: items.slice(0, 1) });
});

Deno.test("forward: a merged message can be forwarded and merged again", async () => {
  const { chat, world, handlers, ann, carl, to, send, forward } = await setUp();
  await using _ = chat;
  const { sent } = await forward([await send(ann, text("deep"))], { merged: true });
  const third = await world.direct(carl, ann);
  const on = { conversationId: String(third), fromConversationId: String(to), seqs: [sent[0].seq] };
  await handlers["message.forward"](by(carl), { ...on, clientId: "single", merged: false });
  await handlers["message.forward"](by(carl), { ...on, clientId: "merged", merged: true });
  const [single, merged] = (await world.read(third, ann)).map(({ body }) => JSON.parse(body));
  assert.equal(single.type, "merged");
  assert.equal(single.forwardedFrom.senderName, "bob");
  assert.deepEqual(merged.items[0].content.items[0].content, text("deep"));
});

Deno.test("forward: repeated, it answers the same seqs and stores and tells nothing", async () => {
  const { chat, ann, carl, send, forward, arrived } = await setUp();
  await using _ = chat;
  const seqs = [await send(ann, text("one")), await send(ann, text("two"))];
  const each = await forward(seqs, { clientId: "each" });
  const merged = await forward(seqs, { clientId: "merged", merged: true });
  const heard = await chat.listen({ userId: carl });
  assert.deepEqual(await forward(seqs, { clientId: "each" }), each);
  assert.deepEqual(await forward(seqs, { clientId: "merged", merged: true }), merged);
  assert.equal((await arrived()).length, 3);
  assert.deepEqual(heard, []);
  await rejects("client_id_conflict", forward([seqs[1]], { clientId: "merged", merged: true }));
  assert.equal((await arrived()).length, 3);
});

Deno.test("forward: what is recalled, deleted, no message or not one's to see is refused, and then nothing is sent", async () => {
  const { chat, world, handlers, ann, bob, carl, from, to, send, forward, arrived } = await setUp();
  await using _ = chat;
  const [good, recalled, hidden] = [
    await send(ann, text("good")),
    await send(ann, text("recalled")),
    await send(ann, text("hidden")),
  ];
  const conversationId = String(from);
  await handlers["message.recall"](by(ann), { conversationId, seq: recalled });
  await handlers["message.delete"](by(bob), { conversationId, seqs: [hidden] });
  const away = await world.direct(ann, carl);
  await world.say(away, ann, "not Bob's");
  for (const merged of [false, true]) {
    await rejects("message_recalled", forward([good, recalled], { merged }));
    await rejects("message_not_found", forward([good, hidden], { merged }));
    await rejects("message_not_found", forward([good, 999], { merged }));
    await rejects("message_not_found", forward([recalled + 2], { merged }));
    const other = { conversationId: String(to), clientId: "other", seqs: [1], merged };
    const foreign = { ...other, fromConversationId: String(away) };
    await rejects("conversation_not_found", handlers["message.forward"](by(bob), foreign));
    const nowhere = { ...other, fromConversationId: "1" };
    await rejects("conversation_not_found", handlers["message.forward"](by(bob), nowhere));
    const into = { ...other, conversationId: String(away), fromConversationId: conversationId };
    await rejects("conversation_not_found", handlers["message.forward"](by(bob), into));
  }
  assert.deepEqual(await arrived(), []);
  await world.data.relations.block({ userId: carl, otherId: bob });
  await rejects("blocked", forward([good]));
});

Deno.test("forward: who has left a group sends on what they saw, as it was then", async () => {
  const { chat, world, handlers, ann, bob, to, arrived } = await setUp();
  await using _ = chat;
  const group = await world.group(ann, bob);
  const { seq } = await world.say(group, ann, "seen");
  await world.leave(group, bob);
  const { seq: unseen } = await world.say(group, ann, "unseen");
  await handlers["message.edit"](by(ann), {
    conversationId: String(group),
    seq,
    content: { type: "text", text: "unseen, too" },
  });
  const request = { conversationId: String(to), fromConversationId: String(group), merged: false };
  await handlers["message.forward"](by(bob), { ...request, clientId: "a", seqs: [seq] });
  assert.deepEqual((await arrived()).map(({ text }) => text), ["seen"]);
  const late = handlers["message.forward"](by(bob), { ...request, clientId: "b", seqs: [unseen] });
  await rejects("message_not_found", late);
});

Deno.test("forward: merged, a hundred fit within the limit of a content, or are refused with a reason", async () => {
  const { chat, ann, send, forward, arrived } = await setUp();
  await using _ = chat;
  const short = await Promise.all(range(1, 100).map((i) => send(ann, text(`${i} `.repeat(50)))));
  await forward(short, { merged: true });
  const [merged] = await arrived();
  assert.equal(merged.items.length, 100);
  assert.ok(contentBytes(merged) <= MAX_CONTENT_BYTES);
  const long = await Promise.all(range(1, 100).map(() => send(ann, text("语".repeat(1_000)))));
  await assert.rejects(forward(long, { merged: true }), {
    code: "too_large",
    details: { field: "seqs" },
    message: /65536 bytes; forward fewer/,
  });
  assert.equal((await arrived()).length, 1);
  assert.equal((await forward(long)).sent.length, 100, "each by itself they go");
});

Deno.test("forward: the longest content there may be still goes by itself", async () => {
  const { chat, ann, send, forward, arrived } = await setUp();
  await using _ = chat;
  const custom = (a: string) => ({ type: "custom", name: "a", data: { a }, fallback: "f" });
  const content = custom("x".repeat(MAX_CONTENT_BYTES - contentBytes(custom(""))));
  const seq = await send(ann, content);
  await forward([seq]);
  const [{ forwardedFrom, ...same }] = await arrived();
  assert.deepEqual(same, content);
  assert.ok(forwardedFrom);
  await rejects("too_large", forward([seq], { merged: true }));
});
