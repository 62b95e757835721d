import assert from "node:assert/strict";
import { RelationState as State } from "../../data/service.ts";
import { ascending, bodyOf, type Case, codeOf, NOBODY, range, rejects, type World } from "./data_world.ts";

const DAY_MS = 24 * 3_600_000;
const { RELATION_NONE, RELATION_REQUESTED, RELATION_INVITED, RELATION_FRIENDS, RELATION_BLOCKED } = State;

async function befriend({ data }: World, userId: number, ...others: number[]): Promise<void> {
  for (const otherId of others) {
    await data.relations.request({ userId, otherId, note: "" });
    await data.relations.answer({ userId: otherId, otherId: userId, accept: true });
  }
}

export function friendCases(test: Case): void {
  noteCases(test);
  expiryCases(test);
  syncCases(test);
  policyCases(test);
}

function noteCases(test: Case): void {
  const friendsOf = async ({ data }: World, userId: number, tag?: string) => {
    const page = await data.relations.list({ userId, state: RELATION_FRIENDS, afterId: 0, limit: 100, tag });
    return page.relations.map(({ otherId, remark, tags }) => ({ otherId, remark, tags }));
  };

  test("friends: what one calls a friend, and one's tags, are one's own; what is left out stays", async (world) => {
    const { relations, inboxes } = world.data;
    const [ann, bob] = await world.users(2);
    await befriend(world, ann, bob);
    const both = { userId: ann, otherId: bob };
    await relations.configure({ ...both, remark: "老张 😀", tags: { tags: ["work", "家", "work"] } });
    const { relation, inbox } = await relations.configure({ ...both, remark: "Bobby" });
    const shown = { otherId: bob, remark: "Bobby", tags: ["work", "家"] };
    assert.deepEqual(await friendsOf(world, ann), [shown]);
    assert.deepEqual({ otherId: relation!.otherId, remark: relation!.remark, tags: relation!.tags }, shown);
    assert.deepEqual(inbox!.entries.map(({ kind, seq, body }) => ({ kind, seq, ...JSON.parse(body) })), [
      {
        kind: "friend.configured",
        seq: relation!.version,
        userId: String(bob),
        remark: "Bobby",
        tags: ["work", "家"],
      },
    ]);
    assert.equal((await relations.configure({ ...both, remark: "Bobby" })).inbox, undefined, "no change");
    assert.deepEqual(await friendsOf(world, bob), [{ otherId: ann, remark: "", tags: [] }]);
    const { lastSeq } = await inboxes.read({ userId: bob, after: 0, limit: 1 });
    assert.equal(lastSeq, 2, "the friend is told nothing of it");
    await relations.configure({ ...both, remark: "", tags: { tags: [] } });
    assert.deepEqual(await friendsOf(world, ann), [{ otherId: bob, remark: "", tags: [] }]);
  });

  test("friends: by tag, in pages, and how many have each", async (world) => {
    const { relations } = world.data;
    const [ann, ...others] = (await world.users(8)).sort(ascending);
    await befriend(world, ann, ...others);
    for (const [i, otherId] of others.entries()) {
      const tags = [...i % 2 ? ["odd"] : [], ...i < 3 ? ["first"] : []];
      await relations.configure({ userId: ann, otherId, tags: { tags } });
    }
    const ids = (found: { otherId: number }[]) => found.map(({ otherId }) => otherId);
    assert.deepEqual(ids(await friendsOf(world, ann, "odd")), others.filter((_, i) => i % 2 === 1));
    assert.deepEqual(ids(await friendsOf(world, ann, "first")), others.slice(0, 3));
    assert.deepEqual(await friendsOf(world, ann, "none"), []);
    const list = { userId: ann, state: RELATION_FRIENDS, limit: 2, tag: "odd" };
    const page = await relations.list({ ...list, afterId: 0 });
    assert.deepEqual([ids(page.relations), page.more], [[others[1], others[3]], true]);
    assert.deepEqual(ids((await relations.list({ ...list, afterId: others[3] })).relations), [others[5]]);
    assert.deepEqual((await relations.tags({ userId: ann })).tags, [
      { tag: "first", friends: 3 },
      { tag: "odd", friends: 3 },
    ]);
    assert.deepEqual((await relations.tags({ userId: others[0] })).tags, []);
  });

  test("friends: remark and tags go with the friendship, however it ends, and do not come back", async (world) => {
    const { relations } = world.data;
    for (const [how, who] of [["remove", 0], ["remove", 1], ["block", 0], ["block", 1]] as const) {
      const [ann, bob] = await world.users(2);
      await befriend(world, ann, bob);
      await relations.configure({ userId: ann, otherId: bob, remark: "B", tags: { tags: ["x", "y"] } });
      const [by, other] = who === 0 ? [ann, bob] : [bob, ann];
      await relations[how]({ userId: by, otherId: other });
      assert.deepEqual((await relations.tags({ userId: ann })).tags, []);
      await relations.unblock({ userId: by, otherId: other });
      await befriend(world, ann, bob);
      assert.deepEqual(await friendsOf(world, ann), [{ otherId: bob, remark: "", tags: [] }]);
    }
  });

  test("friends: only a friend is given a remark; a hundred different tags, and no more", async (world) => {
    const { relations } = world.data;
    const [ann, bob, carl] = await world.users(3);
    await befriend(world, ann, bob);
    await relations.request({ userId: ann, otherId: carl, note: "" });
    for (const otherId of [carl, ann, NOBODY]) {
      await rejects("not_friends", relations.configure({ userId: ann, otherId, remark: "x" }));
    }
    const tags = (from: number, to: number) => ({ tags: range(from, to).map((n) => `t${n}`) });
    await relations.configure({ userId: ann, otherId: bob, tags: tags(1, 100) });
    await rejects("too_many", relations.configure({ userId: ann, otherId: bob, tags: tags(1, 101) }));
    assert.equal((await relations.tags({ userId: ann })).tags.length, 100);
    await relations.configure({ userId: ann, otherId: bob, tags: tags(51, 150) });
  });
}

