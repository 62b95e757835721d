import assert from "node:assert/strict";
import { RelationState as State } from "../../data/service.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import { ascending, type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

const { RELATION_NONE, RELATION_REQUESTED, RELATION_INVITED, RELATION_FRIENDS, RELATION_BLOCKED } = State;
const LETTERS: Record<string, State> = {
  "-": RELATION_NONE,
  R: RELATION_REQUESTED,
  I: RELATION_INVITED,
  F: RELATION_FRIENDS,
  B: RELATION_BLOCKED,
};

/** What two people can be to each other: the row of one, then the row of the other. */
const PAIRS = ["--", "RI", "IR", "FF", "B-", "-B", "BB"] as const;
type Pair = typeof PAIRS[number];

type Operation = "request" | "accept" | "decline" | "withdraw" | "remove" | "block" | "unblock";

/** From the pair, by the first person's operation, to the pair; or the error, and the pair stays. */
const TRANSITIONS: Record<Operation, Record<Pair, string>> = {
  request: {
    "--": "RI",
    RI: "RI",
    IR: "FF",
    FF: "conflict",
    "B-": "conflict",
    "-B": "blocked",
    BB: "blocked",
  },
  accept: {
    "--": "request_not_found",
    RI: "request_not_found",
    IR: "FF",
    FF: "request_not_found",
    "B-": "request_not_found",
    "-B": "request_not_found",
    BB: "request_not_found",
  },
  decline: {
    "--": "request_not_found",
    RI: "request_not_found",
    IR: "--",
    FF: "request_not_found",
    "B-": "request_not_found",
    "-B": "request_not_found",
    BB: "request_not_found",
  },
  withdraw: {
    "--": "request_not_found",
    RI: "--",
    IR: "request_not_found",
    FF: "request_not_found",
    "B-": "request_not_found",
    "-B": "request_not_found",
    BB: "request_not_found",
  },
  // A block is not removed, by neither side: it is lifted by whoever set it.
  remove: { "--": "--", RI: "--", IR: "--", FF: "--", "B-": "B-", "-B": "-B", BB: "BB" },
  block: { "--": "B-", RI: "B-", IR: "B-", FF: "B-", "B-": "B-", "-B": "BB", BB: "BB" },
  unblock: { "--": "--", RI: "RI", IR: "IR", FF: "FF", "B-": "--", "-B": "-B", BB: "-B" },
};

function run(world: World, operation: Operation, userId: number, otherId: number): Promise<{ state: State }> {
  const { relations } = world.data;
  switch (operation) {
    case "request":
      return relations.request({ userId, otherId, note: "" });
    case "accept":
    case "decline":
      return relations.answer({ userId, otherId, accept: operation === "accept" });
    default:
      return relations[operation]({ userId, otherId });
  }
}

/** The row of one of the two, as the lists show it. */
async function rowOf(world: World, userId: number, otherId: number): Promise<string> {
  const rows: string[] = [];
  for (const [letter, state] of Object.entries(LETTERS)) {
    const { relations } = await world.data.relations.list({ userId, state, afterId: 0, limit: 100 });
    if (relations.some((relation) => relation.otherId === otherId)) rows.push(letter);
  }
  assert.ok(rows.length <= 1, "one relation is in one list only");
  return rows[0] ?? "-";
}

async function pairOf(world: World, one: number, other: number): Promise<string> {
  return await rowOf(world, one, other) + await rowOf(world, other, one);
}

async function bringAbout(world: World, pair: Pair, one: number, other: number): Promise<void> {
  const steps: Record<Pair, [Operation, number, number][]> = {
    "--": [],
    RI: [["request", one, other]],
    IR: [["request", other, one]],
    FF: [["request", one, other], ["accept", other, one]],
    "B-": [["block", one, other]],
    "-B": [["block", other, one]],
    BB: [["block", one, other], ["block", other, one]],
  };
  for (const step of steps[pair]) await run(world, ...step);
  assert.equal(await pairOf(world, one, other), pair);
}

