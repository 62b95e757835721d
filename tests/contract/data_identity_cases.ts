import assert from "node:assert/strict";
import { type Case, NOBODY, range, rejects, type World } from "./data_world.ts";

const identity = { hash: "h".repeat(43), issuer: "https://id.example" };

const create = ({ data }: World, username: string) =>
  data.users.create({
    username,
    usernameKey: username,
    displayName: username,
    displayKey: username,
    passwordHash: "",
    identity,
  });

export function identityCases(test: Case): void {
  test("identities: an account that is made with one is found by it; of many at once there is one", async (world) => {
    const { users } = world.data;
    assert.equal((await users.byIdentity(identity)).user, undefined);
    const made = await Promise.allSettled(range(1, 6).map((n) => create(world, `ann${n}`)));
    const good = made.filter((one) => one.status === "fulfilled");
    assert.equal(good.length, 1);
    assert.deepEqual((await users.byIdentity(identity)).user, good[0].value);
    const left = await Promise.all(range(1, 6).map((n) => users.credentials({ usernameKey: `ann${n}` })));
    assert.equal(left.filter(({ user }) => user).length, 1, "the others' accounts were not made");
    await rejects("conflict", create(world, "bob"));
  });

  test("identities: one is linked to one account; the end of the account frees it", async (world) => {
    const { users, profiles } = world.data;
    const [ann, bob] = [await world.user("ann"), await world.user("bob")];
    await rejects("user_not_found", users.link({ userId: NOBODY, identity }));
    for (const _ of range(1, 2)) await users.link({ userId: ann, identity });
    await rejects("conflict", users.link({ userId: bob, identity }));
    assert.equal((await users.byIdentity(identity)).user!.id, ann);
    await profiles.delete({ userId: ann, oldHash: "hash of ann", keepUntil: world.clock.nowMs });
    assert.equal((await users.byIdentity(identity)).user, undefined);
    await users.link({ userId: bob, identity });
  });
}