function expiryCases(test: Case): void {
  test("expiry: a request that nobody answered is as none: not listed, not answered, not taken back", async (world) => {
    const { relations } = world.data;
    const [ann, bob, carl] = await world.users(3);
    await relations.request({ userId: ann, otherId: bob, note: "old" });
    world.clock.nowMs += DAY_MS;
    await relations.request({ userId: carl, otherId: bob, note: "new" });
    const expiredBefore = world.clock.nowMs;
    const list = async (userId: number, state: State) =>
      (await relations.list({ userId, state, afterId: 0, limit: 9, expiredBefore })).relations
        .map(({ note }) => note);
    assert.deepEqual(await list(bob, RELATION_INVITED), ["new"]);
    assert.deepEqual(await list(ann, RELATION_REQUESTED), []);
    for (const accept of [true, false]) {
      const answer = relations.answer({ userId: bob, otherId: ann, accept, expiredBefore });
      await rejects("request_not_found", answer);
    }
    const asks = { userId: ann, otherId: bob, expiredBefore };
    await rejects("request_not_found", relations.withdraw(asks));
    await relations.answer({ userId: bob, otherId: carl, accept: true, expiredBefore });
    // Whoever was asked and now asks is the first to ask.
    const asked = await relations.request({ userId: bob, otherId: ann, note: "hi", expiredBefore });
    assert.equal(asked.state, RELATION_REQUESTED);
    assert.deepEqual(await list(ann, RELATION_INVITED), ["hi"]);
    assert.equal((await relations.request({ ...asks, note: "" })).state, RELATION_FRIENDS);
  });

  test("expiry: asking once more after it is a new request, with a time of its own", async (world) => {
    const { relations } = world.data;
    const [ann, bob] = await world.users(2);
    await relations.request({ userId: ann, otherId: bob, note: "" });
    world.clock.nowMs += 2 * DAY_MS;
    const expiredBefore = world.clock.nowMs - DAY_MS;
    await relations.request({ userId: ann, otherId: bob, note: "", expiredBefore });
    const answer = await relations.answer({ userId: bob, otherId: ann, accept: true, expiredBefore });
    assert.equal(answer.state, RELATION_FRIENDS);
  });

  test("expiry: what has expired is taken away, so many at a time, on both sides, and both are told", async (world) => {
    const { relations, inboxes } = world.data;
    const [ann, ...others] = await world.users(5);
    for (const [i, other] of others.entries()) {
      const [userId, otherId] = i % 2 ? [ann, other] : [other, ann];
      await relations.request({ userId, otherId, note: "" });
      world.clock.nowMs += 1000;
    }
    await befriend(world, ann, ...await world.users(1));
    const expiredBefore = world.clock.nowMs - 1000;
    const expire = (limit: number) => relations.expire({ userId: ann, expiredBefore, limit });
    assert.equal((await expire(2)).inboxes.length, 3, "two others and oneself");
    assert.equal((await expire(9)).inboxes.length, 2, "the one of the last second stays");
    assert.deepEqual((await expire(9)).inboxes, []);
    const left = async (userId: number, state: State) =>
      (await relations.list({ userId, state, afterId: 0, limit: 9 })).relations.length;
    assert.deepEqual([await left(ann, RELATION_INVITED), await left(ann, RELATION_REQUESTED)], [0, 1]);
    assert.equal(await left(ann, RELATION_FRIENDS), 1);
    for (const [i, userId] of others.entries()) {
      const { entries } = await inboxes.read({ userId, after: 0, limit: 9 });
      const states = entries.map(({ body }) => JSON.parse(body).state);
      assert.deepEqual(states, [i % 2 ? "invited" : "requested", ...i < 3 ? ["none"] : []]);
    }
  });

  test("expiry: a request that is answered meanwhile is a friendship or gone, on both sides", async (world) => {
    const { relations } = world.data;
    for (let i = 0; i < 10; i++) {
      const [ann, bob] = await world.users(2);
      await relations.request({ userId: ann, otherId: bob, note: "" });
      const expiredBefore = world.clock.nowMs + 1;
      await Promise.all([
        relations.expire({ userId: ann, expiredBefore, limit: 9 }),
        codeOf(relations.answer({ userId: bob, otherId: ann, accept: true })),
      ]);
      const friends = await Promise.all(
        [ann, bob].map(async (userId) =>
          (await relations.list({ userId, state: RELATION_FRIENDS, afterId: 0, limit: 9 })).relations.length
        ),
      );
      assert.equal(friends[0], friends[1]);
    }
  });
}