export function relationCases(test: Case): void {
  for (const [operation, from] of Object.entries(TRANSITIONS) as [Operation, Record<Pair, string>][]) {
    test(`relations: ${operation}, from every state, changes both rows or none`, async (world) => {
      const bystander = await world.user();
      // Either may have the smaller id.
      for (const [pair, swap] of PAIRS.flatMap((pair) => [[pair, false], [pair, true]] as const)) {
        const two = await world.users(2);
        const [one, other] = swap ? two.toReversed() : two;
        await run(world, "request", bystander, one);
        await bringAbout(world, pair, one, other);
        const fails = from[pair].length > 2;
        const answer = run(world, operation, one, other);
        if (fails) {
          await rejects(from[pair] as ErrorCode, answer);
        } else {
          assert.equal(
            (await answer).state,
            LETTERS[from[pair][0]],
            `${operation} from ${pair} answers my row`,
          );
        }
        const after = await pairOf(world, one, other);
        assert.equal(after, fails ? pair : from[pair], `${operation} from ${pair}`);
        assert.equal(await pairOf(world, bystander, one), "RI");
      }
    });
  }

  test("relations: with oneself and with nobody", async (world) => {
    const me = await world.user();
    for (const operation of ["request", "block"] as const) {
      await rejects("conflict", run(world, operation, me, me));
      await rejects("user_not_found", run(world, operation, me, NOBODY));
    }
    for (const operation of ["accept", "decline", "withdraw"] as const) {
      await rejects("request_not_found", run(world, operation, me, me));
      await rejects("request_not_found", run(world, operation, me, NOBODY));
    }
    for (const operation of ["remove", "unblock"] as const) {
      assert.equal((await run(world, operation, me, me)).state, RELATION_NONE);
      assert.equal((await run(world, operation, me, NOBODY)).state, RELATION_NONE);
    }
    assert.equal(await rowOf(world, me, me) + await rowOf(world, me, NOBODY), "--");
  });

  test("relations: a request shows its note and time to both, the later one those of its own", async (world) => {
    const { relations } = world.data;
    const [ann, bob] = await world.users(2);
    const list = async (userId: number, state: State) => {
      const page = await relations.list({ userId, state, afterId: 0, limit: 9 });
      return page.relations.map(({ version: _, ...shown }) => shown);
    };
    const shown = async () => [await list(ann, RELATION_REQUESTED), await list(bob, RELATION_INVITED)];
    await relations.request({ userId: ann, otherId: bob, note: "我是安 😀" });
    const note = (text: string, at: number) => [
      [{ otherId: bob, state: RELATION_REQUESTED, note: text, at, remark: "", tags: [] }],
      [{ otherId: ann, state: RELATION_INVITED, note: text, at, remark: "", tags: [] }],
    ];
    assert.deepEqual(await shown(), note("我是安 😀", START_MS));
    world.clock.nowMs += 500;
    await relations.request({ userId: ann, otherId: bob, note: "again" });
    assert.deepEqual(await shown(), note("again", START_MS + 500));
  });

  test("relations: since when two are friends is the same for both", async (world) => {
    const { relations } = world.data;
    const [ann, bob] = await world.users(2);
    await run(world, "request", ann, bob);
    world.clock.nowMs += 500;
    await run(world, "accept", bob, ann);
    for (const [userId, otherId] of [[ann, bob], [bob, ann]]) {
      const list = await relations.list({ userId, state: RELATION_FRIENDS, afterId: 0, limit: 9 });
      assert.deepEqual(list.relations.map(({ at, otherId }) => ({ at, otherId })), [{
        at: START_MS + 500,
        otherId,
      }]);
    }
  });

  test("relations: who was declined or removed may ask again", async (world) => {
    const [ann, bob] = await world.users(2);
    await run(world, "request", ann, bob);
    await run(world, "decline", bob, ann);
    await run(world, "request", ann, bob);
    await run(world, "accept", bob, ann);
    await run(world, "remove", ann, bob);
    await run(world, "request", bob, ann);
    assert.equal(await pairOf(world, ann, bob), "IR");
  });

  test("relations: two who ask each other at once become friends", async (world) => {
    for (let i = 0; i < 5; i++) {
      const [ann, bob] = await world.users(2);
      const answers = await Promise.all([run(world, "request", ann, bob), run(world, "request", bob, ann)]);
      assert.deepEqual(answers.map(({ state }) => state).sort(), [RELATION_REQUESTED, RELATION_FRIENDS]);
      assert.equal(await pairOf(world, ann, bob), "FF");
    }
  });

  test("relations: whatever both do at once, the rows agree afterwards", async (world) => {
    const operations: Operation[] = [
      "request",
      "accept",
      "decline",
      "withdraw",
      "remove",
      "block",
      "unblock",
    ];
    for (const mine of operations) {
      for (const theirs of operations) {
        const [ann, bob] = await world.users(2);
        await run(world, "request", ann, bob);
        await Promise.all([codeOf(run(world, mine, ann, bob)), codeOf(run(world, theirs, bob, ann))]);
        const pair = await pairOf(world, ann, bob);
        assert.ok(PAIRS.includes(pair as Pair), `${mine} and ${theirs} leave ${pair}`);
      }
    }
  });

  test("relations: friends, requests and blocks are listed by pages, in the order of the ids", async (world) => {
    const [me, ...others] = (await world.users(24)).sort(ascending);
    const prepare: [State, (other: number) => Promise<void>][] = [
      [RELATION_FRIENDS, (other) => bringAbout(world, "FF", me, other)],
      [RELATION_INVITED, (other) => bringAbout(world, "IR", me, other)],
      [RELATION_BLOCKED, (other) => bringAbout(world, "B-", me, other)],
    ];
    for (const [i, other] of others.toReversed().entries()) await prepare[i % 3][1](other);
    for (const [at, [state]] of prepare.entries()) {
      const expected = others.toReversed().filter((_, i) => i % 3 === at).sort(ascending);
      for (const limit of [1, 3, 4, 7, 8, 100]) {
        assert.deepEqual(await pages(world, me, state, limit), expected, `state ${state}, by ${limit}`);
      }
    }
    assert.deepEqual(await pages(world, me, RELATION_NONE, 5), []);
  });

  blockCases(test);
}

