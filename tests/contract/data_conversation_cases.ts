import assert from "node:assert/strict";
import { type Conversation, ConversationType, MemberRole } from "../../data/service.ts";
import { ascending, type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

/** Direct conversations, the list of conversations, and read markers. */
export function conversationCases(test: Case): void {
  directCases(test);
  listCases(test);
  markCases(test);
}

/** A conversation without the entry that gRPC and a local call write differently when it is absent. */
function fields({ lastMessage, ...rest }: Conversation) {
  return { ...rest, lastMessage: lastMessage?.body ?? null };
}

function directCases(test: Case): void {
  test("openDirect: both see the same new conversation, each with the other in it", async (world) => {
    const [ann, bob] = await world.users(2);
    const opened = await world.data.conversations.openDirect({ userId: bob, otherId: ann });
    assert.equal(opened.created, true);
    assert.deepEqual(opened.memberIds.toSorted(ascending), [ann, bob].sort(ascending));
    const { id } = opened.conversation!;
    assert.ok(Number.isSafeInteger(id) && id > 0);
    const expected = {
      id,
      type: ConversationType.CONVERSATION_DIRECT,
      title: "",
      role: MemberRole.MEMBER_ROLE_MEMBER,
      memberCount: 2,
      firstSeq: 1,
      lastSeq: 0,
      lastMessageNo: 0,
      readSeq: 0,
      unread: 0,
      lastMessage: null,
      createdAt: START_MS,
      updatedAt: START_MS,
      settings: { muted: false, pinnedAt: 0, archived: false, draft: "" },
      avatar: "",
      onlyAdminsWrite: false,
      mutedUntil: 0,
    };
    assert.deepEqual(fields(opened.conversation!), { ...expected, peerId: ann });
    assert.deepEqual(fields(await world.view(id, bob)), { ...expected, peerId: ann });
    assert.deepEqual(fields(await world.view(id, ann)), { ...expected, peerId: bob });
    const members = await world.data.conversations.members({
      conversationId: id,
      userId: ann,
      afterId: 0,
      limit: 9,
    });
    assert.deepEqual(members, {
      members: [ann, bob].sort(ascending).map((userId) => ({
        userId,
        role: 0,
        joinedAt: START_MS,
        nickname: "",
        mutedUntil: 0,
      })),
      more: false,
    });
  });

  test("openDirect: it is one conversation from both sides, made once", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const id = await world.direct(ann, bob);
    world.clock.nowMs += 1000;
    for (const [userId, otherId] of [[ann, bob], [bob, ann]]) {
      const again = await world.data.conversations.openDirect({ userId, otherId });
      assert.deepEqual([again.conversation!.id, again.created, again.memberIds], [id, false, []]);
      assert.deepEqual([again.conversation!.createdAt, again.conversation!.peerId], [START_MS, otherId]);
    }
    assert.notEqual(await world.direct(ann, carl), id);
    assert.notEqual(await world.direct(bob, carl), id);
  });

  test("openDirect: opened by both at once, it is made once", async (world) => {
    for (let i = 0; i < 5; i++) {
      const [ann, bob] = await world.users(2);
      const opened = await Promise.all(
        range(1, 10).map((n) => {
          const [userId, otherId] = n % 2 ? [ann, bob] : [bob, ann];
          return world.data.conversations.openDirect({ userId, otherId });
        }),
      );
      assert.equal(new Set(opened.map(({ conversation }) => conversation!.id)).size, 1);
      assert.equal(opened.filter(({ created }) => created).length, 1);
      assert.equal((await list(world, ann)).length, 1);
    }
  });

  test("openDirect: with oneself is a conflict, with nobody not found, and nothing is made", async (world) => {
    const me = await world.user();
    await rejects("conflict", world.direct(me, me));
    await rejects("user_not_found", world.direct(me, NOBODY));
    assert.deepEqual(await list(world, me), []);
  });

  test("openDirect: whoever is blocked makes none, whichever id is lower; the blocker may; what is there opens", async (world) => {
    for (const [blocker, blocked] of [[0, 1], [1, 0]]) {
      const people = await world.users(2);
      const [ann, bob] = [people[blocker], people[blocked]];
      await world.data.relations.block({ userId: ann, otherId: bob });
      await rejects("blocked", world.direct(bob, ann));
      await rejects(
        "blocked",
        world.data.conversations.openDirect({ userId: bob, otherId: ann, friendsOnly: true }),
      );
      for (const who of people) assert.deepEqual(await list(world, who), [], "it is in nobody's list");
      const id = await world.direct(ann, bob);
      assert.equal(await world.direct(bob, ann), id, "one that is there is answered to who is blocked");
      assert.deepEqual(await world.read(id, bob), []);
      await rejects("blocked", world.say(id, bob, "hello"));
    }
  });

  test("openDirect: against a block at the same time, it is made before the block or not at all", async (world) => {
    for (let round = 0; round < 5; round++) {
      const [ann, bob] = await world.users(2);
      const opening = codeOf(world.direct(bob, ann));
      await world.data.relations.block({ userId: ann, otherId: bob });
      const code = await opening;
      assert.ok(code === "ok" || code === "blocked", code);
      assert.equal((await list(world, ann)).length, code === "ok" ? 1 : 0);
    }
  });

  test("a direct conversation has its two people for ever: nobody joins or leaves", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const id = await world.direct(ann, bob);
    await rejects("forbidden", world.leave(id, ann));
    await rejects("forbidden", world.add(id, ann, carl));
    await rejects("conversation_not_found", world.leave(id, carl));
    await rejects("conversation_not_found", world.add(id, carl, carl));
    assert.deepEqual([...(await world.roles(id, bob)).keys()], [ann, bob].sort(ascending));
    assert.deepEqual(await world.groupIds(ann), []);
  });

  test("get: strangers and conversations that are none are not found", async (world) => {
    const [ann, bob, eve] = await world.users(3);
    const direct = await world.direct(ann, bob);
    const group = await world.group(ann, bob);
    await world.leave(group, bob);
    for (const [id, userId] of [[direct, eve], [group, eve], [group, bob], [NOBODY, ann], [direct, NOBODY]]) {
      await rejects("conversation_not_found", world.view(id, userId));
      const page = { conversationId: id, userId, afterId: 0, limit: 10 };
      await rejects("conversation_not_found", world.data.conversations.members(page));
      await rejects("conversation_not_found", markRead(world, id, userId, 1));
    }
  });
}

