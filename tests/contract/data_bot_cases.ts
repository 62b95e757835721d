import assert from "node:assert/strict";
import { Role } from "../../data/service.ts";
import { type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

let names = 0;

async function bot(world: World, ownerId: number, maxBots = 10): Promise<number> {
  const name = `bot${++names}`;
  const account = { username: name, usernameKey: name, displayName: name, displayKey: name };
  return (await world.data.bots.create({ ownerId, ...account, maxBots })).id;
}

const token = ({ data }: World, ownerId: number, botId: number, id: number, scopes = ["messages:read"]) =>
  data.bots.createToken({ ownerId, botId, id, name: "t", hash: `hash ${id}`, scopes });

async function admin(world: World): Promise<{ userId: number; address: string }> {
  await world.data.users.offerSetup({ tokenHash: "s", expiresAt: START_MS + 1000, onlyIfNew: false });
  const names = { username: "boss", usernameKey: "boss", displayName: "B", displayKey: "b" };
  const { id } = await world.data.users.create({ ...names, passwordHash: "h", setupTokenHash: "s" });
  return { userId: id, address: "203.0.113.7" };
}

export function botCases(test: Case): void {
  test("bots: one is a user with an owner, whom nobody can log in as", async (world) => {
    const ownerId = await world.user();
    const id = await bot(world, ownerId);
    const { users: [user] } = await world.data.users.get({ ids: [id] });
    assert.equal(user.ownerId, ownerId);
    assert.equal((await world.data.users.get({ ids: [ownerId] })).users[0].ownerId, undefined);
    assert.equal((await world.data.users.credentials({ usernameKey: user.username })).passwordHash, "");
    const { bots } = await world.data.bots.list({ ownerId });
    assert.deepEqual(bots, [{ user, tokens: [] }]);
    assert.deepEqual((await world.data.bots.list({ ownerId: id })).bots, []);
    await world.say(await world.group(ownerId, id), id);
  });

  test("bots: names are unique, bots own none, and an owner has only so many", async (world) => {
    const ownerId = await world.user("taken");
    const account = { username: "taken", usernameKey: "taken", displayName: "x", displayKey: "x" };
    await rejects("username_taken", world.data.bots.create({ ownerId, ...account, maxBots: 9 }));
    const id = await bot(world, ownerId);
    await rejects("forbidden", bot(world, id));
    await rejects("forbidden", bot(world, NOBODY));
    const tries = await Promise.all(range(1, 4).map(() => codeOf(bot(world, ownerId, 3))));
    assert.deepEqual(tries.sort(), ["ok", "ok", "too_many", "too_many"]);
  });

  test("bots: another's bot is one that does not exist", async (world) => {
    const [ownerId, other] = await world.users(2);
    const botId = await bot(world, ownerId);
    await token(world, ownerId, botId, 900);
    const { data } = world;
    for (const [owner, id] of [[other, botId], [ownerId, NOBODY], [ownerId, other], [botId, botId]]) {
      const mine = { ownerId: owner, botId: id };
      await rejects("not_found", data.bots.rename({ ...mine, displayName: "x", displayKey: "x" }));
      await rejects("not_found", token(world, owner, id, 901));
      await rejects("not_found", data.bots.rotateToken({ ...mine, id: 900, nextId: 902, hash: "x" }));
      await rejects("not_found", data.bots.revokeToken({ ...mine, id: 900 }));
    }
    assert.equal((await data.bots.checkToken({ id: 900, hash: "hash 900" })).botId, botId);
    const renamed = await data.bots.rename({ ownerId, botId, displayName: "New", displayKey: "new" });
    assert.equal(renamed.displayName, "New");
    assert.deepEqual((await data.users.search({ query: "new", limit: 9, askerId: 0 })).users, [renamed]);
  });

  test("bots: a token says who and what for; only with its own secret, and only until it is revoked", async (world) => {
    const ownerId = await world.user();
    const [botId, otherBot] = [await bot(world, ownerId), await bot(world, ownerId)];
    const { data } = world;
    const scopes = ["messages:read", "contacts"];
    const made = await token(world, ownerId, botId, 900, scopes);
    const expected = { id: 900, botId, name: "t", scopes, createdAt: START_MS };
    assert.deepEqual(made, expected);
    assert.deepEqual(await data.bots.checkToken({ id: 900, hash: "hash 900" }), expected);
    assert.deepEqual((await data.bots.list({ ownerId })).bots[0].tokens, [expected]);
    await rejects("token_invalid", data.bots.checkToken({ id: 900, hash: "hash 901" }));
    await rejects("token_invalid", data.bots.checkToken({ id: 901, hash: "hash 900" }));
    await rejects("conflict", token(world, ownerId, botId, 900));
    // It is a session like any other, but no refresh token is one of its.
    await data.sessions.check({ id: 900, userId: botId });
    assert.deepEqual((await data.sessions.running({ ids: [900] })).ids, [900]);
    const trade = {
      id: 900,
      familyHash: "",
      presentedHash: "hash 900",
      nextHash: "n",
      expiresAt: START_MS + 1,
    };
    await rejects("token_invalid", data.sessions.rotate({ ...trade, familyHash: "family" }));

    await data.bots.revokeToken({ ownerId, botId: otherBot, id: 900 });
    await data.bots.checkToken({ id: 900, hash: "hash 900" });
    await data.bots.revokeToken({ ownerId, botId, id: 900 });
    await data.bots.revokeToken({ ownerId, botId, id: 900 });
    await rejects("session_ended", data.bots.checkToken({ id: 900, hash: "hash 900" }));
    await rejects("session_ended", data.sessions.check({ id: 900, userId: botId }));
    assert.deepEqual((await data.sessions.running({ ids: [900] })).ids, []);
    assert.deepEqual((await data.bots.list({ ownerId })).bots[0].tokens, []);
  });

  test("bots: a person's session is no token", async (world) => {
    const userId = await world.user();
    const session = {
      id: 900,
      userId,
      deviceName: "x",
      deviceKind: "web",
      familyHash: "f",
      refreshHash: "r",
    };
    await world.data.sessions.create({ ...session, expiresAt: START_MS + 1000, maxOfKind: 0 });
    await rejects("token_invalid", world.data.bots.checkToken({ id: 900, hash: "r" }));
  });

  test("bots: a rotated token has another secret, its name and its scopes; the former is over", async (world) => {
    const ownerId = await world.user();
    const botId = await bot(world, ownerId);
    const { data } = world;
    await token(world, ownerId, botId, 900, ["contacts"]);
    const rotate = (id: number, nextId: number) =>
      data.bots.rotateToken({ ownerId, botId, id, nextId, hash: `hash ${nextId}` });
    const next = await rotate(900, 901);
    assert.deepEqual([next.id, next.name, next.scopes], [901, "t", ["contacts"]]);
    await rejects("session_ended", data.bots.checkToken({ id: 900, hash: "hash 900" }));
    assert.deepEqual(await data.bots.checkToken({ id: 901, hash: "hash 901" }), next);
    await rejects("not_found", rotate(900, 902));
    await rejects("conflict", rotate(901, 900));
    await data.bots.checkToken({ id: 901, hash: "hash 901" });
  });

  test("bots: one has at most ten tokens", async (world) => {
    const ownerId = await world.user();
    const botId = await bot(world, ownerId);
    for (const id of range(900, 909)) await token(world, ownerId, botId, id);
    await rejects("too_many", token(world, ownerId, botId, 910));
    await world.data.bots.revokeToken({ ownerId, botId, id: 905 });
    await token(world, ownerId, botId, 910);
  });

  test("bots: a deleted one is gone for its owner, with its tokens and its name; what it wrote stays", async (world) => {
    const [ownerId, other] = await world.users(2);
    const botId = await bot(world, ownerId, 1);
    const { data } = world;
    const { users: [{ username }] } = await data.users.get({ ids: [botId] });
    const group = await world.group(ownerId, botId);
    await world.say(group, botId, "beep");
    await world.leave(group, botId);
    await token(world, ownerId, botId, 900);
    await rejects("not_found", data.bots.delete({ ownerId: other, botId }));
    assert.deepEqual(await data.bots.delete({ ownerId, botId }), { endedIds: [900] });
    await rejects("session_ended", data.bots.checkToken({ id: 900, hash: "hash 900" }));
    assert.deepEqual((await data.bots.list({ ownerId })).bots, []);
    await rejects("not_found", data.bots.delete({ ownerId, botId }));
    await rejects("not_found", token(world, ownerId, botId, 901));
    await rejects("not_found", data.bots.rename({ ownerId, botId, displayName: "x", displayKey: "x" }));
    for (const query of [username, "#", "deleted"]) {
      assert.deepEqual((await data.users.search({ query, limit: 9, askerId: 0 })).users, []);
    }
    const { users: [gone] } = await data.users.get({ ids: [botId] });
    assert.deepEqual([gone.displayName, gone.ownerId], ["Deleted bot", ownerId]);
    assert.deepEqual(await world.texts(group, ownerId), ["beep"]);
    const names = { username, usernameKey: username, displayName: "again", displayKey: "again" };
    await data.bots.create({ ownerId, ...names, maxBots: 1 });
  });

  test("bots: with its owner, or itself, disabled a bot stops", async (world) => {
    const actor = await admin(world);
    const ownerId = await world.user();
    const [one, two] = [await bot(world, ownerId), await bot(world, ownerId)];
    await token(world, ownerId, one, 900);
    await token(world, ownerId, two, 901);
    const { data } = world;
    const disable = (userId: number, disabled: boolean) =>
      data.admin.setDisabled({ actor, userId, disabled, reason: "" });
    assert.deepEqual((await disable(one, true)).ended, [{ userId: one, sessionId: 900 }]);
    await rejects("session_ended", data.bots.checkToken({ id: 900, hash: "hash 900" }));
    await data.bots.checkToken({ id: 901, hash: "hash 901" });
    await rejects("account_disabled", token(world, ownerId, one, 902));
    assert.deepEqual((await disable(ownerId, true)).ended, [{ userId: two, sessionId: 901 }]);
    await rejects("session_ended", data.bots.checkToken({ id: 901, hash: "hash 901" }));
    await rejects("account_disabled", token(world, ownerId, two, 902));
    await rejects("account_disabled", bot(world, ownerId));
    await disable(ownerId, false);
    await token(world, ownerId, two, 902);
    await rejects("account_disabled", token(world, ownerId, one, 903));
  });

  test("bots: none becomes an admin, has a password to reset, or is told broadcasts", async (world) => {
    const actor = await admin(world);
    const ownerId = await world.user();
    const userId = await bot(world, ownerId);
    const { data } = world;
    await rejects("conflict", data.admin.setRole({ actor, userId, role: Role.ROLE_ADMIN }));
    const offer = { actor, userId, tokenHash: "x", expiresAt: START_MS + 1000 };
    await rejects("conflict", data.admin.offerReset(offer));
    assert.equal((await data.admin.startBroadcast({ actor, id: 9, text: "x", userIds: [] })).total, 2);
    await rejects(
      "user_not_found",
      data.admin.startBroadcast({ actor, id: 10, text: "x", userIds: [userId] }),
    );
    await data.admin.stepBroadcast({ id: 9, limit: 10 });
    assert.equal((await data.inboxes.read({ userId, after: 0, limit: 9 })).entries.length, 0);
  });
}