/** All others of a list, read page by page; every page but the last is full. */
async function pages(world: World, userId: number, state: State, limit: number): Promise<number[]> {
  const found: number[] = [];
  for (let more = true; more;) {
    const page = await world.data.relations.list({ userId, state, afterId: found.at(-1) ?? 0, limit });
    found.push(...page.relations.map(({ otherId }) => otherId));
    more = page.more;
    if (more) assert.equal(page.relations.length, limit);
  }
  return found;
}

function blockCases(test: Case): void {
  test("blocks: the blocked cannot write in the direct conversation, the other can, until it is lifted", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await world.say(id, bob, "before");
    await run(world, "block", ann, bob);
    await rejects("blocked", world.say(id, bob, "refused"));
    await world.say(id, ann, "from the one who blocks");
    assert.deepEqual(await world.texts(id, bob), ["before", "from the one who blocks"]);
    await run(world, "unblock", ann, bob);
    await world.say(id, bob, "after");
    assert.deepEqual(await world.texts(id, ann), ["before", "from the one who blocks", "after"]);
  });

  test("blocks: one set before there was a conversation holds in it; the blocked cannot open it", async (world) => {
    for (const swap of [false, true]) {
      const two = await world.users(2);
      const [ann, bob] = swap ? two.toReversed() : two;
      await run(world, "block", ann, bob);
      await rejects("blocked", world.direct(bob, ann));
      const id = await world.direct(ann, bob);
      await rejects("blocked", world.say(id, bob));
      await world.say(id, ann);
      await run(world, "unblock", ann, bob);
      await world.say(id, bob);
    }
  });

  test("blocks: each side has its own, and lifting one leaves the other", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await bringAbout(world, "BB", ann, bob);
    await rejects("blocked", world.say(id, ann));
    await rejects("blocked", world.say(id, bob));
    await run(world, "unblock", ann, bob);
    await rejects("blocked", world.say(id, ann));
    await world.say(id, bob);
    await run(world, "unblock", bob, ann);
    await world.say(id, ann);
  });

  test("blocks: what did not lift a block lets nobody write", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await run(world, "block", ann, bob);
    for (const operation of ["remove", "unblock"] as const) await run(world, operation, bob, ann);
    await run(world, "remove", ann, bob);
    await rejects("blocked", run(world, "request", bob, ann));
    await rejects("blocked", world.say(id, bob));
    assert.equal(await pairOf(world, ann, bob), "B-");
  });

  test("blocks: they do not reach into groups, nor into conversations with others", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const direct = await world.direct(bob, carl);
    await run(world, "block", ann, bob);
    await world.say(group, bob);
    await world.say(direct, bob);
  });

  test("blocks: a send racing with a block is stored before it or refused", async (world) => {
    for (let i = 0; i < 10; i++) {
      const [ann, bob] = await world.users(2);
      const id = await world.direct(ann, bob);
      const sends = range(1, 6).map(() => codeOf(world.say(id, bob)));
      const block = run(world, "block", ann, bob);
      const more = range(1, 6).map(() => codeOf(world.say(id, bob)));
      await block;
      await rejects("blocked", world.say(id, bob));
      const codes = await Promise.all([...sends, ...more]);
      const stored = codes.filter((code) => code === "ok").length;
      assert.deepEqual(codes, [...Array(stored).fill("ok"), ...Array(12 - stored).fill("blocked")]);
      assert.equal((await world.texts(id, ann)).length, stored);
    }
  });
}