/** A user's whole list, by pages of this size; every page but the last is full. */
async function list(world: World, userId: number, limit = 100): Promise<Conversation[]> {
  const found: Conversation[] = [];
  for (let more = true; more;) {
    const last = found.at(-1);
    const place = { beforeAt: last?.updatedAt ?? 0, beforeId: last?.id ?? 0 };
    const page = await world.data.conversations.list({ userId, ...place, limit });
    found.push(...page.conversations);
    more = page.more;
    if (more) assert.equal(page.conversations.length, limit);
  }
  return found;
}

const newestFirst = (a: Conversation, b: Conversation) => b.updatedAt - a.updatedAt || b.id - a.id;

function listCases(test: Case): void {
  test("list: pages of any size give each conversation once, the newest entry first, equal times too", async (world) => {
    const [me, ...others] = await world.users(13);
    for (const [i, other] of others.entries()) {
      if (i % 4 === 0) world.clock.nowMs += 10;
      await world.direct(me, other);
      await world.group(i % 2 ? me : other, me, other);
    }
    const all = await list(world, me);
    assert.equal(all.length, 24);
    assert.equal(new Set(all.map(({ updatedAt }) => updatedAt)).size, 3);
    assert.deepEqual(all.map(({ id }) => id), all.toSorted(newestFirst).map(({ id }) => id));
    for (const limit of [1, 5, 8, 23, 24, 25]) {
      assert.deepEqual(
        (await list(world, me, limit)).map(({ id }) => id),
        all.map(({ id }) => id),
        `by ${limit}`,
      );
    }
    for (const conversation of all) assert.deepEqual(await world.view(conversation.id, me), conversation);
  });

  test("list: an entry brings its conversation to the top, for all its members", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const ids = [
      await world.direct(ann, bob),
      await world.direct(ann, carl),
      await world.group(ann, bob, carl),
    ];
    for (const id of [ids[0], ids[2], ids[1], ids[0]]) {
      world.clock.nowMs += 10;
      await world.say(id, ann, "up");
      assert.equal((await list(world, ann))[0].id, id);
    }
    world.clock.nowMs += 10;
    await world.leave(ids[2], carl);
    assert.deepEqual((await list(world, bob)).map(({ id }) => id), [ids[2], ids[0]]);
    assert.deepEqual((await list(world, carl)).map(({ id }) => id), [ids[1]]);
  });

  test("list: a conversation shows its last message, not its last event, and nothing from before one joined", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    assert.equal((await list(world, bob))[0].lastMessage, undefined);
    await world.say(group, ann, "one", "id-1");
    world.clock.nowMs += 10;
    await world.add(group, ann, carl);
    const [forBob] = await list(world, bob);
    assert.deepEqual(forBob.lastMessage, (await world.read(group, ann, 1, 1))[0]);
    assert.deepEqual([forBob.lastSeq, forBob.lastMessageNo, forBob.updatedAt], [3, 1, START_MS + 10]);
    const [forCarl] = await list(world, carl);
    assert.equal(forCarl.lastMessage, undefined);
    assert.deepEqual([forCarl.firstSeq, forCarl.lastSeq], [3, 3]);
    await world.say(group, bob, "two");
    assert.equal(JSON.parse((await list(world, carl))[0].lastMessage!.body).text, "two");
  });

  test("list: nothing for who is in nothing", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await world.leave(group, bob);
    assert.deepEqual(await list(world, bob), []);
    assert.deepEqual(await list(world, NOBODY), []);
  });
}

/** Whom to tell is left out: data_receipt_cases.ts is about that. */
async function markRead(world: World, conversationId: number, userId: number, seq: number) {
  const { audience: _, ...marker } = await world.data.conversations.markRead({ conversationId, userId, seq });
  return marker;
}