function syncCases(test: Case): void {
  const all = async ({ data }: World, userId: number, since: number, limit = 100) => {
    const states = new Map<number, State>();
    let [from, resumed, full] = [since, false, false];
    for (;;) {
      const page = await data.relations.sync({ userId, since: from, limit, resumed });
      for (const { otherId, state } of page.relations) states.set(otherId, state);
      if (!resumed) full = page.full;
      if (!page.more) return { states, version: page.version, full };
      assert.equal(page.relations.length, limit);
      [from, resumed] = [page.relations.at(-1)!.version, true];
    }
  };

  test("relations, synced: what has changed since a version, in whatever way, and what has ended", async (world) => {
    const { relations } = world.data;
    const [ann, bob, carl, dora, emil] = await world.users(5);
    const first = await all(world, ann, 0);
    assert.deepEqual([first.states.size, first.version, first.full], [0, 0, true]);
    await befriend(world, ann, bob, carl);
    await relations.request({ userId: ann, otherId: dora, note: "" });
    await relations.request({ userId: emil, otherId: ann, note: "" });
    const then = await all(world, ann, first.version);
    assert.deepEqual(
      [...then.states],
      [
        [bob, RELATION_FRIENDS],
        [carl, RELATION_FRIENDS],
        [dora, RELATION_REQUESTED],
        [emil, RELATION_INVITED],
      ],
    );
    assert.deepEqual(await all(world, ann, then.version), {
      states: new Map(),
      version: then.version,
      full: false,
    });
    await relations.configure({ userId: ann, otherId: carl, remark: "C" });
    await relations.configure({ userId: carl, otherId: ann, remark: "not hers" });
    await relations.remove({ userId: bob, otherId: ann });
    await relations.block({ userId: ann, otherId: emil });
    await relations.answer({ userId: dora, otherId: ann, accept: false });
    const changed = await all(world, ann, then.version);
    assert.deepEqual(
      changed.states,
      new Map([
        [carl, RELATION_FRIENDS],
        [bob, RELATION_NONE],
        [emil, RELATION_BLOCKED],
        [dora, RELATION_NONE],
      ]),
    );
    assert.equal(changed.full, false);
    await relations.unblock({ userId: ann, otherId: emil });
    assert.deepEqual((await all(world, ann, changed.version)).states, new Map([[emil, RELATION_NONE]]));
    // That one was blocked is not to be seen in it.
    await relations.block({ userId: dora, otherId: ann });
    assert.equal((await all(world, ann, changed.version)).states.has(dora), false);
  });

  test("relations, synced: versions rise with every change of a user's own, also when many come at once", async (world) => {
    const { relations } = world.data;
    const [ann, ...others] = await world.users(13);
    await Promise.all(others.map((userId) => relations.request({ userId, otherId: ann, note: "" })));
    const { relations: rows, version } = await relations.sync({
      userId: ann,
      since: 0,
      limit: 99,
      resumed: false,
    });
    const versions = rows.map((row) => row.version);
    assert.deepEqual(versions, range(1, 12));
    assert.equal(version, 12);
    for (const limit of [1, 5, 12]) assert.equal((await all(world, ann, 3, limit)).states.size, 9);
  });

  test("relations, synced: more than a thousand, by pages", async (world) => {
    const { relations } = world.data;
    const ann = await world.user();
    const others: number[] = [];
    while (others.length < 1_050) others.push(...await world.users(50));
    for (let i = 0; i < others.length; i += 50) {
      await Promise.all(
        others.slice(i, i + 50).map((otherId) => relations.block({ userId: ann, otherId })),
      );
    }
    const { states } = await all(world, ann, 0, 200);
    assert.equal(states.size, 1_050);
    assert.equal((await all(world, ann, 10)).states.size, 1_040);
  });

  test("relations, synced: what has ended is kept for 30 days; an older version gets everything", async (world) => {
    const { relations } = world.data;
    const [ann, bob, carl, dora] = await world.users(4);
    await befriend(world, ann, bob, carl);
    const { version } = await all(world, ann, 0);
    await relations.remove({ userId: ann, otherId: bob });
    world.clock.nowMs += 29 * DAY_MS;
    assert.deepEqual((await all(world, ann, version)).states, new Map([[bob, RELATION_NONE]]));
    world.clock.nowMs += 2 * DAY_MS;
    await relations.remove({ userId: ann, otherId: carl });
    const late = await all(world, ann, version);
    assert.deepEqual([late.full, [...late.states]], [true, [[carl, RELATION_NONE]]], "bob's is gone");
    // A version that nothing came after is never too old.
    world.clock.nowMs += 400 * DAY_MS;
    assert.equal((await all(world, ann, late.version)).full, false);
    // One that was never given: the store was restored.
    assert.equal((await all(world, ann, late.version + 7)).full, true);
    await befriend(world, ann, dora);
    assert.equal((await all(world, ann, version)).states.get(dora), RELATION_FRIENDS);
  });

  test("relations, synced: an expired request has ended", async (world) => {
    const { relations } = world.data;
    const [ann, bob] = await world.users(2);
    await relations.request({ userId: ann, otherId: bob, note: "" });
    const { relations: rows } = await relations.sync({
      userId: bob,
      since: 0,
      limit: 9,
      resumed: false,
      expiredBefore: world.clock.nowMs + 1,
    });
    assert.deepEqual(rows.map(({ state }) => state), [RELATION_NONE]);
  });
}

