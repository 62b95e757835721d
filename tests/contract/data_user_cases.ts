import assert from "node:assert/strict";
import { Role } from "../../data/service.ts";
import { foldName } from "../../kit/fold.ts";
import { ascending, type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

export function userCases(test: Case): void {
  test("users: a new account is answered, read back and can log in", async (world) => {
    const { users } = world.data;
    const created = await users.create({
      username: "Älice",
      usernameKey: foldName("Älice"),
      displayName: "Älice 张 😀",
      displayKey: foldName("Älice 张 😀"),
      passwordHash: "secret-hash",
    });
    const { id } = created;
    assert.ok(Number.isSafeInteger(id) && id > 0);
    const user = {
      id,
      username: "Älice",
      displayName: "Älice 张 😀",
      role: Role.ROLE_USER,
      createdAt: START_MS,
    };
    assert.deepEqual(created, user);
    assert.deepEqual((await users.get({ ids: [id] })).users, [user]);
    const credentials = await users.credentials({ usernameKey: foldName("ÄLICE") });
    assert.deepEqual(credentials, { user, passwordHash: "secret-hash", secondFactor: false });
  });

  test("users: credentials of a key that no account has", async (world) => {
    await world.user("alice");
    for (const usernameKey of ["alic", "alicee", "Alice", "", "%", "a_ice"]) {
      assert.equal((await world.data.users.credentials({ usernameKey })).user, undefined, usernameKey);
    }
  });

  test("users: get leaves unknown ids out, answers each once, also for many", async (world) => {
    const ids = await world.users(150);
    assert.equal(new Set(ids).size, 150);
    const get = async (wanted: number[]) =>
      (await world.data.users.get({ ids: wanted })).users.map(({ id }) => id).sort(ascending);
    assert.deepEqual(await get([...ids, NOBODY, ...ids, ids[3]]), ids.toSorted(ascending));
    assert.deepEqual(await get([NOBODY]), []);
    assert.deepEqual(await get([]), []);
  });

  test("users: a username key is taken once, also when many come at once", async (world) => {
    await world.user("alice");
    await rejects("username_taken", world.user("ALICE"));
    const codes = await Promise.all(range(1, 20).map((i) => codeOf(world.user(i % 2 ? "bob" : "BOB"))));
    assert.deepEqual(codes.toSorted(), ["ok", ...Array(19).fill("username_taken")]);
    await world.user("bobby");
    assert.deepEqual(
      await found(world, "bob"),
      ["BOB", "bob", "bobby"].filter((name) => name !== loser(codes)),
    );
  });

  test("users: two people may have one display name", async (world) => {
    await world.user("ann1", "Ann");
    await world.user("ann2", "Ann");
    assert.deepEqual(await found(world, "ann"), ["ann1", "ann2"]);
  });

  searchCases(test);
  setupCases(test);
}

/** The one of two spellings that was not stored: the first call won. */
const loser = (codes: string[]) => codes.indexOf("ok") % 2 === 0 ? "BOB" : "bob";

async function found(world: World, query: string, options: { askerId?: number; limit?: number } = {}) {
  const { askerId = NOBODY, limit = 100 } = options;
  const { users } = await world.data.users.search({ query: foldName(query), limit, askerId });
  return users.map(({ username }) => username).sort();
}

function searchCases(test: Case): void {
  test("users: search finds by the beginning of the username or of the display name, in any case", async (world) => {
    await world.user("alice", "Wonder Land");
    await world.user("albert", "Straße 1");
    await world.user("bob", "ALiCIA");
    await world.user("carol", "not alice");
    assert.deepEqual(await found(world, "al"), ["albert", "alice", "bob"]);
    assert.deepEqual(await found(world, "ALIC"), ["alice", "bob"]);
    assert.deepEqual(await found(world, "alice"), ["alice"]);
    assert.deepEqual(await found(world, "STRASSE"), ["albert"]);
    assert.deepEqual(await found(world, "ＷＯＮＤＥＲ l"), ["alice"]);
    assert.deepEqual(await found(world, "land"), []);
    assert.deepEqual(await found(world, "alicee"), []);
  });

  test("users: search finds Chinese names, and names beyond the basic plane", async (world) => {
    await world.user("zhang1", "张三");
    await world.user("zhang2", "张三丰");
    await world.user("zhang3", "章三");
    await world.user("li", "李四");
    await world.user("ext", "𠮷野家 😀");
    await world.user("王五", "Wang");
    assert.deepEqual(await found(world, "张"), ["zhang1", "zhang2"]);
    assert.deepEqual(await found(world, "张三丰"), ["zhang2"]);
    assert.deepEqual(await found(world, "三"), []);
    assert.deepEqual(await found(world, "𠮷"), ["ext"]);
    assert.deepEqual(await found(world, "𠮷野家 😀"), ["ext"]);
    assert.deepEqual(await found(world, "王"), ["王五"]);
  });

  test("users: in a search % _ * \\ ' and the like are plain characters", async (world) => {
    const names = [
      "100% sure",
      "1000 sure",
      "a_b",
      "axb",
      "a*b",
      "[ab]",
      "back\\slash",
      "o'neill",
      'say "hi"',
      "--x",
    ];
    for (const [i, name] of names.entries()) await world.user(`plain${i}`, name);
    const queries: [string, number[]][] = [
      ["100%", [0]],
      ["%", []],
      ["a_", [2]],
      ["_", []],
      ["a*", [4]],
      ["*", []],
      ["[ab", [5]],
      ["back\\", [6]],
      ["o'", [7]],
      ['say "', [8]],
      ["--", [9]],
      ["'; DROP TABLE users; --", []],
    ];
    for (const [query, at] of queries) {
      assert.deepEqual(await found(world, query), at.map((i) => `plain${i}`), query);
    }
    assert.equal((await found(world, "plain")).length, names.length);
  });

  test("users: search leaves the asker out, names nobody twice and keeps to the limit", async (world) => {
    const me = await world.user("sam1", "Sam");
    await world.user("sam2", "Sam");
    for (const i of range(3, 30)) await world.user(`sam${i}`, "Other");
    assert.equal((await found(world, "sam")).length, 30);
    const others = await found(world, "sam", { askerId: me });
    assert.ok(!others.includes("sam1"));
    assert.equal(new Set(others).size, 29);
    assert.equal(others.length, 29);
    assert.equal((await found(world, "sam", { limit: 5 })).length, 5);
    assert.equal((await found(world, "sam", { limit: 1, askerId: me })).length, 1);
  });

  test("users: search answers whole users", async (world) => {
    const id = await world.user("alice", "Alice");
    const { users } = await world.data.users.search({ query: "al", limit: 5, askerId: NOBODY });
    assert.deepEqual(users, (await world.data.users.get({ ids: [id] })).users);
  });
}

function setupCases(test: Case): void {
  const offer = (world: World, tokenHash: string, onlyIfNew = false, ttlMs = 1000) =>
    world.data.users.offerSetup({ tokenHash, expiresAt: world.clock.nowMs + ttlMs, onlyIfNew });
  const setUp = (world: World, username: string, setupTokenHash: string) =>
    world.data.users.create({
      username,
      usernameKey: foldName(username),
      displayName: username,
      displayKey: foldName(username),
      passwordHash: "hash",
      setupTokenHash,
    });

  test("setup: the token makes one admin, once", async (world) => {
    assert.deepEqual(await offer(world, "token", true), { stored: true });
    const admin = await setUp(world, "root", "token");
    assert.equal(admin.role, Role.ROLE_ADMIN);
    assert.deepEqual((await world.data.users.get({ ids: [admin.id] })).users, [admin]);
    await rejects("setup_token_invalid", setUp(world, "second", "token"));
    assert.deepEqual(await found(world, "second"), []);
  });

  test("setup: of many who use one token at once one becomes admin", async (world) => {
    await offer(world, "token");
    const codes = await Promise.all(range(1, 10).map((i) => codeOf(setUp(world, `admin${i}`, "token"))));
    assert.deepEqual(codes.toSorted(), ["ok", ...Array(9).fill("setup_token_invalid")]);
    assert.equal((await found(world, "admin")).length, 1);
  });

  test("setup: a wrong token makes nobody and uses nothing up", async (world) => {
    await rejects("setup_token_invalid", setUp(world, "eve", "token"));
    await offer(world, "token");
    await rejects("setup_token_invalid", setUp(world, "eve", "Token"));
    await rejects("setup_token_invalid", setUp(world, "eve", ""));
    assert.deepEqual(await found(world, "eve"), []);
    assert.equal((await setUp(world, "root", "token")).role, Role.ROLE_ADMIN);
  });

  test("setup: a token expires", async (world) => {
    await offer(world, "token", false, 1000);
    world.clock.nowMs += 1000;
    await rejects("setup_token_invalid", setUp(world, "late", "token"));
    world.clock.nowMs -= 1;
    assert.equal((await setUp(world, "intime", "token")).role, Role.ROLE_ADMIN);
  });

  test("setup: a username that is taken does not use the token up", async (world) => {
    await offer(world, "token");
    await world.user("root");
    await rejects("username_taken", setUp(world, "root", "token"));
    assert.equal((await setUp(world, "root2", "token")).role, Role.ROLE_ADMIN);
  });

  test("setup: a later token takes the place of the earlier one", async (world) => {
    await offer(world, "first");
    assert.deepEqual(await offer(world, "second"), { stored: true });
    await rejects("setup_token_invalid", setUp(world, "root", "first"));
    await setUp(world, "root", "second");
    assert.deepEqual(await offer(world, "third"), { stored: true });
    assert.equal((await setUp(world, "root3", "third")).role, Role.ROLE_ADMIN);
  });

  test("setup: only_if_new stores nothing once there is a token or an account", async (world) => {
    assert.deepEqual(await offer(world, "first", true), { stored: true });
    assert.deepEqual(await offer(world, "second", true), { stored: false });
    await rejects("setup_token_invalid", setUp(world, "root", "second"));
    await setUp(world, "root", "first");
    assert.deepEqual(await offer(world, "third", true), { stored: false });
    await rejects("setup_token_invalid", setUp(world, "root3", "third"));
  });

  test("setup: only_if_new stores nothing where an account was made without a token", async (world) => {
    await world.user("alice");
    assert.deepEqual(await offer(world, "token", true), { stored: false });
    await rejects("setup_token_invalid", setUp(world, "root", "token"));
  });

  test("setup: of many offers for a new server at once one is stored", async (world) => {
    const offers = await Promise.all(range(1, 8).map((i) => offer(world, `token${i}`, true)));
    assert.equal(offers.filter(({ stored }) => stored).length, 1);
    const winner = offers.findIndex(({ stored }) => stored) + 1;
    assert.equal((await setUp(world, "root", `token${winner}`)).role, Role.ROLE_ADMIN);
  });
}
