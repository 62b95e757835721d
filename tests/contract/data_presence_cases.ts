import assert from "node:assert/strict";
import { type Case, NOBODY, type World } from "./data_world.ts";

export function presenceCases(test: Case): void {
  const watchable = async ({ data }: World, userId: number, ...otherIds: number[]) => {
    const { seen } = await data.relations.watchable({ userId, otherIds });
    return Object.fromEntries(seen.map((one) => [one.userId, one.at]));
  };

  test("watchable: friends and direct partners, each once; no strangers, no fellow members, not oneself", async (world) => {
    const { relations } = world.data;
    const [ann, friend, partner, both, asked, fellow, stranger] = await world.users(7);
    for (const other of [friend, both]) {
      await relations.request({ userId: ann, otherId: other, note: "" });
      await relations.answer({ userId: other, otherId: ann, accept: true });
    }
    for (const other of [partner, both]) await world.direct(other, ann);
    await relations.request({ userId: ann, otherId: asked, note: "" });
    await world.group(ann, fellow);
    const all = [ann, friend, partner, both, asked, fellow, stranger, NOBODY, both];
    assert.deepEqual(await watchable(world, ann, ...all), { [friend]: 0, [partner]: 0, [both]: 0 });
    assert.deepEqual(await watchable(world, both, ann), { [ann]: 0 });
    assert.deepEqual(await watchable(world, asked, ann), {});
    assert.deepEqual(await watchable(world, ann), {});
  });

  test("watchable: not where either has blocked the other", async (world) => {
    const { relations } = world.data;
    const [ann, bob, carl] = await world.users(3);
    for (const other of [bob, carl]) await world.direct(ann, other);
    await relations.block({ userId: ann, otherId: bob });
    await relations.block({ userId: carl, otherId: ann });
    for (const [one, other] of [[ann, bob], [bob, ann], [ann, carl], [carl, ann]]) {
      assert.deepEqual(await watchable(world, one, other), {});
    }
    await relations.unblock({ userId: ann, otherId: bob });
    assert.deepEqual(await watchable(world, ann, bob), { [bob]: 0 });
  });

  test("setSeen: the latest time is kept, for each, and who is unknown is passed over", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    for (const other of [bob, carl]) await world.direct(ann, other);
    const seen = (...pairs: [number, number][]) =>
      world.data.users.setSeen({ seen: pairs.map(([userId, at]) => ({ userId, at })) });
    await seen([bob, 500], [carl, 300], [NOBODY, 9]);
    await seen([bob, 400], [carl, 700]);
    assert.deepEqual(await watchable(world, ann, bob, carl), { [bob]: 500, [carl]: 700 });
    await seen();
  });
}
