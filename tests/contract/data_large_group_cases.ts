import assert from "node:assert/strict";
import { ascending, type Case, range, rejects } from "./data_world.ts";

const MEMBERS = 10_000;
const CHUNK = 999;

/** The size up to which groups are tested. */
export function largeGroupCases(test: Case): void {
  test("a group of 10,000: filled, talked in, listed, left and dissolved", async (world) => {
    const { conversations, groups, log, inboxes } = world.data;
    const users: number[] = [];
    while (users.length < MEMBERS + 1) {
      users.push(...await world.users(Math.min(500, MEMBERS + 1 - users.length)));
    }
    const [owner, ...others] = users;
    const id = await world.group(owner);
    const add = (memberIds: number[]) =>
      conversations.addMembers({ conversationId: id, actorId: owner, memberIds, maxMembers: MEMBERS });
    const inside = others.slice(0, MEMBERS - 1);
    for (let at = 0; at < inside.length; at += CHUNK) {
      const { entry, changedIds } = await add(inside.slice(at, at + CHUNK));
      assert.equal(changedIds.length, Math.min(CHUNK, inside.length - at));
      assert.ok(entry!.body.length < 32_768, "an entry names no more than one call may add");
    }
    const outside = others[MEMBERS - 1];
    await rejects("too_large", add([outside]));
    const code = await world.link(id, owner);
    await rejects("too_large", world.join(code, outside, MEMBERS));

    // A message is one entry, and nobody's inbox or list has a row more.
    const { lastSeq } = await world.view(id, owner);
    const { seq } = await world.say(id, inside[5000], "hello, all of you");
    assert.equal(seq, lastSeq + 1);
    assert.equal((await inboxes.read({ userId: inside[7], after: 0, limit: 9 })).lastSeq, 1);
    assert.equal((await world.view(id, inside[7])).unread, 1);
    await rejects("too_large", conversations.receipts({ conversationId: id, userId: owner }));
    const audience = await conversations.audience({ conversationId: id, userId: owner });
    assert.deepEqual(audience, { directUserIds: [], small: false });

    const page = await conversations.members({
      conversationId: id,
      userId: inside[1],
      afterId: [...users].sort(ascending)[5000],
      limit: 200,
    });
    assert.deepEqual(
      page.members.map(({ userId }) => userId),
      [owner, ...inside].sort(ascending).filter((one) => one > users.toSorted(ascending)[5000]).slice(0, 200),
    );

    await world.leave(id, inside[0]);
    await world.remove(id, owner, inside[1]);
    assert.equal((await world.view(id, owner)).memberCount, MEMBERS - 2);
    await groups.transfer({ conversationId: id, userId: owner, memberId: inside[2] });
    await world.leave(id, inside[2]);
    assert.equal((await world.view(id, owner)).role, 2, "back to the one admin");

    const end = await groups.dissolve({ conversationId: id, userId: owner });
    assert.equal(end.changedIds.length, MEMBERS - 3);
    assert.equal(end.inboxes.length, MEMBERS - 3);
    for (const i of range(3, MEMBERS - 2).filter((i) => i % 997 === 0)) {
      const { entries } = await inboxes.read({ userId: inside[i], after: 0, limit: 9 });
      assert.deepEqual(entries.map(({ kind }) => kind), ["conversation.joined", "conversation.left"]);
      const read = await log.read({ conversationId: id, userId: inside[i], after: seq, limit: 99 });
      assert.equal(read.entries.at(-1)!.seq, end.entry!.seq);
    }
    await rejects("group_dissolved", world.say(id, inside[9000]));
  });
}
