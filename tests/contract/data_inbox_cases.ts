import assert from "node:assert/strict";
import type { InboxAppended } from "../../data/service.ts";
import { assertSeqs, type Case, NOBODY, range, rejects, type World } from "./data_world.ts";

/** What an inbox says, without its places and times. */
async function inboxOf({ data }: World, userId: number, after = 0) {
  const { entries, lastSeq } = await data.inboxes.read({ userId, after, limit: 1000 });
  assertSeqs(entries, after + 1, lastSeq);
  return entries.map(({ kind, senderId, body }) => ({ kind, senderId, ...JSON.parse(body) }));
}

/** What a change answers for the inboxes is what they hold. */
async function assertStored(world: World, inboxes: (InboxAppended | undefined)[]): Promise<void> {
  for (const inbox of inboxes) {
    const after = inbox!.entries[0].seq - 1;
    const limit = inbox!.entries.length;
    const { entries } = await world.data.inboxes.read({ userId: inbox!.userId, after, limit });
    assert.deepEqual(entries, inbox!.entries);
  }
}

export function inboxCases(test: Case): void {
  test("inbox: a group's making, joining, leaving and coming back, with the entry that says so", async (world) => {
    const { data } = world;
    const [ann, bob] = await world.users(2);
    const made = await data.conversations.createGroup({ ownerId: ann, title: "G", memberIds: [bob] });
    const id = made.conversation!.id;
    await assertStored(world, made.inboxes);
    const left = await world.leave(id, bob);
    const added = await world.add(id, ann, bob);
    await assertStored(world, [...left.inboxes, ...added.inboxes]);
    const place = { conversationId: String(id), type: "group" };
    assert.deepEqual(await inboxOf(world, bob), [
      { kind: "conversation.joined", senderId: ann, ...place, seq: 1 },
      { kind: "conversation.left", senderId: bob, ...place, seq: 2 },
      { kind: "conversation.joined", senderId: ann, ...place, seq: 3 },
    ]);
    assert.deepEqual(await inboxOf(world, ann), [{
      kind: "conversation.joined",
      senderId: ann,
      ...place,
      seq: 1,
    }]);
    assert.deepEqual((await world.add(id, ann, bob)).inboxes, [], "whoever is in it is told nothing");
  });

  test("inbox: a direct conversation, once", async (world) => {
    const [ann, bob] = await world.users(2);
    const { inboxes } = await world.data.conversations.openDirect({ userId: ann, otherId: bob });
    await assertStored(world, inboxes);
    const id = String(await world.direct(bob, ann));
    const said = [{ kind: "conversation.joined", senderId: ann, conversationId: id, type: "direct", seq: 0 }];
    assert.deepEqual([await inboxOf(world, ann), await inboxOf(world, bob)], [said, said]);
  });

  test("inbox: a change that fails says nothing", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.group(ann);
    await rejects("user_not_found", world.add(id, ann, bob, NOBODY));
    await rejects("user_not_found", world.group(bob, NOBODY));
    assert.deepEqual(await inboxOf(world, bob), []);
  });

  test("inbox: friends: asked, accepted, rejected, both asked, removed", async (world) => {
    const { relations } = world.data;
    const [ann, bob] = await world.users(2);
    const states = async (userId: number, after: number) =>
      (await inboxOf(world, userId, after)).map(({ kind, userId: other, state, note }) => {
        assert.deepEqual([kind, other], ["friend.changed", String(userId === ann ? bob : ann)]);
        return note ? `${state}: ${note}` : state;
      });
    await relations.request({ userId: ann, otherId: bob, note: "hi" });
    for (let i = 0; i < 2; i++) await relations.request({ userId: ann, otherId: bob, note: "hi again" });
    await assertStored(world, (await relations.answer({ userId: bob, otherId: ann, accept: true })).inboxes);
    assert.deepEqual([await states(ann, 0), await states(bob, 0)], [
      ["requested", "requested", "friends"],
      ["invited: hi", "invited: hi again", "friends"],
    ], "a new note is told, the same one again is not");
    await relations.remove({ userId: ann, otherId: bob });
    await relations.remove({ userId: ann, otherId: bob });
    await relations.request({ userId: ann, otherId: bob, note: "" });
    await relations.answer({ userId: bob, otherId: ann, accept: false });
    await relations.request({ userId: ann, otherId: bob, note: "" });
    await relations.request({ userId: bob, otherId: ann, note: "" });
    assert.deepEqual([await states(ann, 3), await states(bob, 3)], [
      ["none", "requested", "none", "requested", "friends"],
      ["none", "invited", "none", "invited", "friends"],
    ]);
  });

  test("inbox: a block is told to who set it; the other learns only that a friendship is gone", async (world) => {
    const { relations } = world.data;
    const [ann, bob, carl] = await world.users(3);
    await relations.request({ userId: ann, otherId: bob, note: "" });
    const block = (otherId: number) => relations.block({ userId: ann, otherId });
    await assertStored(world, (await block(bob)).inboxes);
    assert.deepEqual((await block(bob)).inboxes, []);
    await block(carl);
    await relations.unblock({ userId: ann, otherId: carl });
    assert.deepEqual((await relations.unblock({ userId: ann, otherId: carl })).inboxes, []);
    const blocked = (userId: number, blocked: boolean) => {
      return { kind: "block.changed", senderId: ann, userId: String(userId), blocked };
    };
    assert.deepEqual((await inboxOf(world, ann)).slice(2), [
      blocked(bob, true),
      blocked(carl, true),
      blocked(carl, false),
    ]);
    assert.deepEqual((await inboxOf(world, bob)).map(({ state }) => state), ["invited", "none"]);
    assert.deepEqual(await inboxOf(world, carl), []);
  });

  test("inbox: what one sets for oneself, but no drafts, and nothing that was so before", async (world) => {
    const { conversations } = world.data;
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const set = (settings: { muted?: boolean; pinned?: boolean; archived?: boolean; draft?: string }) =>
      conversations.configure({ conversationId: id, userId: ann, ...settings });
    await assertStored(world, [(await set({ muted: true, draft: "x" })).inbox]);
    assert.equal((await set({ muted: true })).inbox, undefined);
    assert.equal((await set({ draft: "y" })).inbox, undefined);
    world.clock.nowMs += 10;
    const { pinnedAt } = (await set({ pinned: true })).settings!;
    const said = { kind: "conversation.configured", senderId: ann, conversationId: String(id), muted: true };
    assert.deepEqual(await inboxOf(world, ann, 1), [
      { ...said, pinnedAt: null, archived: false },
      { ...said, pinnedAt, archived: false },
    ]);
    assert.equal((await inboxOf(world, bob)).length, 1);
  });

  test("inbox: messages deleted for oneself, each once", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    for (let i = 0; i < 3; i++) await world.say(id, bob);
    const hide = (...seqs: number[]) => world.data.log.hide({ conversationId: id, userId: ann, seqs });
    await assertStored(world, [(await hide(3, 1)).inbox]);
    await hide(1, 2, 3, 99);
    assert.equal((await hide(1, 2, 3)).inbox, undefined);
    assert.deepEqual((await inboxOf(world, ann, 1)).map(({ seqs }) => seqs), [[1, 3], [2]]);
    assert.equal((await inboxOf(world, bob)).length, 1);
  });

  test("inbox: many things at once leave no hole and lose none", async (world) => {
    const [ann, ...others] = await world.users(21);
    await Promise.all([
      ...others.map((other) => world.group(other, ann)),
      ...others.map((other) => world.direct(other, ann)),
      ...others.map((other) => world.data.relations.request({ userId: other, otherId: ann, note: "" })),
    ]);
    const kinds = (await inboxOf(world, ann)).map(({ kind }) => kind);
    assert.equal(kinds.length, 60);
    assert.equal(kinds.filter((kind) => kind === "friend.changed").length, 20);
  });

  test("inbox: read by pages; its times never run backwards; a stranger has none", async (world) => {
    const { data, clock } = world;
    const [ann, bob] = await world.users(2);
    for (let i = 0; i < 5; i++) {
      await world.group(bob, ann);
      clock.nowMs -= 1000;
    }
    const page = await data.inboxes.read({ userId: ann, after: 1, limit: 3 });
    assert.deepEqual([page.entries.map(({ seq }) => seq), page.lastSeq], [[2, 3, 4], 5]);
    const times = (await data.inboxes.read({ userId: ann, after: 0, limit: 9 })).entries.map(({ at }) => at);
    assert.deepEqual(times, times.toSorted((a, b) => a - b));
    assert.deepEqual(await data.inboxes.read({ userId: NOBODY, after: 0, limit: 9 }), {
      entries: [],
      lastSeq: 0,
    });
    assert.deepEqual(await data.inboxes.read({ userId: ann, after: 99, limit: 9 }), {
      entries: [],
      lastSeq: 5,
    });
  });

  test("inbox: it is no conversation: nobody reads, writes or configures it as one", async (world) => {
    const { data } = world;
    const [ann, bob] = await world.users(2);
    await world.group(ann, bob);
    for (const userId of [ann, bob]) {
      const place = { conversationId: ann, userId };
      await rejects("conversation_not_found", data.log.read({ ...place, after: 0, limit: 9 }));
      await rejects("conversation_not_found", data.log.history({ ...place, before: 0, limit: 9 }));
      await rejects("conversation_not_found", data.conversations.get(place));
      await rejects("conversation_not_found", world.say(ann, userId));
    }
    assert.equal((await inboxOf(world, ann)).length, 1);
  });

  test("listening, of many: each their own, in the order they were asked, also twice and who is nobody", async (world) => {
    const { conversations } = world.data;
    const [ann, bob, carl] = await world.users(3);
    await world.group(ann, bob);
    await world.say(await world.group(bob, carl), bob);
    const userIds = [carl, ann, 7, bob, ann];
    const { users } = await conversations.listeningOf({ userIds });
    const each = await Promise.all(userIds.map((userId) => conversations.listening({ userId })));
    const sorted = (list: typeof users) =>
      list.map(({ groups, inboxSeq }) => [
        inboxSeq,
        groups.toSorted((a, b) => a.conversationId - b.conversationId),
      ]);
    assert.deepEqual(sorted(users), sorted(each));
    assert.deepEqual(users.map(({ groups }) => groups.length), [1, 1, 0, 2, 1]);
    assert.deepEqual((await conversations.listeningOf({ userIds: [] })).users, []);
  });

  test("listening: one's groups and how far they go, and the inbox", async (world) => {
    const [ann, bob] = await world.users(2);
    const ids = [await world.group(ann, bob), await world.group(ann, bob), await world.group(ann)];
    await world.direct(ann, bob);
    await world.say(ids[0], ann);
    await world.leave(ids[1], bob);
    const { groups, inboxSeq } = await world.data.conversations.listening({ userId: bob });
    assert.deepEqual(groups, [{ conversationId: ids[0], lastSeq: 2, firstSeq: 1 }]);
    assert.equal(inboxSeq, range(1, 4).length, "three joins and a leave");
  });
}