function markCases(test: Case): void {
  test("markRead: forward only, and never past the end", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    assert.deepEqual(await markRead(world, id, bob, 5), { readSeq: 0, unread: 0, moved: false });
    for (const i of range(1, 10)) await world.say(id, ann, `${i}`);
    assert.deepEqual(await markRead(world, id, bob, 0), { readSeq: 0, unread: 10, moved: false });
    assert.deepEqual(await markRead(world, id, bob, 4), { readSeq: 4, unread: 6, moved: true });
    assert.deepEqual(await markRead(world, id, bob, 4), { readSeq: 4, unread: 6, moved: false });
    assert.deepEqual(await markRead(world, id, bob, 2), { readSeq: 4, unread: 6, moved: false });
    assert.deepEqual(await markRead(world, id, bob, 1000), { readSeq: 10, unread: 0, moved: true });
    assert.deepEqual(await markRead(world, id, bob, 1000), { readSeq: 10, unread: 0, moved: false });
    await world.say(id, ann);
    assert.deepEqual(await markRead(world, id, bob, 1), { readSeq: 10, unread: 1, moved: false });
    const { readSeq, unread } = await world.view(id, bob);
    assert.deepEqual({ readSeq, unread }, { readSeq: 10, unread: 1 });
  });

  test("markRead: of many at once the furthest stands", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    for (const i of range(1, 20)) await world.say(id, ann, `${i}`);
    const order = [3, 17, 5, 11, 20, 2, 19, 1];
    const answers = await Promise.all(order.map((seq) => markRead(world, id, bob, seq)));
    assert.ok(answers.every(({ readSeq }, i) => readSeq >= order[i]));
    assert.equal((await world.view(id, bob)).readSeq, 20);
    assert.equal((await world.view(id, ann)).readSeq, 0);
  });

  test("unread: neither one's own messages nor events count, before or behind the marker", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const unread = async (userId: number) => (await world.view(group, userId)).unread;
    assert.deepEqual([await unread(ann), await unread(bob)], [0, 0]);
    await world.say(group, ann); // 2
    await world.say(group, bob); // 3
    await world.say(group, bob); // 4
    await world.add(group, ann, carl); // 5
    await world.say(group, ann); // 6
    assert.deepEqual([await unread(ann), await unread(bob), await unread(carl)], [2, 2, 1]);
    assert.deepEqual(await markRead(world, group, bob, 2), { readSeq: 2, unread: 1, moved: true });
    assert.deepEqual(await markRead(world, group, ann, 3), { readSeq: 3, unread: 1, moved: true });
    assert.deepEqual(await markRead(world, group, ann, 5), { readSeq: 5, unread: 0, moved: true });
    await world.say(group, bob); // 7
    await world.say(group, ann); // 8
    assert.deepEqual([await unread(ann), await unread(bob), await unread(carl)], [1, 2, 3]);
    assert.deepEqual(await markRead(world, group, carl, 6), { readSeq: 6, unread: 2, moved: true });
    assert.deepEqual(await markRead(world, group, bob, 8), { readSeq: 8, unread: 0, moved: true });
  });

  test("unread: a repeated or refused send counts nothing", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await world.say(id, ann, "one", "the-id");
    await Promise.all([
      world.say(id, ann, "one", "the-id"),
      codeOf(world.say(id, ann, "two", "the-id")),
      world.say(id, bob, "mine", "the-id"),
      world.say(id, bob, "mine", "the-id"),
    ]);
    assert.deepEqual([(await world.view(id, ann)).unread, (await world.view(id, bob)).unread], [1, 1]);
  });

  test("unread: whoever joins, or comes back, starts with nothing unread", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await world.say(group, bob);
    await world.say(group, ann);
    await world.say(group, ann);
    assert.equal((await world.view(group, bob)).unread, 2);
    await world.leave(group, bob);
    await world.say(group, ann);
    const joined = (await world.add(group, ann, bob)).entry!.seq;
    const { readSeq, unread, firstSeq } = await world.view(group, bob);
    assert.deepEqual({ readSeq, unread, firstSeq }, { readSeq: joined, unread: 0, firstSeq: joined });
    assert.deepEqual(await markRead(world, group, bob, 2), { readSeq: joined, unread: 0, moved: false });
    await world.say(group, bob);
    await world.say(group, ann);
    await world.say(group, ann);
    assert.equal((await world.view(group, bob)).unread, 2);
    assert.deepEqual(await markRead(world, group, bob, joined + 2), {
      readSeq: joined + 2,
      unread: 1,
      moved: true,
    });
  });

  test("unread: it is right at every place of the marker", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const mine = (seq: number) => (seq * 7) % 3 === 0;
    for (const seq of range(1, 25)) await world.say(id, mine(seq) ? bob : ann);
    for (const seq of range(1, 25)) {
      const expected = range(seq + 1, 25).filter((at) => !mine(at)).length;
      assert.deepEqual(await markRead(world, id, bob, seq), { readSeq: seq, unread: expected, moved: true });
    }
  });
}
