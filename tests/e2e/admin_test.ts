import assert from "node:assert/strict";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { freshName, hasCode, heard, type Person, register, rest, Wire } from "../support/people.ts";
import { firstAdmin } from "../support/first_admin.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { inbox } from "../support/talkers.ts";

/** Admins of the server, at both doors. */

const onCluster = Deno.env.has("IMSERVER_TEST_ON");
const PASSWORD = "correct horse battery";

let data: ReturnType<typeof tempFolder>;
let server: Server;
let url: string;
let boss: Person;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path });
  url = server.url;
  boss = await firstAdmin(server);
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

const call = <N extends OperationName>(who: Person, name: N, input: Input<N>): Promise<Output<N>> =>
  rest(url, name, input, who.accessToken);
const login = ({ username }: Person, password = PASSWORD) => rest(url, "auth.login", { username, password });
/** The newest lines of the audit log, but for that of reading it. */
const audited = async (count: number) =>
  (await call(boss, "admin.audit", { limit: count + 1 })).lines.slice(0, count);

Deno.test("disabling ends an account's sessions at every door, and a login is told why; enabling lets it in again", async () => {
  const person = await register(url);
  const wire = await Wire.open(url, person.accessToken);
  await call(boss, "admin.disable", { userId: person.id, reason: "spam" });
  assert.deepEqual(await wire.closed, { code: 4001, reason: '{"code":"session_ended"}' });
  await assert.rejects(call(person, "user.me", {}), hasCode("session_ended"));
  const { refreshToken } = person;
  await assert.rejects(rest(url, "auth.refresh", { refreshToken }), hasCode("session_ended"));
  await assert.rejects(login(person), hasCode("account_disabled"));
  await assert.rejects(login(person, "a wrong password"), hasCode("invalid_credentials"));
  const { users } = await call(boss, "admin.users", { state: "disabled", query: person.username });
  assert.deepEqual(users.map(({ id, sessions }) => [id, sessions]), [[person.id, 0]]);
  assert.ok(Math.abs(users[0].disabledAt! - Date.now()) < 60_000);
  await call(boss, "admin.enable", { userId: person.id });
  await login(person);
  const lines = await audited(3);
  assert.deepEqual(lines.map(({ act, targetId, detail }) => [act, targetId, detail]), [
    ["admin.enable", person.id, {}],
    ["admin.users", null, { state: "disabled", query: person.username }],
    ["admin.disable", person.id, { reason: "spam" }],
  ]);
  assert.ok(lines.every(({ adminId, address }) => adminId === boss.id && address === "127.0.0.1"));
});

Deno.test("a reset password: the old one and all sessions are gone; the token sets a new one, once", async () => {
  const person = await register(url);
  const wire = await Wire.open(url, person.accessToken);
  const { token, expiresAt } = await call(boss, "admin.resetPassword", { userId: person.id });
  assert.ok(Math.abs(expiresAt - Date.now() - 24 * 3600 * 1000) < 60_000);
  assert.equal((await wire.closed).code, 4001);
  await assert.rejects(login(person), hasCode("invalid_credentials"));
  await assert.rejects(login(person, ""), hasCode("invalid_credentials"));
  const password = "a better one";
  const made = await rest(url, "auth.resetPassword", { token, password });
  assert.equal(made.user.id, person.id);
  assert.equal((await rest(url, "user.me", {}, made.accessToken)).id, person.id);
  await login(person, password);
  await assert.rejects(login(person), hasCode("invalid_credentials"));
  await assert.rejects(rest(url, "auth.resetPassword", { token, password }), hasCode("reset_token_invalid"));
  assert.ok(!JSON.stringify(await audited(5)).includes(token), "the audit log holds no secret");
});

Deno.test("an admin is one from the next call on, and a demoted one no longer, on open sockets too", async () => {
  const person = await register(url);
  const wire = await Wire.open(url, person.accessToken);
  await assert.rejects(wire.call("admin.users", {}), hasCode("forbidden"));
  await call(boss, "admin.setRole", { userId: person.id, role: "admin" });
  await wire.call("admin.users", {});
  assert.equal((await call(person, "admin.user", { userId: boss.id })).role, "admin");
  // A new login's token says "admin"; it is not believed either.
  const token = (await login(person)).accessToken!;
  await call(boss, "admin.setRole", { userId: person.id, role: "user" });
  await assert.rejects(wire.call("admin.users", {}), hasCode("forbidden"));
  await assert.rejects(rest(url, "admin.users", {}, token), hasCode("forbidden"));
  await assert.rejects(call(boss, "admin.setRole", { userId: boss.id, role: "user" }), hasCode("conflict"));
  await wire.close();
});

