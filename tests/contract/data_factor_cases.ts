import assert from "node:assert/strict";
import { type Case, codeOf, NOBODY, range, rejects, type World } from "./data_world.ts";

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const LIMITS = { maxTries: 5, windowMs: 300_000 };

async function turnOn({ data: { factors } }: World, userId: number) {
  await factors.start({ userId, secret: SECRET });
  return await factors.confirm({ userId, secret: SECRET, step: 100, recoveryHashes: ["one", "two"] });
}

async function isAsked({ data }: World, usernameKey: string): Promise<boolean> {
  return (await data.users.credentials({ usernameKey })).secondFactor;
}

async function told({ data }: World, userId: number): Promise<string[]> {
  return (await data.inboxes.read({ userId, after: 0, limit: 100 })).entries.map(({ kind }) => kind);
}

export function factorCases(test: Case): void {
  test("factors: one that waits changes nothing; confirmed, it is asked for; removed, all of it is gone", async (world) => {
    const { factors, profiles } = world.data;
    const userId = await world.user("ann");
    const none = { secret: "", on: false, retryAfterMs: 0 };
    assert.deepEqual(await factors.attempt({ userId, ...LIMITS }), none);
    await rejects("user_not_found", factors.start({ userId: NOBODY, secret: SECRET }));
    await factors.start({ userId, secret: "ANOTHER" });
    await factors.start({ userId, secret: SECRET });
    assert.deepEqual(await factors.attempt({ userId, ...LIMITS }), { ...none, secret: SECRET });
    assert.equal(await isAsked(world, "ann"), false);
    assert.deepEqual(await factors.use({ userId, step: 100 }), { used: false });
    const stale = { userId, secret: "ANOTHER", step: 100, recoveryHashes: [] };
    await rejects("conflict", factors.confirm(stale));
    assert.deepEqual(await told(world, userId), []);

    const { profile, inbox } = await turnOn(world, userId);
    assert.deepEqual([profile!.factorAt, inbox!.entries[0].kind], [world.clock.nowMs, "profile.changed"]);
    assert.equal(await isAsked(world, "ann"), true);
    assert.deepEqual(await factors.attempt({ userId, ...LIMITS }), {
      secret: SECRET,
      on: true,
      retryAfterMs: 0,
    });
    await rejects("conflict", factors.start({ userId, secret: "ANOTHER" }));
    await rejects("conflict", factors.confirm({ ...stale, secret: SECRET }));

    assert.equal((await factors.remove({ userId })).profile!.factorAt, 0);
    assert.equal(await isAsked(world, "ann"), false);
    assert.deepEqual(await factors.attempt({ userId, ...LIMITS }), none);
    assert.deepEqual(await factors.use({ userId, recoveryHash: "one" }), { used: false });
    assert.equal((await factors.remove({ userId })).inbox, undefined, "nothing changed, nothing said");
    assert.deepEqual(await told(world, userId), ["profile.changed", "profile.changed"]);
    assert.equal((await profiles.get({ userId })).factorAt, 0);
  });

  test("factors: a step and all before it, and a recovery code, are good once, also for two at once", async (world) => {
    const { factors } = world.data;
    const [ann, bob] = [await world.user("ann"), await world.user("bob")];
    await turnOn(world, ann);
    await turnOn(world, bob);
    const used = async (what: { step?: number; recoveryHash?: string }, userId = ann) =>
      (await factors.use({ userId, ...what })).used;
    assert.equal(await used({ step: 100 }), false, "it was confirmed with that");
    assert.deepEqual((await Promise.all(range(1, 6).map(() => used({ step: 102 })))).filter(Boolean), [true]);
    assert.equal(await used({ step: 101 }), false);
    assert.equal(await used({ step: 103 }), true);
    const twice = await Promise.all(range(1, 6).map(() => used({ recoveryHash: "one" })));
    assert.deepEqual(twice.filter(Boolean), [true]);
    assert.equal(await used({ recoveryHash: "three" }), false);
    assert.equal(await used({ recoveryHash: "two" }), true);
    assert.equal(await used({ recoveryHash: "one" }, bob), true, "another's are another's");
  });

  test("factors: so many tries in a window, however many come at once; one that was right sets them back", async (world) => {
    const { clock, data: { factors } } = world;
    const userId = await world.user("ann");
    await turnOn(world, userId);
    const attempt = () => factors.attempt({ userId, ...LIMITS });
    const shown = async (count: number) =>
      (await Promise.all(range(1, count).map(attempt))).filter(({ secret }) => secret !== "").length;
    assert.equal(await shown(12), 5);
    clock.nowMs += 1000;
    assert.deepEqual(await attempt(), { secret: "", on: true, retryAfterMs: 299_000 });
    clock.nowMs += 299_000;
    assert.equal(await shown(4), 4);
    await factors.use({ userId, step: 200 });
    assert.equal(await shown(12), 5);
  });

  test("factors: the end of an account is theirs", async (world) => {
    const { data, clock } = world;
    const userId = await world.user("ann");
    await turnOn(world, userId);
    await data.profiles.delete({ userId, oldHash: "hash of ann", keepUntil: clock.nowMs });
    assert.equal((await data.factors.attempt({ userId, ...LIMITS })).secret, "");
    assert.deepEqual(await data.factors.use({ userId, recoveryHash: "one" }), { used: false });
    assert.equal(await codeOf(data.factors.start({ userId, secret: SECRET })), "user_not_found");
  });
}
