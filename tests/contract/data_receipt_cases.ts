import assert from "node:assert/strict";
import { type Case, NOBODY, rejects, type World } from "./data_world.ts";

/** How far each has got, by user. */
async function receipts(world: World, conversationId: number, userId: number) {
  const { receipts } = await world.data.conversations.receipts({ conversationId, userId });
  return Object.fromEntries(receipts.map((one) => [one.userId, [one.deliveredSeq, one.readSeq]]));
}

export function receiptCases(test: Case): void {
  test("receipts: delivered and read move forward only, read counts as delivered, both stop at the end", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    for (let i = 0; i < 5; i++) await world.say(id, ann);
    const delivered = (seq: number) =>
      world.data.conversations.markDelivered({ conversationId: id, userId: bob, seq });
    const read = (seq: number) => world.data.conversations.markRead({ conversationId: id, userId: bob, seq });
    const audience = { directUserIds: [ann, bob].sort((a, b) => a - b), small: true };

    assert.deepEqual(await delivered(2), { deliveredSeq: 2, moved: true, audience });
    assert.deepEqual(await delivered(2), { deliveredSeq: 2, moved: false, audience });
    assert.deepEqual(await delivered(1), { deliveredSeq: 2, moved: false, audience });
    assert.deepEqual(await receipts(world, id, ann), { [ann]: [0, 0], [bob]: [2, 0] });
    assert.deepEqual(await read(3), { readSeq: 3, unread: 2, moved: true, audience });
    assert.deepEqual(await receipts(world, id, ann), { [ann]: [0, 0], [bob]: [3, 3] });
    assert.deepEqual(await delivered(3), { deliveredSeq: 3, moved: false, audience });
    assert.deepEqual(await delivered(99), { deliveredSeq: 5, moved: true, audience });
    assert.deepEqual(await receipts(world, id, bob), { [ann]: [0, 0], [bob]: [5, 3] });
    // What was delivered does not change what is unread.
    const { unread } = await world.data.conversations.get({ conversationId: id, userId: bob });
    assert.equal(unread, 2);
  });

  test("receipts: a sender's own unread count survives marking delivered", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await world.say(id, ann);
    await world.say(id, bob);
    await world.data.conversations.markDelivered({ conversationId: id, userId: ann, seq: 2 });
    assert.equal((await world.data.conversations.get({ conversationId: id, userId: ann })).unread, 1);
  });

  test("receipts: of a group's present members, for members only", async (world) => {
    const [ann, bob, cat, dan] = await world.users(4);
    const id = await world.group(ann, bob, cat);
    await world.data.conversations.markRead({ conversationId: id, userId: bob, seq: 1 });
    await world.data.conversations.leave({ conversationId: id, userId: cat });
    assert.deepEqual(await receipts(world, id, ann), { [ann]: [0, 0], [bob]: [1, 1] });
    for (const userId of [cat, dan, NOBODY]) {
      const place = { conversationId: id, userId };
      await rejects("conversation_not_found", world.data.conversations.receipts(place));
      await rejects("conversation_not_found", world.data.conversations.audience(place));
      await rejects("conversation_not_found", world.data.conversations.markDelivered({ ...place, seq: 1 }));
    }
  });

  test("receipts: switched off above 100 members, and so is telling of small things", async (world) => {
    const [owner, ...members] = await world.users(101);
    const id = await world.group(owner, ...members.slice(0, 99));
    const place = { conversationId: id, userId: owner };
    assert.deepEqual(await world.data.conversations.audience(place), { directUserIds: [], small: true });
    assert.equal((await world.data.conversations.receipts(place)).receipts.length, 100);
    await world.data.conversations.addMembers({
      conversationId: id,
      actorId: owner,
      memberIds: [members[99]],
    });
    assert.deepEqual(await world.data.conversations.audience(place), { directUserIds: [], small: false });
    await rejects("too_large", world.data.conversations.receipts(place));
  });

  test("audience: who is blocked is refused", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await world.data.relations.block({ userId: bob, otherId: ann });
    await rejects("blocked", world.data.conversations.audience({ conversationId: id, userId: ann }));
    assert.ok(await world.data.conversations.audience({ conversationId: id, userId: bob }));
  });

  test("marking: many at once, right and wrong ones, each gets its own answer", async (world) => {
    const [ann, bob] = await world.users(2);
    const ids = [];
    for (let i = 0; i < 20; i++) {
      const id = await world.group(ann, bob);
      await world.say(id, ann);
      ids.push(id);
    }
    const answers = await Promise.allSettled(ids.flatMap((conversationId) => [
      world.data.conversations.markRead({ conversationId, userId: bob, seq: 2 }),
      world.data.conversations.markRead({ conversationId, userId: NOBODY, seq: 2 }),
    ]));
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 20);
    const { conversations } = await world.data.conversations.list({
      userId: bob,
      beforeAt: 0,
      beforeId: 0,
      limit: 50,
    });
    assert.deepEqual(conversations.map(({ unread }) => unread), Array(20).fill(0));
  });
}
