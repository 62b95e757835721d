import assert from "node:assert/strict";
import { rejects } from "../tests/contract/data_world.ts";
import { by, entriesOf, openChat, RECALL_WINDOW_MS } from "../tests/support/chat.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** One of each, in an order in which each changes something; the last two columns: what is told of it. */
const CHANGES = [
  ["message.edit", { content: { type: "text", text: "second" } }, "message.edited"],
  ["reaction.add", { emoji: "👍" }, "reaction.added"],
  ["message.pin", {}, "message.pinned"],
  ["reaction.remove", { emoji: "👍" }, "reaction.removed"],
  ["message.unpin", {}, "message.unpinned"],
  ["message.recall", {}, "message.recalled"],
] as const;

Deno.test("each change is told once, as it stands in the log, and a repeat is told to nobody", async () => {
  await using chat = await openChat();
  const { world, handlers } = chat;
  const [ann, bob] = await world.users(2);
  const direct = await world.direct(ann, bob);
  const group = await world.group(ann, bob);
  for (const id of [direct, group]) {
    const { seq } = await world.say(id, ann, "first");
    const channels = id === group ? [{ groupId: group }] : [{ userId: ann }, { userId: bob }];
    const heard = await Promise.all(channels.map((channel) => chat.listen(channel)));
    const elsewhere = await chat.listen(id === group ? { userId: bob } : { groupId: group });
    const place = { conversationId: String(id), seq };
    for (const [i, [name, input]] of CHANGES.entries()) {
      // The input of each fits its own handler; the table only forgets which.
      const call = handlers[name] as (caller: object, input: object) => Promise<{ seq: number | null }>;
      assert.deepEqual(await call(by(ann), { ...place, ...input }), { seq: seq + 1 + i });
      if (i > 2) continue;
      assert.deepEqual(await call(by(ann), { ...place, ...input }), { seq: null }, `${name} again`);
    }
    const log = (await world.read(id, bob)).filter((entry) => entry.seq > seq);
    assert.deepEqual(log.map(({ kind }) => kind), CHANGES.map(([, , kind]) => kind));
    for (const events of heard) {
      const entries = entriesOf(events);
      assert.deepEqual(entries.slice(1), log.slice(1));
      const edited = { target: seq, content: { type: "text", text: "second" } };
      assert.deepEqual(JSON.parse(entries[0].body), edited, "told before it was erased");
      assert.deepEqual(events.map(({ body }) => body?.$case), Array(CHANGES.length).fill("appended"));
    }
    assert.deepEqual(elsewhere, []);
  }
});

Deno.test("the window of a recall is the one that is set", async () => {
  await using chat = await openChat();
  const { world, handlers } = chat;
  const [ann, bob] = await world.users(2);
  const id = await world.direct(ann, bob);
  const [one, other] = [await world.say(id, ann), await world.say(id, ann)];
  const place = (seq: number) => ({ conversationId: String(id), seq });
  world.clock.nowMs += RECALL_WINDOW_MS;
  assert.ok((await handlers["message.recall"](by(ann), place(one.seq))).seq);
  world.clock.nowMs += 1;
  await rejects("window_closed", handlers["message.recall"](by(ann), place(other.seq)));
});

Deno.test("what is refused, and what is deleted for oneself, is no entry to anybody", async () => {
  await using chat = await openChat();
  const { world, handlers } = chat;
  const [ann, bob] = await world.users(2);
  const id = await world.direct(ann, bob);
  const { seq } = await world.say(id, ann);
  const heard = await Promise.all([ann, bob].map((userId) => chat.listen({ userId })));
  const place = { conversationId: String(id), seq };
  await rejects("forbidden", handlers["message.recall"](by(bob), place));
  await rejects("message_not_found", handlers["message.pin"](by(bob), { ...place, seq: 9 }));
  const deleted = handlers["message.delete"](by(bob), { conversationId: String(id), seqs: [seq] });
  assert.deepEqual(await deleted, {});
  assert.deepEqual(heard.map(entriesOf), [[], []]);
  assert.deepEqual((await handlers["message.get"](by(bob), place)).content, { type: "hidden" });
});

Deno.test("a message is shown with its edits counted and each reaction marked as the reader's own or not", async () => {
  await using chat = await openChat();
  const { world, handlers } = chat;
  const [ann, bob] = await world.users(2);
  const id = await world.direct(ann, bob);
  const { seq, at } = await world.say(id, ann, "first", "c-1");
  const place = { conversationId: String(id), seq };
  for (const text of ["second", "third"]) {
    world.clock.nowMs += 1;
    await handlers["message.edit"](by(ann), { ...place, content: { type: "text", text } });
  }
  await handlers["reaction.add"](by(ann), { ...place, emoji: "👍" });
  await handlers["reaction.add"](by(bob), { ...place, emoji: "👍" });
  await handlers["reaction.add"](by(bob), { ...place, emoji: "🎉" });
  const shown = {
    seq,
    kind: "message",
    senderId: String(ann),
    at,
    messageNo: 1,
    clientId: "c-1",
    content: { type: "text", text: "third" },
    editedAt: at + 2,
    edits: 2,
    changedSeq: seq + 5,
  };
  const reactions = (mine: boolean) => [
    { emoji: "👍", count: 2, mine: true },
    { emoji: "🎉", count: 1, mine },
  ];
  assert.deepEqual(await handlers["message.get"](by(bob), place), { ...shown, reactions: reactions(true) });
  assert.deepEqual(await handlers["message.get"](by(ann), place), { ...shown, reactions: reactions(false) });
  await handlers["message.recall"](by(ann), place);
  const { editedAt: _, edits: __, ...plain } = shown;
  const gone = {
    content: { type: "recalled" },
    recalledAt: at + 2,
    recalledBy: String(ann),
    changedSeq: seq + 6,
  };
  assert.deepEqual(await handlers["message.get"](by(bob), place), { ...plain, ...gone });
});
