import assert from "node:assert/strict";
import { AccountState, type AdminActor, GroupState, Role } from "../../data/service.ts";
import { type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

/** Somebody who is an admin, as the first is made. */
async function admin(world: World): Promise<AdminActor> {
  const tokenHash = `setup ${++setups}`;
  await world.data.users.offerSetup({ tokenHash, expiresAt: world.clock.nowMs + 1000, onlyIfNew: false });
  const { id } = await world.data.users.create({
    username: `Boss${setups}`,
    usernameKey: `boss${setups}`,
    displayName: "Boss",
    displayKey: "boss",
    passwordHash: "hash",
    setupTokenHash: tokenHash,
  });
  return { userId: id, address: "203.0.113.7" };
}
let setups = 0;

let sessions = 5000;
async function login(world: World, userId: number): Promise<number> {
  const id = ++sessions;
  await world.data.sessions.create({
    id,
    userId,
    deviceName: "phone",
    deviceKind: "mobile",
    familyHash: `family ${id}`,
    refreshHash: `refresh ${id}`,
    expiresAt: world.clock.nowMs + 60_000,
    maxOfKind: 0,
  });
  return id;
}

const audit = async ({ data }: World, actor: AdminActor) =>
  (await data.admin.audit({ ...ANY, actor, limit: 1000 })).lines;

/** A page of the audit log, from the newest line on. */
const ANY = { adminId: 0, act: "", targetId: 0, since: 0, until: 0, beforeId: 0 };

/** All acts that need an admin, on somebody. */
function acts({ data }: World, actor: AdminActor, userId: number, conversationId: number) {
  const page = { afterId: 0, limit: 10 };
  return {
    note: () => data.admin.note({ actor, act: "admin.broadcasts", targetId: 0, detail: "{}" }),
    listAccounts: () =>
      data.admin.listAccounts({ actor, state: AccountState.ACCOUNT_ANY, query: "", userId: 0, ...page }),
    setDisabled: () => data.admin.setDisabled({ actor, userId, disabled: true, reason: "spam" }),
    setRole: () => data.admin.setRole({ actor, userId, role: Role.ROLE_USER }),
    endSessions: () => data.admin.endSessions({ actor, userId }),
    offerReset: () =>
      data.admin.offerReset({ actor, userId, tokenHash: "secret hash", expiresAt: START_MS + 1000 }),
    removeFactor: () => data.admin.removeFactor({ actor, userId }),
    members: () => data.admin.members({ actor, conversationId, ...page }),
    dissolve: () => data.admin.dissolve({ actor, conversationId }),
    deleteUser: () => data.admin.deleteUser({ actor, userId, keepUntil: 0 }),
    startBroadcast: () => data.admin.startBroadcast({ actor, id: 77, text: "hello", userIds: [userId] }),
    audit: () => data.admin.audit({ ...ANY, actor, limit: 10 }),
    listGroups: () =>
      data.admin.listGroups({
        actor,
        state: GroupState.GROUP_ANY,
        query: "",
        conversationId: 0,
        beforeId: 0,
        limit: 10,
      }),
  };
}

export function adminCases(test: Case): void {
  test("admin: every act leaves a line that says who, when, what, to whom and from where, and no secret", async (world) => {
    const [actor, user] = [await admin(world), await world.user()];
    const group = await world.group(user);
    for (const act of Object.values(acts(world, actor, user, group))) {
      world.clock.nowMs += 10;
      await act();
    }
    const lines = await audit(world, actor);
    assert.deepEqual(lines.map(({ act, targetId }) => [act, targetId]).reverse(), [
      ["admin.broadcasts", 0],
      ["admin.users", 0],
      ["admin.disable", user],
      ["admin.setRole", user],
      ["admin.endSessions", user],
      ["admin.resetPassword", user],
      ["admin.removeTotp", user],
      ["admin.members", group],
      ["admin.dissolve", group],
      ["admin.deleteUser", user],
      ["admin.broadcast", 77],
      ["admin.audit", 0],
      ["admin.groups", 0],
    ]);
    assert.ok(lines.every(({ adminId, address }) => adminId === actor.userId && address === actor.address));
    assert.deepEqual(lines.map(({ at }) => at).reverse(), range(1, 13).map((n) => START_MS + n * 10));
    assert.deepEqual(JSON.parse(lines.find(({ act }) => act === "admin.disable")!.detail), {
      reason: "spam",
    });
    assert.ok(!JSON.stringify(lines).includes("secret"));
  });

  test("admin: who is none does nothing, and no line says so", async (world) => {
    const [actor, user] = [await admin(world), await world.user()];
    const group = await world.group(user);
    const session = await login(world, user);
    const demoted = await admin(world);
    await world.data.admin.setRole({ actor, userId: demoted.userId, role: Role.ROLE_USER });
    const disabled = await admin(world);
    await world.data.admin.setDisabled({ actor, userId: disabled.userId, disabled: true, reason: "" });
    const before = (await audit(world, actor)).length;
    for (const userId of [user, demoted.userId, disabled.userId, NOBODY]) {
      for (const [name, act] of Object.entries(acts(world, { userId, address: "x" }, user, group))) {
        assert.equal(await codeOf(act()), "forbidden", name);
      }
    }
    assert.equal((await audit(world, actor)).length, before + 1, "that of reading it before");
    await world.data.sessions.check({ id: session, userId: user });
    assert.equal(
      (await world.data.admin.listBroadcasts({ staleBefore: 0, beforeId: 0, limit: 9 })).broadcasts.length,
      0,
    );
  });

  test("admin: an act that fails leaves no line", async (world) => {
    const actor = await admin(world);
    for (const [name, act] of Object.entries(acts(world, actor, NOBODY, NOBODY))) {
      if (["note", "listAccounts", "startBroadcast", "audit", "listGroups"].includes(name)) continue;
      const expected = name === "members" || name === "dissolve"
        ? "conversation_not_found"
        : "user_not_found";
      assert.equal(await codeOf(act()), expected, name);
    }
    assert.deepEqual(await audit(world, actor), []);
  });

  test("admin: the audit log comes in pages, newest first", async (world) => {
    const actor = await admin(world);
    for (const n of range(1, 5)) {
      world.clock.nowMs += 10;
      await world.data.admin.note({ actor, act: `act.${n}`, targetId: n, detail: "{}" });
    }
    const first = await world.data.admin.audit({ ...ANY, actor, limit: 2 });
    assert.deepEqual([first.lines.map(({ targetId }) => targetId), first.more], [[5, 4], true]);
    const next = await world.data.admin.audit({ ...ANY, actor, beforeId: first.lines[1].id, limit: 3 });
    assert.deepEqual([next.lines.map(({ targetId }) => targetId), next.more], [[3, 2, 1], false]);
  });

  test("admin: the audit log is searched by who, what, whom and when, also in pages", async (world) => {
    const [one, two] = [await admin(world), await admin(world)];
    const note = async (actor: AdminActor, act: string, targetId: number) => {
      world.clock.nowMs += 10;
      await world.data.admin.note({ actor, act, targetId, detail: "{}" });
    };
    for (const n of range(1, 4)) await note(n % 2 ? one : two, n < 3 ? "act.a" : "act.b", n % 3 + 50);
    const found = async (wanted: Partial<typeof ANY>, limit = 10) => {
      const { lines, more } = await world.data.admin.audit({ ...ANY, actor: one, limit, ...wanted });
      const own = lines.filter(({ act }) => act !== "admin.audit");
      return { times: own.map(({ at }) => (at - START_MS) / 10), more, lines };
    };
    assert.deepEqual((await found({ adminId: two.userId })).times, [4, 2]);
    assert.deepEqual((await found({ act: "act.a" })).times, [2, 1]);
    assert.deepEqual((await found({ targetId: 51 })).times, [4, 1]);
    assert.deepEqual((await found({ since: START_MS + 20, until: START_MS + 40 })).times, [3, 2]);
    assert.deepEqual((await found({ act: "act.b", adminId: one.userId, targetId: 50 })).times, [3]);
    assert.deepEqual((await found({ act: "act.b", adminId: one.userId, targetId: 51 })).times, []);
    const first = await found({ adminId: two.userId }, 1);
    assert.deepEqual([first.times, first.more], [[4], true]);
    const next = await found({ adminId: two.userId, beforeId: first.lines[0].id }, 1);
    assert.deepEqual([next.times, next.more], [[2], false]);
    const asked = (await audit(world, one)).find(({ act }) => act === "admin.audit")!;
    assert.deepEqual(JSON.parse(asked.detail), { adminId: String(two.userId) });
  });

  test("admin: groups are found by state and title, the youngest first, in pages", async (world) => {
    const [actor, a, b] = [await admin(world), await world.user(), await world.user()];
    const { data } = world;
    const group = async (title: string) => {
      const made = await data.conversations.createGroup({ ownerId: a, title, memberIds: [b] });
      return made.conversation!.id;
    };
    const [tea, team, plan] = [await group("Tea"), await group("TEAM 茶"), await group("Plan")];
    await world.direct(a, b);
    await world.say(tea, b);
    const find = async (state: GroupState, query = "", beforeId = 0, limit = 10, conversationId = 0) => {
      const page = await data.admin.listGroups({ actor, state, query, conversationId, beforeId, limit });
      return { ids: page.groups.map(({ id }) => id), more: page.more, groups: page.groups };
    };
    const { GROUP_ANY: ANY_STATE, GROUP_ACTIVE: ACTIVE, GROUP_DISSOLVED: DISSOLVED } = GroupState;
    const newestFirst = (...ids: number[]) => ids.sort((x, y) => y - x);
    const all = newestFirst(tea, team, plan);
    assert.deepEqual((await find(ANY_STATE)).ids, all, "groups only");
    const first = await find(ANY_STATE, "", 0, 2);
    assert.deepEqual([first.ids, first.more], [all.slice(0, 2), true]);
    assert.deepEqual((await find(ANY_STATE, "", all[1], 2)).ids, all.slice(2));
    assert.deepEqual((await find(ANY_STATE, "tea")).ids, newestFirst(tea, team));
    const [found] = (await find(ANY_STATE, "tea")).groups.filter(({ id }) => id === tea);
    assert.deepEqual([found.ownerId, found.memberCount, found.messages, found.dissolved], [a, 2, 1, false]);
    await data.groups.update({ conversationId: plan, userId: a, title: "Teapot" });
    assert.deepEqual((await find(ACTIVE, "teap")).ids, [plan], "by its new title");
    assert.deepEqual((await find(ACTIVE, "plan")).ids, []);
    await data.admin.dissolve({ actor, conversationId: team });
    assert.deepEqual((await find(ACTIVE)).ids, newestFirst(tea, plan));
    assert.deepEqual((await find(ANY_STATE, "", 0, 10, team)).ids, [team]);
    const gone = await find(DISSOLVED);
    assert.deepEqual([gone.ids, gone.groups[0].ownerId, gone.groups[0].memberCount], [[team], 0, 0]);
  });

  test("admin: a disabled account's sessions end with it, and none begins until it is enabled", async (world) => {
    const [actor, user, other] = [await admin(world), await world.user(), await world.user()];
    const [one, two] = [await login(world, user), await login(world, user)];
    const others = await login(world, other);
    const { ended } = await world.data.admin.setDisabled({ actor, userId: user, disabled: true, reason: "" });
    assert.deepEqual(ended.map(({ sessionId }) => sessionId).sort(), [one, two]);
    assert.ok(ended.every(({ userId }) => userId === user));
    await rejects("session_ended", world.data.sessions.check({ id: one, userId: user }));
    await rejects("account_disabled", login(world, user));
    await world.data.sessions.check({ id: others, userId: other });
    const again = await world.data.admin.setDisabled({ actor, userId: user, disabled: true, reason: "" });
    assert.deepEqual(again.ended, []);
    await world.data.admin.setDisabled({ actor, userId: user, disabled: false, reason: "" });
    await login(world, user);
    await rejects("session_ended", world.data.sessions.check({ id: two, userId: user }));
  });

  test("admin: nobody takes their own role or disables themselves, so an admin always remains", async (world) => {
    const [one, two] = [await admin(world), await admin(world)];
    const { data } = world;
    const demote = (actor: AdminActor, { userId }: AdminActor) =>
      data.admin.setRole({ actor, userId, role: Role.ROLE_USER });
    await rejects("conflict", demote(one, one));
    await rejects(
      "conflict",
      data.admin.setDisabled({ actor: one, userId: one.userId, disabled: true, reason: "" }),
    );
    const outcomes = await Promise.all([codeOf(demote(one, two)), codeOf(demote(two, one))]);
    assert.deepEqual(outcomes.sort(), ["forbidden", "ok"], "two at once: one is left");
  });

  test("admin: a password is reset with a token that is good once, and the old one is none any more", async (world) => {
    const actor = await admin(world);
    const user = await world.user("ann");
    const session = await login(world, user);
    const { data } = world;
    const offer = (tokenHash: string) =>
      data.admin.offerReset({ actor, userId: user, tokenHash, expiresAt: world.clock.nowMs + 1000 });
    const { ended } = await offer("first");
    assert.deepEqual(ended, [{ userId: user, sessionId: session }]);
    assert.equal((await data.users.credentials({ usernameKey: "ann" })).passwordHash, "");
    await offer("second");
    const own = { actor, userId: actor.userId, tokenHash: "own", expiresAt: world.clock.nowMs + 1000 };
    await rejects("conflict", data.admin.offerReset(own));
    const use = (tokenHash: string) => data.admin.useReset({ tokenHash, passwordHash: "new hash" });
    await rejects("reset_token_invalid", use("first"));
    await rejects("reset_token_invalid", use(""));
    assert.equal((await use("second")).id, user);
    assert.equal((await data.users.credentials({ usernameKey: "ann" })).passwordHash, "new hash");
    await rejects("reset_token_invalid", use("second"));
    await offer("third");
    world.clock.nowMs += 1000;
    await rejects("reset_token_invalid", use("third"));
    await offer("fourth");
    await data.admin.setDisabled({ actor, userId: user, disabled: true, reason: "" });
    await rejects("account_disabled", use("fourth"));
    await data.admin.setDisabled({ actor, userId: user, disabled: false, reason: "" });
    const tries = await Promise.all(range(1, 3).map(() => codeOf(use("fourth"))));
    assert.deepEqual(
      tries.sort(),
      ["ok", "reset_token_invalid", "reset_token_invalid"],
      "at the same time, too",
    );
  });

  test("admin: accounts are found by state and name, in pages", async (world) => {
    const actor = await admin(world);
    const [ann, anton, bob] = [
      await world.user("ann"),
      await world.user("anton"),
      await world.user("bob", "Anna"),
    ];
    await world.data.admin.setDisabled({ actor, userId: anton, disabled: true, reason: "" });
    await login(world, ann);
    const find = async (state: AccountState, query = "", afterId = 0, limit = 10) => {
      const page = await world.data.admin.listAccounts({ actor, state, query, userId: 0, afterId, limit });
      return { ids: page.accounts.map(({ user }) => user!.id), more: page.more, accounts: page.accounts };
    };
    const ids = [actor.userId, ann, anton, bob].sort((a, b) => a - b);
    assert.deepEqual((await find(AccountState.ACCOUNT_ANY)).ids, ids);
    const first = await find(AccountState.ACCOUNT_ANY, "", 0, 2);
    assert.deepEqual([first.ids, first.more], [ids.slice(0, 2), true]);
    assert.deepEqual((await find(AccountState.ACCOUNT_ANY, "", ids[1], 2)).ids, ids.slice(2));
    assert.deepEqual((await find(AccountState.ACCOUNT_ANY, "ann")).ids, [ann, bob].sort((a, b) => a - b));
    assert.deepEqual((await find(AccountState.ACCOUNT_DISABLED)).ids, [anton]);
    assert.deepEqual((await find(AccountState.ACCOUNT_ADMIN)).ids, [actor.userId]);
    assert.deepEqual((await find(AccountState.ACCOUNT_ACTIVE, "an")).ids, [ann, bob].sort((a, b) => a - b));
    assert.deepEqual((await find(AccountState.ACCOUNT_BOT)).ids, []);
    const { accounts } = await find(AccountState.ACCOUNT_ANY, "ann");
    assert.deepEqual(accounts.map(({ sessions }) => sessions).sort(), [0, 1]);
    const one = await world.data.admin.listAccounts({
      actor,
      state: AccountState.ACCOUNT_ANY,
      query: "",
      userId: anton,
      afterId: 0,
      limit: 1,
    });
    assert.equal(one.accounts[0].disabledAt, START_MS);
  });

  test("admin: members of a group are seen by who is not in it", async (world) => {
    const [actor, a, b] = [await admin(world), await world.user(), await world.user()];
    const conversationId = await world.group(a, b);
    const page = (afterId: number) => world.data.admin.members({ actor, conversationId, afterId, limit: 1 });
    const [low, high] = [a, b].sort((x, y) => x - y);
    const first = await page(0);
    assert.deepEqual([first.members.map(({ userId }) => userId), first.more], [[low], true]);
    const second = await page(low);
    assert.deepEqual([second.members.map(({ userId }) => userId), second.more], [[high], false]);
    await rejects("conversation_not_found", world.read(conversationId, actor.userId).then(() => {}));
  });

  test("admin: a group is ended for all in it, who keep what they may read; a direct conversation is not", async (world) => {
    const [actor, a, b] = [await admin(world), await world.user(), await world.user()];
    const conversationId = await world.group(a, b);
    await world.say(conversationId, a, "hello");
    const { entry, changedIds, inboxes } = await world.data.admin.dissolve({ actor, conversationId });
    assert.deepEqual([entry!.kind, entry!.senderId], ["group.dissolved", actor.userId]);
    assert.deepEqual(changedIds.toSorted((x, y) => x - y), [a, b].sort((x, y) => x - y));
    assert.deepEqual(inboxes.map(({ userId }) => userId).sort(), [a, b].sort());
    assert.deepEqual(await world.texts(conversationId, b), ["hello"]);
    await rejects("group_dissolved", world.say(conversationId, a));
    await rejects("conversation_not_found", world.data.admin.dissolve({ actor, conversationId }));
    const direct = await world.direct(a, b);
    await rejects("forbidden", world.data.admin.dissolve({ actor, conversationId: direct }));
    await world.say(direct, a);
  });

  test("admin: a broadcast reaches everyone there was when it began, once, in steps", async (world) => {
    const actor = await admin(world);
    const users = [actor.userId, ...await world.users(6)];
    const { data } = world;
    const begun = await data.admin.startBroadcast({ actor, id: 9, text: "hello 全体", userIds: [] });
    assert.deepEqual([begun.total, begun.told, begun.everyone, begun.doneAt], [7, 0, true, 0]);
    world.clock.nowMs += 1000;
    const late = await world.user();
    // Steps at the same time share the work.
    const steps = await Promise.all(range(1, 5).map(() => data.admin.stepBroadcast({ id: 9, limit: 2 })));
    const told = steps.flatMap(({ inboxes }) => inboxes.map(({ userId }) => userId));
    assert.deepEqual(told.sort((a, b) => a - b), users.sort((a, b) => a - b));
    for (const userId of users) {
      const { entries } = await data.inboxes.read({ userId, after: 0, limit: 10 });
      const said = entries.filter(({ kind }) => kind === "system.message");
      assert.deepEqual(said.map(({ body, senderId }) => [JSON.parse(body), senderId]), [
        [{ broadcastId: "9", text: "hello 全体" }, actor.userId],
      ]);
    }
    assert.equal((await data.inboxes.read({ userId: late, after: 0, limit: 10 })).entries.length, 0);
    const { broadcasts: [done] } = await data.admin.listBroadcasts({ staleBefore: 0, beforeId: 0, limit: 1 });
    assert.deepEqual([done.told, done.doneAt], [7, START_MS + 1000]);
    assert.deepEqual((await data.admin.stepBroadcast({ id: 9, limit: 2 })).inboxes, []);
    await rejects("not_found", data.admin.stepBroadcast({ id: 10, limit: 2 }).then(() => {}));
    await rejects(
      "conflict",
      data.admin.startBroadcast({ actor, id: 9, text: "x", userIds: [] }).then(() => {}),
    );
  });

  test("admin: a broadcast to a list reaches those of it that exist; what stands still is found", async (world) => {
    const actor = await admin(world);
    const [a, b, c] = await world.users(3);
    const { data } = world;
    const nobody = data.admin.startBroadcast({ actor, id: 8, text: "x", userIds: [NOBODY] });
    await rejects("user_not_found", nobody);
    const none = await data.admin.listBroadcasts({ staleBefore: 0, beforeId: 0, limit: 9 });
    assert.deepEqual(none.broadcasts, []);
    const begun = await data.admin.startBroadcast({ actor, id: 9, text: "x", userIds: [c, a, NOBODY, a] });
    assert.equal(begun.total, 2);
    assert.equal((await data.admin.stepBroadcast({ id: 9, limit: 1 })).broadcast!.doneAt, 0);
    const stale = async (before: number) =>
      (await data.admin.listBroadcasts({ staleBefore: before, beforeId: 0, limit: 9 })).broadcasts.length;
    assert.deepEqual([await stale(world.clock.nowMs), await stale(world.clock.nowMs + 1)], [0, 1]);
    await data.admin.stepBroadcast({ id: 9, limit: 1 });
    const { broadcast } = await data.admin.stepBroadcast({ id: 9, limit: 1 });
    assert.deepEqual([broadcast!.told, broadcast!.everyone, await stale(world.clock.nowMs + 1)], [
      2,
      false,
      0,
    ]);
    const counts = await Promise.all(
      [a, b, c].map(async (userId) =>
        (await data.inboxes.read({ userId, after: 0, limit: 10 })).entries.length
      ),
    );
    assert.deepEqual(counts, [1, 0, 1]);
  });
}
