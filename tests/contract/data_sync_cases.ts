import assert from "node:assert/strict";
import { type Case, rejects, type World } from "./data_world.ts";

const HOUR_MS = 3_600_000;

/** Everything that moved since, by pages of `limit`. */
async function moved(world: World, userId: number, since: number, limit = 100) {
  const found: number[] = [];
  const left: number[] = [];
  let afterId = 0;
  do {
    const page = await world.data.conversations.sync({ userId, since, afterId, limit });
    found.push(...page.conversations.map(({ id }) => id));
    left.push(...page.leftIds);
    afterId = page.nextAfterId;
  } while (afterId > 0);
  return { found: found.sort((a, b) => a - b), left };
}

const sorted = (...ids: number[]) => ids.sort((a, b) => a - b);

export function syncCases(test: Case): void {
  test("sync: what moved since is there, what rested is not, for both sides and for groups", async (world) => {
    const { clock } = world;
    const [ann, bob, cat] = await world.users(3);
    const withBob = await world.direct(ann, bob);
    const withCat = await world.direct(ann, cat);
    const group = await world.group(ann, bob);
    const resting = await world.group(ann, cat);
    assert.deepEqual((await moved(world, ann, clock.nowMs)).found, sorted(withBob, withCat, group, resting));

    clock.nowMs += 10 * HOUR_MS;
    const since = clock.nowMs;
    assert.deepEqual(await moved(world, ann, since), { found: [], left: [] });
    await world.say(withBob, bob);
    await world.say(group, ann);
    assert.deepEqual((await moved(world, ann, since)).found, sorted(withBob, group));
    assert.deepEqual((await moved(world, bob, since)).found, sorted(withBob, group));
    assert.deepEqual((await moved(world, cat, since)).found, []);
  });

  test("sync: within the hour of an earlier message nothing is missed, after hours of rest neither", async (world) => {
    const { clock } = world;
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    for (const pause of [0, 1, 1000, 30 * 60_000, 30 * 60_000, HOUR_MS, 5 * HOUR_MS, 1, 30 * 24 * HOUR_MS]) {
      clock.nowMs += pause;
      const since = clock.nowMs;
      await world.say(id, ann);
      assert.deepEqual((await moved(world, bob, since)).found, [id], `after a pause of ${pause} ms`);
      assert.deepEqual((await moved(world, bob, since + 1)).found, []);
    }
  });

  test("sync: edits and reactions, and one's own read marker, count as moves", async (world) => {
    const { clock, data } = world;
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann);
    clock.nowMs += 3 * HOUR_MS;
    const reacted = clock.nowMs;
    const change = { $case: "react", react: { emoji: "👍", on: true } } as const;
    await data.log.change({ conversationId: id, actorId: bob, seq, change });
    assert.deepEqual((await moved(world, ann, reacted)).found, [id]);
    clock.nowMs += 3 * HOUR_MS;
    await data.conversations.markRead({ conversationId: id, userId: bob, seq });
    const page = await data.conversations.sync({ userId: bob, since: clock.nowMs, afterId: 0, limit: 10 });
    assert.deepEqual(page.conversations.map(({ readSeq, unread }) => [readSeq, unread]), [[seq, 0]]);
    assert.deepEqual(
      (await moved(world, ann, clock.nowMs)).found,
      [],
      "another's marker is no move of one's own",
    );
  });

  test("sync: a conversation one has left is said to be left, and one that one joined is there", async (world) => {
    const { clock, data } = world;
    const [ann, bob] = await world.users(2);
    const old = await world.group(ann, bob);
    const young = await world.group(ann);
    clock.nowMs += 2 * HOUR_MS;
    const since = clock.nowMs;
    await data.conversations.leave({ conversationId: old, userId: bob });
    await data.conversations.addMembers({ conversationId: young, actorId: ann, memberIds: [bob] });
    assert.deepEqual(await moved(world, bob, since), { found: [young], left: [old] });
    clock.nowMs += 2 * HOUR_MS;
    await world.say(old, ann);
    assert.deepEqual(
      await moved(world, bob, clock.nowMs),
      { found: [], left: [] },
      "after leaving nothing moves",
    );
  });

  test("configure: what is given is set, the rest stays; it moves the conversation for oneself only", async (world) => {
    const { clock, data } = world;
    const [ann, bob, cat] = await world.users(3);
    const id = await world.direct(ann, bob);
    await world.say(id, ann);
    const set = (
      settings: { muted?: boolean; pinned?: boolean; archived?: boolean; draft?: string },
      userId = bob,
    ) =>
      data.conversations.configure({ conversationId: id, userId, ...settings }).then((answer) =>
        answer.settings!
      );
    const plain = { muted: false, pinnedAt: 0, archived: false, draft: "" };
    const { settings } = await data.conversations.get({ conversationId: id, userId: bob });
    assert.deepEqual(settings, plain);

    clock.nowMs += 2 * HOUR_MS;
    const pinnedAt = clock.nowMs;
    assert.deepEqual(await set({ muted: true, pinned: true }), { ...plain, muted: true, pinnedAt });
    clock.nowMs += 1;
    assert.deepEqual(await set({ draft: "再想想", pinned: true }), {
      ...plain,
      muted: true,
      pinnedAt,
      draft: "再想想",
    });
    assert.deepEqual(await set({ muted: false, archived: true, pinned: false }), {
      ...plain,
      archived: true,
      draft: "再想想",
    });
    const seen = await data.conversations.get({ conversationId: id, userId: bob });
    assert.deepEqual(seen.settings, { ...plain, archived: true, draft: "再想想" });
    assert.equal(seen.unread, 1, "the read marker stays");
    assert.deepEqual((await moved(world, bob, pinnedAt)).found, [id]);
    assert.deepEqual((await moved(world, ann, pinnedAt)).found, []);
    assert.deepEqual((await data.conversations.get({ conversationId: id, userId: ann })).settings, plain);
    await rejects("conversation_not_found", set({ muted: true }, cat));
  });

  test("sync: pages of any size give the same, each once", async (world) => {
    const { clock } = world;
    const [ann, ...others] = await world.users(13);
    const ids = [];
    for (const other of others) ids.push(await world.direct(ann, other));
    for (let i = 0; i < 5; i++) ids.push(await world.group(ann));
    clock.nowMs += HOUR_MS;
    const active = ids.filter((_, i) => i % 3 !== 0);
    const since = clock.nowMs;
    for (const id of active) await world.say(id, ann);
    for (const limit of [1, 2, 5, 100]) {
      assert.deepEqual(
        (await moved(world, ann, since, limit)).found,
        sorted(...active),
        `in pages of ${limit}`,
      );
    }
  });
}
