import assert from "node:assert/strict";
import { type OperationName, operations } from "../../wire/operations.ts";
import { botAccessOf, type Scope, SCOPES, suffices } from "../../wire/scopes.ts";
import { freshName, hasCode, heard, type Person, register, rest, Wire } from "../support/people.ts";
import { firstAdmin } from "../support/first_admin.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";

/** Bots at both doors: what their tokens open, and for how long. */

let data: ReturnType<typeof tempFolder>;
let server: Server;
let url: string;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path, args: ["--max-bots-per-user", "3"] });
  url = server.url;
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

interface Bot {
  id: string;
  username: string;
  tokenId: string;
  secret: string;
}

async function bot(owner: Person, scopes: Scope[] = [...SCOPES]): Promise<Bot> {
  const username = freshName("bot");
  const { id } = await rest(url, "bot.create", { username, displayName: "Robot" }, owner.accessToken);
  const made = await rest(url, "bot.createToken", { botId: id, name: "t", scopes }, owner.accessToken);
  return { id, username, tokenId: made.token.id, secret: made.secret };
}

Deno.test("a bot talks in a group like a person, and everybody sees that it is a bot, and whose", async () => {
  const owner = await register(url);
  const robot = await bot(owner);
  assert.match(robot.secret, /^imb_\d+_[A-Za-z0-9_-]{43}$/);
  const group = await rest(url, "group.create", { title: "g", memberIds: [robot.id] }, owner.accessToken);
  const [wire, botWire] = [await Wire.open(url, owner.accessToken), await Wire.open(url, robot.secret)];
  const sent = { conversationId: group.id, clientId: "1", content: { type: "text", text: "beep" } } as const;
  const { seq } = await botWire.call("message.send", sent);
  await wire.until(() => heard(wire, group.id).some((entry) => entry.seq === seq));
  const { members } = await wire.call("conversation.members", { conversationId: group.id });
  const shown = members.find(({ user }) => user.id === robot.id)!.user;
  assert.deepEqual(shown, {
    id: robot.id,
    username: robot.username,
    displayName: "Robot",
    bot: true,
    ownerId: owner.id,
  });
  const person = members.find(({ user }) => user.id === owner.id)!.user;
  assert.equal("bot" in person, false);
  assert.equal((await rest(url, "user.me", {}, robot.secret)).id, robot.id);
  await wire.close();
  await botWire.close();
});

Deno.test("nobody logs in as a bot, and its token is no refresh token", async () => {
  const owner = await register(url);
  const { username, secret } = await bot(owner);
  for (const password of ["", "correct horse battery", secret]) {
    await assert.rejects(rest(url, "auth.login", { username, password }), hasCode("invalid_credentials"));
  }
  await assert.rejects(rest(url, "auth.refresh", { refreshToken: secret }), hasCode("token_invalid"));
});

Deno.test("each operation takes the scope that the table says, and no other, at both doors", async () => {
  const owner = await register(url);
  const { id: botId } = await rest(url, "bot.create", { username: freshName("bot") }, owner.accessToken);
  for (const scope of SCOPES) {
    const made = await rest(
      url,
      "bot.createToken",
      { botId, name: scope, scopes: [scope] },
      owner.accessToken,
    );
    const wire = await Wire.open(url, made.secret);
    for (const name of Object.keys(operations) as OperationName[]) {
      const operation = operations[name];
      if (operation.access === "public") continue;
      const needed = botAccessOf(name, operation);
      // With nothing in it: whoever may call it is told what is missing, or gets an answer.
      const code = await wire.raw(name, {}).then(() => "ok", (error) => error.code);
      const refused = needed === "never" ? "forbidden" : suffices([scope], needed) ? null : "scope_missing";
      if (refused) assert.equal(code, refused, `${name} with ${scope}`);
      else assert.ok(!["forbidden", "scope_missing"].includes(code), `${name} with ${scope}: ${code}`);
    }
    await wire.close();
    const heads = rest(url, "sync.heads", {}, made.secret);
    if (scope === "messages:read") await heads;
    else await assert.rejects(heads, hasCode("scope_missing"));
    await assert.rejects(rest(url, "session.list", {}, made.secret), hasCode("forbidden"));
    await assert.rejects(rest(url, "bot.list", {}, made.secret), hasCode("forbidden"));
    await assert.rejects(rest(url, "admin.users", {}, made.secret), hasCode("forbidden"));
  }
});