Deno.test("who is in a group an admin sees, and not what is said there", async () => {
  const [ann, bob] = [await register(url), await register(url)];
  const { id: conversationId } = await call(ann, "group.create", { title: "g", memberIds: [bob.id] });
  const { members } = await call(boss, "admin.members", { conversationId });
  assert.deepEqual(
    members.map(({ user, role }) => [user.id, role]).sort(),
    [[ann.id, "owner"], [bob.id, "member"]].sort(),
  );
  for (const name of ["log.read", "message.history", "conversation.members"] as const) {
    await assert.rejects(call(boss, name, { conversationId }), hasCode("conversation_not_found"));
  }
});

Deno.test("a group that an admin dissolves ends for those who are in it, at once", async () => {
  const [ann, bob] = [await register(url), await register(url)];
  const wire = await Wire.open(url, bob.accessToken);
  const { id: conversationId } = await call(ann, "group.create", { title: "g", memberIds: [bob.id] });
  await call(boss, "admin.dissolve", { conversationId });
  await wire.until(() => inbox(wire).some(({ kind }) => kind === "conversation.left"));
  await wire.until(() => heard(wire, conversationId).length > 0);
  const { conversations } = await call(ann, "conversation.list", {});
  assert.deepEqual(conversations, []);
  assert.equal((await audited(1))[0].targetId, conversationId);
  await wire.close();
});

Deno.test("sessions are ended by an admin: all devices go", async () => {
  const person = await register(url);
  const second = (await login(person)).accessToken!;
  const wires = [await Wire.open(url, person.accessToken), await Wire.open(url, second)];
  assert.deepEqual(await call(boss, "admin.endSessions", { userId: person.id }), { ended: 2 });
  for (const { closed } of wires) assert.equal((await closed).code, 4001);
  await login(person);
});

Deno.test("an account that an admin deletes is over at once, with its bots, and nothing of it is left", async () => {
  const [ann, bob] = [await register(url), await register(url)];
  const bot = await call(ann, "bot.create", { username: freshName("bot"), displayName: "B" });
  const direct = await call(bob, "conversation.openDirect", { userId: ann.id });
  const content = { type: "text", text: "still here" } as const;
  await call(ann, "message.send", { conversationId: direct.id, clientId: "1", content });
  const wire = await Wire.open(url, ann.accessToken);
  await call(boss, "admin.deleteUser", { userId: ann.id });
  assert.equal((await wire.closed).code, 4001);
  await assert.rejects(login(ann), hasCode("invalid_credentials"));
  for (const { id } of [ann, bot]) {
    const user = await call(bob, "user.get", { userId: id });
    assert.deepEqual([user.deleted, user.displayName], [true, ""]);
    await assert.rejects(call(boss, "admin.deleteUser", { userId: id }), hasCode("user_not_found"));
  }
  const { messages } = await call(bob, "message.history", { conversationId: direct.id });
  assert.deepEqual(messages.map(({ senderId }) => senderId), [ann.id], "what was said stays");
  await assert.rejects(call(boss, "admin.deleteUser", { userId: boss.id }), hasCode("conflict"));
});

