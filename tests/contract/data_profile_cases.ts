import assert from "node:assert/strict";
import { Audience, MemberRole, RelationState, Role } from "../../data/service.ts";
import { foldName } from "../../kit/fold.ts";
import { type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

const { AUDIENCE_EVERYONE, AUDIENCE_FRIENDS, AUDIENCE_NOBODY } = Audience;
const DAY_MS = 24 * 3600 * 1000;

const rename = ({ data, clock }: World, userId: number, username: string, notSince = 0) =>
  data.profiles.rename({
    userId,
    username,
    usernameKey: foldName(username),
    notSince,
    keepUntil: clock.nowMs + DAY_MS,
  });

async function befriend({ data }: World, one: number, other: number): Promise<void> {
  await data.relations.request({ userId: one, otherId: other, note: "" });
  await data.relations.answer({ userId: other, otherId: one, accept: true });
}

async function found({ data }: World, askerId: number, query: string): Promise<number[]> {
  return (await data.users.search({ query, limit: 50, askerId })).users.map(({ id }) => id);
}

async function kinds({ data }: World, userId: number): Promise<string[]> {
  const { entries } = await data.inboxes.read({ userId, after: 0, limit: 1000 });
  return entries.map(({ kind, body }) => `${kind} ${body}`);
}

async function session({ data, clock }: World, id: number, userId: number): Promise<void> {
  const secret = { familyHash: "f", refreshHash: "r", deviceName: "d", deviceKind: "web", maxOfKind: 0 };
  await data.sessions.create({ id, userId, ...secret, expiresAt: clock.nowMs + DAY_MS });
}

const remove = ({ data, clock }: World, userId: number, oldHash: string) =>
  data.profiles.delete({ userId, oldHash, keepUntil: clock.nowMs + DAY_MS });

/** Steps until there is nothing left; answers how many it took. */
async function erase({ data }: World, userId: number): Promise<number> {
  for (let steps = 1;; steps++) if ((await data.profiles.erase({ userId })).done) return steps;
}

export function profileCases(test: Case): void {
  test("profiles: nothing said, then what is given, and what is not given stays", async (world) => {
    const { profiles } = world.data;
    const userId = await world.user("ann");
    const empty = await profiles.get({ userId });
    assert.deepEqual([empty.user!.username, empty.bio, empty.custom, empty.email, empty.renamedAt], [
      "ann",
      "",
      "",
      "",
      0,
    ]);
    assert.deepEqual(empty.privacy, { findBy: 0, writeBy: 0, seenBy: 0 });
    const { profile, inbox } = await profiles.update({
      userId,
      displayName: "Ann 安",
      displayKey: foldName("Ann 安"),
      avatar: "https://example.org/7",
      status: "away",
      bio: "two\nlines",
      custom: '{"a":[1]}',
      email: "ann@example.org",
      phone: "+43 1",
      seenBy: AUDIENCE_NOBODY,
    });
    assert.deepEqual(await profiles.get({ userId }), profile);
    assert.deepEqual([profile!.bio, profile!.custom, profile!.email, profile!.phone], [
      "two\nlines",
      '{"a":[1]}',
      "ann@example.org",
      "+43 1",
    ]);
    const { users: [user] } = await world.data.users.get({ ids: [userId] });
    assert.deepEqual([user.displayName, user.avatar, user.status], [
      "Ann 安",
      "https://example.org/7",
      "away",
    ]);
    assert.deepEqual(inbox!.entries.map(({ kind, body }) => [kind, body]), [["profile.changed", "{}"]]);
    await rejects("file_not_found", profiles.update({ userId, avatar: "/api/v1/files/7" }));
    const again = await profiles.update({ userId, bio: "two\nlines" });
    assert.equal(again.inbox, undefined, "nothing changed, nothing said");
    const less = await profiles.update({ userId, email: "", status: "" });
    assert.deepEqual([less.profile!.email, less.profile!.phone, less.profile!.bio], [
      "",
      "+43 1",
      "two\nlines",
    ]);
    assert.equal(less.profile!.user!.status, undefined);
    assert.deepEqual(await found(world, NOBODY, foldName("ann 安")), [userId], "found by the new name");
    await rejects("user_not_found", profiles.get({ userId: NOBODY }));
    await rejects("user_not_found", profiles.update({ userId: NOBODY, bio: "x" }));
  });

  test("profiles: another username; the former one is kept for a while, from others only", async (world) => {
    const { clock, data } = world;
    const [ann, bob] = [await world.user("ann"), await world.user("bob")];
    await rejects("username_taken", rename(world, ann, "BOB"));
    const { profile, inbox } = await rename(world, ann, "Anna");
    assert.deepEqual([profile!.user!.username, profile!.renamedAt, inbox!.entries.length], [
      "Anna",
      START_MS,
      1,
    ]);
    assert.equal((await data.users.credentials({ usernameKey: "anna" })).user!.id, ann);
    assert.equal((await data.users.credentials({ usernameKey: "ann" })).user, undefined);
    await rejects("username_taken", rename(world, bob, "ann"));
    await rejects("username_taken", world.user("ANN"));
    await rejects("rate_limited", rename(world, ann, "annette", START_MS - 1));
    assert.equal((await rename(world, ann, "ANNA", START_MS - 1)).profile!.user!.username, "ANNA");
    await rename(world, ann, "ann", START_MS);
    clock.nowMs += DAY_MS;
    await rename(world, bob, "anna");
    assert.deepEqual(await found(world, NOBODY, "ann"), [ann, bob]);
  });

  test("profiles: one of many who want a name at once has it", async (world) => {
    const people = await world.users(8);
    const codes = await Promise.all(people.map((id) => codeOf(rename(world, id, "wanted"))));
    assert.deepEqual(codes.toSorted(), ["ok", ...Array(7).fill("username_taken")]);
  });

  test("profiles: another password ends all sessions but one, and only knowing the old one", async (world) => {
    const { profiles, sessions } = world.data;
    const ann = await world.user("ann");
    for (const id of [11, 12, 13]) await session(world, id, ann);
    const { hash: oldHash } = await profiles.passwordHash({ userId: ann });
    assert.equal(oldHash, "hash of ann");
    const change = { userId: ann, sessionId: 12, newHash: "another" };
    await rejects("invalid_credentials", profiles.setPassword({ ...change, oldHash: "wrong" }));
    const { ended } = await profiles.setPassword({ ...change, oldHash });
    assert.deepEqual(ended.map(({ sessionId }) => sessionId).sort(), [11, 13]);
    assert.deepEqual((await sessions.running({ ids: [11, 12, 13] })).ids, [12]);
    assert.equal((await profiles.passwordHash({ userId: ann })).hash, "another");
    await rejects("user_not_found", profiles.passwordHash({ userId: NOBODY }));
  });

  test("profiles: who may find, write and watch", async (world) => {
    const { profiles, relations, conversations } = world.data;
    const [ann, friend, stranger, enemy] = await Promise.all(
      ["ann", "fred", "sue", "eve"].map((n) => world.user(n)),
    );
    await befriend(world, ann, friend);
    await relations.block({ userId: ann, otherId: enemy });
    const who = [friend, stranger, enemy];
    const finders = async () => {
      const answers = await Promise.all(who.map((id) => found(world, id, "ann")));
      return who.filter((_, i) => answers[i].includes(ann));
    };
    assert.deepEqual(await finders(), [friend, stranger]);
    await profiles.update({ userId: ann, findBy: AUDIENCE_FRIENDS });
    assert.deepEqual(await finders(), [friend]);
    await profiles.update({ userId: ann, findBy: AUDIENCE_NOBODY });
    assert.deepEqual(await finders(), []);

    const open = (userId: number) => codeOf(conversations.openDirect({ userId, otherId: ann }));
    const [early] = [await world.user("early")];
    assert.equal(await open(early), "ok");
    await profiles.update({ userId: ann, writeBy: AUDIENCE_FRIENDS });
    assert.deepEqual([await open(stranger), await open(friend), await open(early)], [
      "not_friends",
      "ok",
      "ok",
    ]);
    assert.equal(await codeOf(conversations.openDirect({ userId: ann, otherId: stranger })), "ok", "she may");

    const watchers = async () => {
      const answers = await Promise.all(
        [friend, early].map((userId) => relations.watchable({ userId, otherIds: [ann] })),
      );
      return [friend, early].filter((_, i) => answers[i].seen.length > 0);
    };
    assert.deepEqual(await watchers(), [friend, early]);
    await profiles.update({ userId: ann, seenBy: AUDIENCE_FRIENDS });
    assert.deepEqual(await watchers(), [friend]);
    await profiles.update({ userId: ann, seenBy: AUDIENCE_NOBODY });
    assert.deepEqual(await watchers(), []);
    await profiles.update({ userId: ann, seenBy: AUDIENCE_EVERYONE });
    assert.deepEqual(await watchers(), [friend, early]);
    const open2 = await profiles.open({ userId: enemy, otherIds: [ann, friend] });
    assert.deepEqual(open2.ids, [friend]);
  });

  test("deletion: marked at once: nameless, logged out, not found, and no part of anything new", async (world) => {
    const { data } = world;
    const [ann, bob] = [await world.user("ann"), await world.user("bob")];
    await session(world, 21, ann);
    await data.profiles.update({ userId: ann, bio: "secret", email: "a@b.example" });
    await rejects("invalid_credentials", remove(world, ann, "wrong"));
    const { ended } = await remove(world, ann, "hash of ann");
    assert.deepEqual(ended.map(({ userId, sessionId }) => [userId, sessionId]), [[ann, 21]]);
    assert.equal((await data.users.credentials({ usernameKey: "ann" })).user, undefined);
    const gone = await data.profiles.get({ userId: ann });
    assert.deepEqual([gone.user!.deleted, gone.user!.displayName, gone.bio, gone.email], [true, "", "", ""]);
    assert.doesNotMatch(JSON.stringify(gone), /ann|secret/);
    assert.deepEqual(await found(world, bob, "ann"), []);
    await rejects("session_ended", data.sessions.check({ id: 21, userId: ann }));
    assert.notEqual(await codeOf(session(world, 22, ann)), "ok");
    await rejects("user_not_found", data.conversations.openDirect({ userId: bob, otherId: ann }));
    await rejects("user_not_found", world.group(bob, ann));
    await rejects("user_not_found", data.relations.request({ userId: bob, otherId: ann, note: "" }));
    await rejects("user_not_found", remove(world, ann, ""));
    await rejects("username_taken", world.user("ann"));
    world.clock.nowMs += DAY_MS;
    assert.notEqual(await world.user("ann"), ann, "then the name is free");
  });

  test("deletion: erased on both sides, in steps, and once", async (world) => {
    const { data, clock } = world;
    const [ann, bob, cat] = [await world.user("ann"), await world.user("bob"), await world.user("cat")];
    const friends = await world.users(60);
    for (const friend of [bob, ...friends]) await befriend(world, ann, friend);
    const owned = await world.group(ann, bob, cat);
    const alone = await world.group(ann);
    await data.relations.block({ userId: cat, otherId: ann });
    const many: number[] = [];
    for (const _ of range(1, 12)) many.push(await world.group(bob, ann));
    const direct = await world.direct(ann, bob);
    await world.say(direct, ann, "mine");
    await data.conversations.configure({ conversationId: direct, userId: ann, draft: "unsaid" });
    await remove(world, ann, "hash of ann");
    clock.nowMs += 60_000;
    assert.deepEqual((await data.profiles.erasing({ staleBefore: clock.nowMs, limit: 10 })).userIds, [ann]);
    assert.ok(await erase(world, ann) > 5, "in several steps");
    assert.deepEqual((await data.profiles.erasing({ staleBefore: clock.nowMs + 1, limit: 10 })).userIds, []);

    const { RELATION_FRIENDS, RELATION_BLOCKED } = RelationState;
    for (
      const [userId, state] of [[ann, RELATION_FRIENDS], [bob, RELATION_FRIENDS], [cat, RELATION_BLOCKED]]
    ) {
      const { relations } = await data.relations.list({ userId, state, afterId: 0, limit: 100 });
      assert.deepEqual(relations, []);
    }
    const none = `friend.changed {"userId":"${ann}","state":"none"}`;
    for (const friend of [bob, ...friends]) {
      assert.equal((await kinds(world, friend)).filter((text) => text === none).length, 1);
    }
    assert.deepEqual(await world.groupIds(ann), []);
    assert.equal((await world.view(owned, bob)).role, MemberRole.MEMBER_ROLE_OWNER);
    assert.equal((await world.read(owned, bob)).at(-1)!.kind, "member.left");
    for (const id of many) assert.equal((await world.view(id, bob)).memberCount, 1);
    await rejects("conversation_not_found", world.view(alone, bob));
    assert.deepEqual(await world.texts(direct, bob), ["mine"], "what was said stays");
    await rejects("blocked", world.say(direct, bob));
    assert.deepEqual((await data.inboxes.read({ userId: ann, after: 0, limit: 10 })).entries, []);
    const before = await kinds(world, bob);
    assert.equal(await erase(world, ann), 1, "nothing is left");
    assert.deepEqual(await kinds(world, bob), before);
  });

  test("deletion: two that erase at once do no harm", async (world) => {
    const ann = await world.user("ann");
    const friends = await world.users(20);
    for (const friend of friends) await befriend(world, ann, friend);
    const groups = await Promise.all(friends.map((friend) => world.group(friend, ann)));
    await remove(world, ann, "hash of ann");
    await Promise.all([erase(world, ann), erase(world, ann), erase(world, ann)]);
    for (const [i, friend] of friends.entries()) {
      const told = (await kinds(world, friend)).filter((text) => text.includes('"state":"none"'));
      assert.equal(told.length, 1);
      const left = (await world.read(groups[i], friend)).filter(({ kind }) => kind === "member.left");
      assert.equal(left.length, 1);
    }
  });

  test("deletion: not the only admin; of two who go at once, one stays", async (world) => {
    const { data } = world;
    await data.users.offerSetup({ tokenHash: "t", expiresAt: START_MS + DAY_MS, onlyIfNew: false });
    const root = await data.users.create({
      username: "root",
      usernameKey: "root",
      displayName: "root",
      displayKey: "root",
      passwordHash: "hash of root",
      setupTokenHash: "t",
    });
    await rejects("conflict", remove(world, root.id, "hash of root"));
    const ann = await world.user("ann");
    const actor = { userId: root.id, address: "" };
    await data.admin.setRole({ actor, userId: ann, role: Role.ROLE_ADMIN });
    const codes = await Promise.all([
      codeOf(remove(world, root.id, "hash of root")),
      codeOf(remove(world, ann, "hash of ann")),
    ]);
    assert.deepEqual(codes.toSorted(), ["conflict", "ok"]);
  });
}
