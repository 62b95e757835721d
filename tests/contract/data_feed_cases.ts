import assert from "node:assert/strict";
import { LogKind, type MovedLog } from "../../data/service.ts";
import { ascending, assertSeqs, type Case, NOBODY, type World } from "./data_world.ts";

/** A sweep, as a gateway makes it: by pages, from where the last one ended. */
class Sweeper {
  #since = 0;
  constructor(private readonly world: World, private readonly limit = 1000) {}

  async run(): Promise<Map<number, MovedLog>> {
    const logs = new Map<number, MovedLog>();
    const since = this.#since;
    let next = 0;
    for (let afterId = 0, more = true; more;) {
      const page = await this.world.data.log.moved({ since, afterId, limit: this.limit });
      assert.ok(page.logs.length <= this.limit);
      for (const log of page.logs) logs.set(log.logId, log);
      assert.deepEqual(
        page.logs.map(({ logId }) => logId),
        page.logs.map(({ logId }) => logId).sort(ascending),
      );
      more = page.more;
      afterId = page.logs.at(-1)?.logId ?? 0;
      next ||= page.nextSince;
    }
    this.#since = next;
    return logs;
  }
}

const MINUTE_MS = 60_000;

export function feedCases(test: Case): void {
  test("moved: whatever appends an entry moves a log; what rests does not come", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const direct = await world.direct(ann, carl);
    const resting = await world.group(carl);
    const sweeper = new Sweeper(world);
    assert.equal((await sweeper.run()).size, 0, "the first only tells the time");
    world.clock.nowMs += MINUTE_MS;
    await sweeper.run();
    const moves: [() => Promise<unknown>, number, LogKind, number, number[]][] = [
      [() => world.say(group, ann), group, LogKind.LOG_GROUP, 2, []],
      [() => world.say(direct, carl), direct, LogKind.LOG_DIRECT, 1, [ann, carl].sort(ascending)],
      [
        () =>
          world.data.log.change({
            conversationId: group,
            actorId: bob,
            seq: 2,
            change: { $case: "react", react: { emoji: "👍", on: true } },
          }),
        group,
        LogKind.LOG_GROUP,
        3,
        [],
      ],
      [() => world.leave(group, bob), group, LogKind.LOG_GROUP, 4, []],
      [() => world.add(group, ann, bob), group, LogKind.LOG_GROUP, 5, []],
      [
        () => world.data.relations.request({ userId: bob, otherId: ann, note: "" }),
        ann,
        LogKind.LOG_INBOX,
        3,
        [],
      ],
    ];
    for (const [move, logId, kind, lastSeq, directUserIds] of moves) {
      await move();
      const logs = await sweeper.run();
      assert.deepEqual(logs.get(logId), { logId, kind, lastSeq, directUserIds });
      assert.ok(!logs.has(resting));
      world.clock.nowMs += MINUTE_MS;
    }
    await sweeper.run();
    assert.equal((await sweeper.run()).size, 0);
  });

  test("moved: a new conversation moves, though nothing was said in it before", async (world) => {
    const [ann, bob] = await world.users(2);
    const sweeper = new Sweeper(world);
    await sweeper.run();
    const group = await world.group(ann, bob);
    const direct = await world.direct(ann, bob);
    const logs = await sweeper.run();
    assert.deepEqual([...logs.keys()].sort(ascending), [ann, bob, group, direct].sort(ascending));
    await world.say(direct, ann);
    assert.equal((await sweeper.run()).get(direct)!.lastSeq, 1);
  });

  test("moved: each message is seen by a sweep, with any step between them and a clock that runs both ways", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const sweeper = new Sweeper(world);
    await sweeper.run();
    for (
      const step of [0, 1, 4_999, 5_000, 5_001, 9_000, -7_000, 0, -20_000, 3_000, 29_000, 120_000, 300_000]
    ) {
      world.clock.nowMs += step;
      const { seq } = await world.say(id, ann);
      assert.equal((await sweeper.run()).get(id)?.lastSeq, seq, `after ${step} ms`);
    }
  });

  test("moved: pages of any size bring the same", async (world) => {
    const [ann] = await world.users(1);
    const sweepers = [1, 3, 7, 100].map((limit) => new Sweeper(world, limit));
    for (const sweeper of sweepers) await sweeper.run();
    const ids: number[] = [];
    for (let i = 0; i < 7; i++) ids.push(await world.group(ann));
    for (const sweeper of sweepers) {
      assert.deepEqual([...(await sweeper.run()).keys()].sort(ascending), [ann, ...ids].sort(ascending));
    }
  });

  test("tail: the entries after a place, of any log, as they were stored", async (world) => {
    const { log } = world.data;
    const [ann, bob] = await world.users(2);
    const id = await world.group(ann, bob);
    for (let i = 0; i < 4; i++) await world.say(id, ann);
    const { entries } = await log.tail({ logId: id, after: 1, limit: 3 });
    assertSeqs(entries, 2, 4);
    assert.deepEqual(entries, await world.read(id, ann, 1, 3));
    const inbox = await log.tail({ logId: bob, after: 0, limit: 9 });
    assert.deepEqual(
      inbox.entries,
      (await world.data.inboxes.read({ userId: bob, after: 0, limit: 9 })).entries,
    );
    for (const request of [{ logId: id, after: 5 }, { logId: NOBODY, after: 0 }]) {
      assert.deepEqual((await log.tail({ ...request, limit: 9 })).entries, []);
    }
  });

  test("epoch: it begins somewhere, stays, and rises by one", async ({ data }) => {
    const { epoch } = await data.log.epoch({ raise: false });
    assert.ok(epoch >= 1);
    assert.equal((await data.log.epoch({ raise: false })).epoch, epoch);
    assert.equal((await data.log.epoch({ raise: true })).epoch, epoch + 1);
    assert.equal((await data.log.epoch({ raise: false })).epoch, epoch + 1);
    for (const since of [0, 1]) {
      assert.equal((await data.log.moved({ since, afterId: 0, limit: 1 })).epoch, epoch + 1, "moved says it");
    }
  });
}