Deno.test("a revoked token, and a rotated one, is no good within two seconds, and its sockets are closed", async () => {
  const owner = await register(url);
  const robot = await bot(owner);
  for (const how of ["rotate", "revoke"] as const) {
    const { bots: [{ tokens: [token] }] } = await rest(url, "bot.list", {}, owner.accessToken);
    const secret = how === "rotate" ? robot.secret : rotated!;
    const wire = await Wire.open(url, secret);
    const place = { botId: robot.id, tokenId: token.id };
    const from = performance.now();
    if (how === "revoke") await rest(url, "bot.revokeToken", place, owner.accessToken);
    else rotated = (await rest(url, "bot.rotateToken", place, owner.accessToken)).secret;
    assert.deepEqual(await wire.closed, { code: 4001, reason: '{"code":"session_ended"}' });
    await assert.rejects(rest(url, "user.me", {}, secret), hasCode("session_ended"));
    assert.ok(performance.now() - from < 2_000);
  }
  const { bots: [{ tokens }] } = await rest(url, "bot.list", {}, owner.accessToken);
  assert.deepEqual(tokens, []);
});
let rotated: string | undefined;

Deno.test("what looks like a token and is none is refused", async () => {
  const { secret, tokenId } = await bot(await register(url));
  const other = `${secret.slice(0, -1)}${secret.endsWith("A") ? "E" : "A"}`;
  for (
    const odd of [
      other,
      "imb_",
      `imb_${tokenId}_`,
      `${secret}x`,
      secret.replace(tokenId, `${Number(tokenId) + 1}`),
    ]
  ) {
    await assert.rejects(rest(url, "user.me", {}, odd), hasCode("token_invalid"));
  }
});

Deno.test("an owner has only so many bots, and only their own", async () => {
  const [owner, other] = [await register(url), await register(url)];
  const robots = [await bot(owner), await bot(owner), await bot(owner)];
  await assert.rejects(bot(owner), hasCode("too_many"));
  await bot(other);
  const { bots } = await rest(url, "bot.list", {}, owner.accessToken);
  assert.deepEqual(bots.map(({ id }) => id).sort(), robots.map(({ id }) => id).sort());
  assert.ok(!JSON.stringify(bots).includes("imb_"), "a secret is shown once");
  const [{ id: botId, tokenId }] = robots;
  await assert.rejects(
    rest(url, "bot.revokeToken", { botId, tokenId }, other.accessToken),
    hasCode("not_found"),
  );
  const renamed = await rest(url, "bot.update", { botId, displayName: "新名" }, owner.accessToken);
  assert.deepEqual([renamed.displayName, renamed.ownerId], ["新名", owner.id]);
});

Deno.test("a deleted bot leaves its groups and is logged out; another may take its place", async () => {
  const owner = await register(url);
  const robot = await bot(owner);
  await bot(owner);
  await bot(owner);
  const group = await rest(url, "group.create", { title: "g", memberIds: [robot.id] }, owner.accessToken);
  const [wire, botWire] = [await Wire.open(url, owner.accessToken), await Wire.open(url, robot.secret)];
  await rest(url, "bot.delete", { botId: robot.id }, owner.accessToken);
  assert.equal((await botWire.closed).code, 4001);
  await assert.rejects(rest(url, "user.me", {}, robot.secret), hasCode("session_ended"));
  await wire.until(() => heard(wire, group.id).length === 1);
  const { members } = await wire.call("conversation.members", { conversationId: group.id });
  assert.deepEqual(members.map(({ user }) => user.id), [owner.id]);
  await bot(owner);
  await wire.close();
});

Deno.test("a bot whose owner is disabled stops", async () => {
  const boss = (await firstAdmin(server)).accessToken;
  const owner = await register(url);
  const { secret } = await bot(owner);
  const wire = await Wire.open(url, secret);
  await rest(url, "admin.disable", { userId: owner.id }, boss);
  assert.equal((await wire.closed).code, 4001);
  await assert.rejects(rest(url, "user.me", {}, secret), hasCode("session_ended"));
});