function policyCases(test: Case): void {
  const say = ({ data }: World, conversationId: number, senderId: number, clientId: string) =>
    data.log.append({ conversationId, senderId, clientId, body: bodyOf("hello"), friendsOnly: true });

  test("friends only: a direct conversation is opened by friends; one that is there stays open to read", async (world) => {
    const { conversations } = world.data;
    const [ann, bob] = await world.users(2);
    const open = (userId: number, otherId: number) =>
      conversations.openDirect({ userId, otherId, friendsOnly: true });
    await rejects("not_friends", open(ann, bob));
    await rejects("user_not_found", open(ann, NOBODY));
    await world.data.relations.request({ userId: ann, otherId: bob, note: "" });
    await rejects("not_friends", open(bob, ann));
    await befriend(world, bob, ann).catch(() => {});
    const { conversation } = await open(ann, bob);
    await say(world, conversation!.id, ann, "1");
    await world.data.relations.remove({ userId: bob, otherId: ann });
    assert.equal((await open(ann, bob)).conversation!.id, conversation!.id);
  });

  test("friends only: sending, editing, reacting and typing stop with the friendship and come back with it", async (world) => {
    const { conversations, log, relations } = world.data;
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await world.say(id, ann, "before", "early");
    await rejects("not_friends", say(world, id, ann, "1"));
    await befriend(world, ann, bob);
    const { seq } = await say(world, id, ann, "1");
    await relations.remove({ userId: bob, otherId: ann });
    for (const actorId of [ann, bob]) {
      await rejects("not_friends", say(world, id, actorId, "2"));
      const react = { $case: "react", react: { emoji: "👍", on: true } } as const;
      const change = { conversationId: id, actorId, seq, change: react, friendsOnly: true };
      await rejects("not_friends", log.change(change));
      const audience = { conversationId: id, userId: actorId, friendsOnly: true };
      await rejects("not_friends", conversations.audience(audience));
      await world.say(id, actorId);
    }
    assert.equal((await say(world, id, ann, "1")).duplicate, true, "what was stored is answered as before");
    await befriend(world, bob, ann);
    await say(world, id, ann, "3");
    await relations.block({ userId: bob, otherId: ann });
    await rejects("blocked", say(world, id, ann, "4"));
    await rejects("not_friends", say(world, id, bob, "4"));
    await relations.unblock({ userId: bob, otherId: ann });
    await rejects("not_friends", say(world, id, ann, "5"));
  });

  test("friends only: a send racing with the end of a friendship is stored before it or refused", async (world) => {
    for (let i = 0; i < 5; i++) {
      const [ann, bob] = await world.users(2);
      await befriend(world, ann, bob);
      const id = await world.direct(ann, bob);
      const sends = range(1, 6).map((n) => codeOf(say(world, id, bob, `a${n}`)));
      const end = world.data.relations.remove({ userId: ann, otherId: bob });
      const more = range(1, 6).map((n) => codeOf(say(world, id, bob, `b${n}`)));
      await end;
      await rejects("not_friends", say(world, id, bob, "late"));
      const codes = await Promise.all([...sends, ...more]);
      const stored = codes.filter((code) => code === "ok").length;
      assert.deepEqual(codes, [...Array(stored).fill("ok"), ...Array(12 - stored).fill("not_friends")]);
      assert.equal((await world.texts(id, ann)).length, stored);
    }
  });

  test("friends only: groups do not ask for it", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await say(world, group, bob, "1");
  });

  test("blocks: whoever has blocked somebody is not put into a group by them, by others they are", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, carl);
    await world.data.relations.block({ userId: bob, otherId: ann });
    await rejects("blocked", world.group(ann, carl, bob));
    await rejects("blocked", world.add(group, ann, bob));
    assert.deepEqual(await world.groupIds(bob), []);
    await world.group(carl, ann, bob);
    await world.group(bob, ann);
    await world.data.relations.unblock({ userId: bob, otherId: ann });
    await world.add(group, ann, bob);
    assert.equal((await world.groupIds(bob)).length, 3);
  });
}