Deno.test("a broadcast reaches who is connected and who comes later, once, and says how far it is", async () => {
  const [here, away] = [await register(url), await register(url)];
  const wire = await Wire.open(url, here.accessToken);
  const begun = await call(boss, "admin.broadcast", { text: "Back in an hour. 稍后回来。" });
  assert.equal(begun.everyone, true);
  const late = await register(url);
  const content = { broadcastId: begun.id, text: begun.text };
  await wire.until(() => inbox(wire).some(({ kind }) => kind === "system.message"));
  const said = inbox(wire).filter(({ kind }) => kind === "system.message");
  assert.deepEqual(said.map((entry) => [entry.senderId, entry.content]), [[boss.id, content]]);
  const read = async (who: Person) =>
    (await call(who, "inbox.read", {})).entries.filter(({ kind }) => kind === "system.message")
      .map((entry) => entry.content);
  for (let tries = 0; tries < 100; tries++) {
    const { broadcasts: [one] } = await call(boss, "admin.broadcasts", { limit: 1 });
    if (one.doneAt !== null) {
      assert.equal(one.told, one.total);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.deepEqual([await read(away), await read(here)], [[content], [content]]);
  assert.deepEqual(await read(late), [], "who came after it began was not meant");

  const to = await call(boss, "admin.broadcast", { text: "only you", userIds: [late.id, "1"] });
  assert.equal(to.total, 1);
  await wire.close();
});

Deno.test("accounts and the audit log come in pages", async () => {
  const prefix = freshName("pg");
  const people: Person[] = [];
  for (const n of [1, 2, 3]) people.push(await register(url, `${prefix}x${n}`));
  const first = await call(boss, "admin.users", { query: prefix, limit: 2 });
  const second = await call(boss, "admin.users", { query: prefix, limit: 2, cursor: first.nextCursor! });
  assert.deepEqual([...first.users, ...second.users].map(({ id }) => id), people.map(({ id }) => id));
  assert.equal(second.nextCursor, null);
  const lines = await call(boss, "admin.audit", { limit: 2 });
  const next = await call(boss, "admin.audit", { limit: 2, cursor: lines.nextCursor! });
  const ids = [...lines.lines, ...next.lines].map(({ id }) => Number(id));
  assert.deepEqual(ids, ids.toSorted((a, b) => b - a));
});

Deno.test("groups are found by title, with who owns them; the audit log by what was done to whom", async () => {
  const [ann, bob] = [await register(url), await register(url)];
  const prefix = freshName("grp");
  const make = (title: string) => call(ann, "group.create", { title, memberIds: [bob.id] });
  const groups = [await make(`${prefix.toUpperCase()} one`), await make(`${prefix} two`)];
  const query = prefix;
  const first = await call(boss, "admin.groups", { query, limit: 1 });
  const second = await call(boss, "admin.groups", { query, limit: 1, cursor: first.nextCursor! });
  const found = [...first.groups, ...second.groups];
  assert.deepEqual(found.map(({ id }) => id), groups.map(({ id }) => id).reverse());
  assert.ok(found.every(({ owner, members }) => owner?.id === ann.id && members === 2));
  const [{ id: conversationId }] = groups;
  await call(boss, "admin.dissolve", { conversationId });
  const { groups: [gone] } = await call(boss, "admin.groups", { query, state: "dissolved" });
  assert.deepEqual([gone.id, gone.owner, gone.dissolved], [conversationId, null, true]);
  const { lines } = await call(boss, "admin.audit", {
    act: "admin.dissolve",
    targetId: conversationId,
    since: Date.now() - 60_000,
  });
  assert.deepEqual(lines.map(({ adminId, targetId }) => [adminId, targetId]), [[boss.id, conversationId]]);
  const before = { adminId: boss.id, until: lines[0].at };
  const older = await call(boss, "admin.audit", before);
  assert.ok(older.lines.length > 0 && older.lines.every(({ at }) => at < lines[0].at));
});

Deno.test("figures say who is connected and how fast messages go; looking leaves one line", async () => {
  const [ann, bob] = [await register(url), await register(url)];
  const wires = [await Wire.open(url, ann.accessToken), await Wire.open(url, bob.accessToken)];
  const { id: conversationId } = await wires[0].call("conversation.openDirect", { userId: bob.id });
  const before = await call(boss, "admin.figures", {});
  // On a cluster there are two.
  assert.ok(before.gateways.length >= 1);
  assert.ok(before.gateways.every(({ id, missing }) => typeof id === "string" && !missing));
  for (let n = 0; n < 20; n++) {
    const content = { type: "text", text: "hello" } as const;
    await wires[0].call("message.send", { conversationId, clientId: `c${n}`, content });
  }
  await wires[1].until(() => heard(wires[1], conversationId).length === 20);
  const { sum, gateways: [own] } = await call(boss, "admin.figures", {});
  assert.ok(sum.connections >= 2 && sum.users >= 2 && own.users <= own.connections);
  assert.ok(sum.messagesPerSecond > 0 && sum.deliveriesPerSecond >= sum.messagesPerSecond);
  assert.ok(sum.ackMs!.p50 > 0 && sum.ackMs!.p50 <= sum.ackMs!.p99);
  assert.ok(own.memoryBytes > 10_000_000 && own.loopDelayMs !== null);
  // Behind dbproxies it is them that append.
  if (!onCluster) assert.ok("append" in own.queues);
  assert.match(own.name, /:\d+$/);
  // Each gateway that was asked says it once.
  const { lines } = await call(boss, "admin.audit", { act: "admin.figures" });
  assert.ok(lines.length >= 1 && lines.length <= before.gateways.length, `${lines.length} lines`);
  for (const wire of wires) await wire.close();
});
