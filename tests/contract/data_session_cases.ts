import assert from "node:assert/strict";
import { ascending, type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

const TTL_MS = 60_000;

/** A session of a new user. */
async function login(world: World, id = 1000) {
  const userId = await world.user();
  const { session } = await world.data.sessions.create({
    id,
    userId,
    deviceName: "Firefox 火狐",
    deviceKind: "web",
    maxOfKind: 0,
    familyHash: "family",
    refreshHash: "refresh-0",
    expiresAt: world.clock.nowMs + TTL_MS,
  });
  const check = () => world.data.sessions.check({ id, userId });
  const rotate = (presentedHash: string, nextHash: string, familyHash = "family", expiresAt?: number) =>
    world.data.sessions.rotate({
      id,
      familyHash,
      presentedHash,
      nextHash,
      expiresAt: expiresAt ?? world.clock.nowMs + TTL_MS,
    });
  const revoke = () => world.data.sessions.revoke({ id, userId });
  return { id, userId, session, check, rotate, revoke };
}

export function sessionCases(test: Case): void {
  test("sessions: one that was created is answered and checked", async (world) => {
    const { id, userId, session, check } = await login(world, Number.MAX_SAFE_INTEGER);
    const expected = {
      id,
      userId,
      deviceName: "Firefox 火狐",
      deviceKind: "web",
      createdAt: START_MS,
      usedAt: START_MS,
      expiresAt: START_MS + TTL_MS,
    };
    assert.deepEqual(session, expected);
    assert.deepEqual(await check(), expected);
  });

  test("sessions: an id that is taken is a conflict and leaves the other session alone", async (world) => {
    const { id, check, rotate } = await login(world);
    await rejects("conflict", login(world, id));
    await check();
    assert.equal((await rotate("refresh-0", "refresh-1")).reused, false);
  });

  test("sessions: check refuses what never was, and another user's", async (world) => {
    const { id } = await login(world);
    const other = await world.user();
    await rejects("session_ended", world.data.sessions.check({ id, userId: other }));
    await rejects("session_ended", world.data.sessions.check({ id: id + 1, userId: other }));
    await rejects("session_ended", world.data.sessions.check({ id, userId: NOBODY }));
  });

  test("sessions: a token is traded for the next, and the user is answered", async (world) => {
    const { userId, check, rotate } = await login(world);
    const { users: [user] } = await world.data.users.get({ ids: [userId] });
    for (const i of range(0, 4)) {
      assert.deepEqual(await rotate(`refresh-${i}`, `refresh-${i + 1}`), { user, reused: false });
    }
    await check();
  });

  test("sessions: trading moves the end, and the session lives on beyond the old one", async (world) => {
    const { check, rotate } = await login(world);
    world.clock.nowMs += TTL_MS - 1;
    await rotate("refresh-0", "refresh-1");
    world.clock.nowMs += TTL_MS - 1;
    assert.equal((await check()).expiresAt, START_MS + TTL_MS - 1 + TTL_MS);
    await rotate("refresh-1", "refresh-2");
  });

  test("sessions: a token that was used before ends the session, and says so once", async (world) => {
    const { userId, check, rotate } = await login(world);
    await rotate("refresh-0", "refresh-1");
    const { user, reused } = await rotate("refresh-0", "stolen");
    assert.deepEqual([user?.id, reused], [userId, true]);
    await rejects("session_ended", check());
    await rejects("session_ended", rotate("refresh-1", "refresh-2"));
    await rejects("session_ended", rotate("refresh-0", "stolen"));
    await rejects("session_ended", rotate("stolen", "more"));
  });

  test("sessions: one token traded by many at once is good once and ends the session", async (world) => {
    const { check, rotate } = await login(world);
    const answers = await Promise.all(
      range(1, 8).map((i) =>
        rotate("refresh-0", `next-${i}`).then((a) => a.reused ? "reused" : "good", codeName)
      ),
    );
    assert.deepEqual(answers.toSorted(), ["good", "reused", ...Array(6).fill("session_ended")]);
    await rejects("session_ended", check());
  });

  test("sessions: a wrong family is a guess and changes nothing", async (world) => {
    const { id, check, rotate } = await login(world);
    await rejects("token_invalid", rotate("refresh-0", "stolen", "other family"));
    await rejects("token_invalid", rotate("guess", "stolen", ""));
    await check();
    assert.equal((await rotate("refresh-0", "refresh-1")).reused, false);
    const unknown = {
      id: id + 1,
      familyHash: "family",
      presentedHash: "refresh-1",
      nextHash: "x",
      expiresAt: 1,
    };
    await rejects("token_invalid", world.data.sessions.rotate(unknown));
  });

  test("sessions: one that nobody refreshed in time has expired", async (world) => {
    const { check, rotate } = await login(world);
    world.clock.nowMs += TTL_MS;
    await rejects("session_ended", check());
    await rejects("token_expired", rotate("refresh-0", "refresh-1"));
    world.clock.nowMs -= 1;
    await check();
    assert.equal((await rotate("refresh-0", "refresh-1")).reused, false);
  });

  test("sessions: revoked once or twice it is ended, and others are not", async (world) => {
    const one = await login(world, 1);
    const other = await login(world, 2);
    await one.revoke();
    world.clock.nowMs += 1;
    assert.deepEqual(await one.revoke(), {});
    await rejects("session_ended", one.check());
    await rejects("session_ended", one.rotate("refresh-0", "refresh-1"));
    await other.check();
    await other.rotate("refresh-0", "refresh-1");
  });

  test("sessions: nobody revokes another's, and revoking what never was is no error", async (world) => {
    const { id, check } = await login(world);
    const other = await world.user();
    await world.data.sessions.revoke({ id, userId: other });
    await world.data.sessions.revoke({ id: id + 1, userId: other });
    await check();
  });
  test("sessions: with so many of a kind, the one used longest ago makes room, other kinds stay", async (world) => {
    const { data, clock } = world;
    const userId = await world.user();
    const start = async (id: number, deviceKind: string, maxOfKind = 2) => {
      clock.nowMs += 1000;
      const hashes = { familyHash: `f${id}`, refreshHash: `r${id}`, expiresAt: clock.nowMs + TTL_MS };
      return await data.sessions.create({ id, userId, deviceName: "d", deviceKind, maxOfKind, ...hashes });
    };
    const running = async () => (await data.sessions.list({ userId })).sessions.map(({ id }) => id);
    await start(1, "web");
    await start(2, "mobile");
    await start(3, "web");
    // The older one was used since, so the other is the one to go.
    clock.nowMs += 1000;
    const { nowMs } = clock;
    const turn = { familyHash: "f1", presentedHash: "r1", nextHash: "r1b", expiresAt: nowMs + TTL_MS };
    await data.sessions.rotate({ id: 1, ...turn });
    assert.deepEqual((await start(4, "web")).endedIds, [3]);
    assert.deepEqual(await running(), [4, 1, 2]);
    await rejects("session_ended", data.sessions.check({ id: 3, userId }));
    assert.deepEqual((await start(5, "web", 0)).endedIds, []);
    assert.deepEqual((await start(6, "web", 1)).endedIds, [5, 4, 1]);
    assert.deepEqual(await running(), [6, 2]);
  });

  test("sessions: the list has running ones only, and only one's own; renaming needs a running one", async (world) => {
    const { id, userId, revoke } = await login(world);
    const other = await login(world, 2000);
    const list = async (of: number) => (await world.data.sessions.list({ userId: of })).sessions;
    assert.deepEqual((await list(userId)).map((session) => session.id), [id]);
    const named = await world.data.sessions.rename({ id, userId, deviceName: "手机" });
    assert.equal(named.deviceName, "手机");
    assert.deepEqual(await list(userId), [named]);
    await rejects("not_found", world.data.sessions.rename({ id, userId: other.userId, deviceName: "x" }));
    await revoke();
    assert.deepEqual(await list(userId), []);
    await rejects("not_found", world.data.sessions.rename({ id, userId, deviceName: "x" }));
    world.clock.nowMs += TTL_MS;
    assert.deepEqual(await list(other.userId), []);
  });

  test("sessions: running says which still run: not the revoked, the expired and the unknown", async (world) => {
    const [one, two, three] = [await login(world), await login(world, 2000), await login(world, 3000)];
    const ids = [one.id, two.id, three.id, 999];
    const running = async () => (await world.data.sessions.running({ ids })).ids.sort(ascending);
    assert.deepEqual(await running(), [one.id, two.id, three.id].sort(ascending));
    await two.revoke();
    assert.deepEqual(await running(), [one.id, three.id].sort(ascending));
    world.clock.nowMs += TTL_MS;
    assert.deepEqual(await running(), []);
    assert.deepEqual((await world.data.sessions.running({ ids: [] })).ids, []);
  });
}

const codeName = (error: unknown) => codeOf(Promise.reject(error));
