import assert from "node:assert/strict";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { freshName, hasCode, heard, type Person, register, rest, Wire } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";
import { inbox } from "../support/talkers.ts";

const password = "correct horse battery";
const hello = { type: "text", text: "hello" } as const;

function caller(url: string) {
  return <N extends OperationName>(who: Person, name: N, input: Input<N>): Promise<Output<N>> =>
    rest(url, name, input, who.accessToken);
}

Deno.test("a profile on both doors: what oneself sees, what others see, what nobody may write", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [ann, bob, eve] = [
    await register(server.url),
    await register(server.url),
    await register(server.url),
  ];
  const call = caller(server.url);
  const wire = await Wire.open(server.url, ann.accessToken);
  const custom = { team: ["red", { n: 1 }], 喜欢: null };
  await wire.call("user.update", {
    displayName: "Ann 安",
    avatar: "https://example.org/a.png",
    bio: "two\nlines",
    statusText: "away",
    custom,
    email: "ann@example.org",
    phone: "+43 1 234",
  });
  await wire.until(() => inbox(wire).length === 1);
  assert.equal(inbox(wire)[0].kind, "profile.changed");
  const said = { bio: "two\nlines", custom };
  const shown = { id: ann.id, username: ann.username, displayName: "Ann 安" };
  const beside = { avatar: "https://example.org/a.png", statusText: "away" };
  assert.deepEqual(await call(bob, "user.get", { userId: ann.id }), { ...shown, ...beside, ...said });
  const me = await call(ann, "user.me", {});
  assert.deepEqual([me.email, me.phone, me.privacy, me.renamedAt], [
    "ann@example.org",
    "+43 1 234",
    { findBy: "everyone", writeBy: "everyone", seenBy: "everyone" },
    null,
  ]);
  await call(ann, "block.add", { userId: eve.id });
  assert.deepEqual(await call(eve, "user.get", { userId: ann.id }), shown, "a name and no more");
  assert.deepEqual((await call(eve, "user.search", { query: "Ann 安" })).users, []);
  assert.deepEqual((await call(bob, "user.search", { query: "Ann 安" })).users, [{ ...shown, ...beside }]);

  const bad: Input<"user.update">[] = [
    { email: "no address" },
    { avatar: "javascript:alert(1)" },
    { phone: "call me" },
    { bio: "x".repeat(1001) },
    { statusText: "two\nlines" },
    { custom: { big: "x".repeat(4096) } },
    { custom: { nul: "\0" } },
    { displayName: "" },
  ];
  for (const input of bad) {
    await assert.rejects(
      call(ann, "user.update", input),
      hasCode("invalid_params"),
      JSON.stringify(input).slice(0, 50),
    );
    await assert.rejects(wire.call("user.update", input), hasCode("invalid_params"));
  }
  const less = await wire.call("user.update", { email: "", custom: {}, statusText: "" });
  assert.deepEqual([less.email, less.custom, less.statusText, less.bio], [
    undefined,
    undefined,
    undefined,
    "two\nlines",
  ]);
  await wire.close();
});

Deno.test("a new password needs the old one and logs every other device out; a new name waits for its time", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const ann = await register(server.url);
  const call = caller(server.url);
  const other = await rest(server.url, "auth.login", { username: ann.username, password });
  const [here, there] = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, other.accessToken!),
  ];
  const wrong = call(ann, "user.setPassword", { oldPassword: "a guess", newPassword: "a better password" });
  await assert.rejects(wrong, hasCode("invalid_credentials"));
  const change = { oldPassword: password, newPassword: "a better password" };
  const before = performance.now();
  assert.deepEqual(await here.call("user.setPassword", change), { ended: 1 });
  assert.equal((await there.closed).code, 4001);
  assert.ok(performance.now() - before < 2_000);
  await assert.rejects(
    rest(server.url, "auth.refresh", { refreshToken: other.refreshToken }),
    hasCode("session_ended"),
  );
  await assert.rejects(
    rest(server.url, "auth.login", { username: ann.username, password }),
    hasCode("invalid_credentials"),
  );
  await rest(server.url, "auth.login", { username: ann.username, password: "a better password" });

  const name = freshName("new");
  assert.equal((await here.call("user.setUsername", { username: name })).username, name);
  await assert.rejects(call(ann, "user.setUsername", { username: freshName() }), hasCode("rate_limited"));
  await assert.rejects(call(ann, "user.setUsername", { username: "admin" }), hasCode("username_invalid"));
  await assert.rejects(register(server.url, ann.username), hasCode("username_taken"));
  await rest(server.url, "auth.login", { username: name, password: "a better password" });
  await here.close();
});

Deno.test("privacy: who finds one, who may begin to write, who sees one is there", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [ann, bob, cat] = [
    await register(server.url),
    await register(server.url),
    await register(server.url),
  ];
  const call = caller(server.url);
  await call(bob, "friend.request", { userId: ann.id });
  await call(ann, "friend.accept", { userId: bob.id });
  await call(cat, "conversation.openDirect", { userId: ann.id });
  const wire = await Wire.open(server.url, ann.accessToken);
  const privacy = { findBy: "friends", writeBy: "friends", seenBy: "friends" } as const;
  assert.deepEqual((await wire.call("user.setPrivacy", privacy)).privacy, privacy);
  const looks = async (who: Person) => [
    (await call(who, "user.search", { query: ann.username })).users.length,
    (await call(who, "presence.get", { userIds: [ann.id] })).presences.length,
  ];
  assert.deepEqual([await looks(bob), await looks(cat)], [[1, 1], [0, 0]]);
  await call(cat, "conversation.openDirect", { userId: ann.id });
  const dan = await register(server.url);
  await assert.rejects(call(dan, "conversation.openDirect", { userId: ann.id }), hasCode("not_friends"));
  await call(bob, "conversation.openDirect", { userId: ann.id });
  await wire.close();
});

Deno.test("a deleted account: logged out everywhere at once, gone from lists and groups, its messages stay", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const call = caller(server.url);
  await call(bob, "friend.request", { userId: ann.id });
  await call(ann, "friend.accept", { userId: bob.id });
  const direct = (await call(ann, "conversation.openDirect", { userId: bob.id })).id;
  const group = (await call(ann, "group.create", { title: "g", memberIds: [bob.id] })).id;
  await call(ann, "message.send", { conversationId: direct, clientId: "1", content: hello });
  const other = await rest(server.url, "auth.login", { username: ann.username, password });
  const [first, second, wire] = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, other.accessToken!),
    await Wire.open(server.url, bob.accessToken),
  ];
  await assert.rejects(call(ann, "user.delete", { password: "a guess" }), hasCode("invalid_credentials"));
  const before = performance.now();
  await call(ann, "user.delete", { password });
  await Promise.all([first.closed, second.closed]);
  assert.ok(performance.now() - before < 2_000);
  await assert.rejects(call(ann, "user.me", {}), hasCode("session_ended"));
  await assert.rejects(
    rest(server.url, "auth.login", { username: ann.username, password }),
    hasCode("invalid_credentials"),
  );
  await assert.rejects(
    rest(server.url, "auth.refresh", { refreshToken: ann.refreshToken }),
    (error: { code?: string }) => error.code === "session_ended" || error.code === "token_invalid",
  );
  await assert.rejects(register(server.url, ann.username), hasCode("username_taken"));

  await wire.until(() => inbox(wire).some(({ content }) => content.state === "none"));
  await wire.until(() =>
    heard(wire, group).some((entry) => (entry as { kind?: string }).kind === "member.left")
  );
  assert.deepEqual((await call(bob, "friend.list", {})).friends, []);
  assert.equal((await call(bob, "conversation.get", { conversationId: group })).role, "owner");
  const deleted = { id: ann.id, username: "", displayName: "", deleted: true as const };
  assert.deepEqual(await call(bob, "user.get", { userId: ann.id }), deleted);
  assert.deepEqual((await call(bob, "conversation.get", { conversationId: direct })).peer, deleted);
  const { messages } = await call(bob, "message.history", { conversationId: direct });
  assert.deepEqual(messages.map(({ senderId, content }) => [senderId, content.text]), [[ann.id, "hello"]]);
  const answer = call(bob, "message.send", { conversationId: direct, clientId: "2", content: hello });
  await assert.rejects(answer, hasCode("blocked"));
  await wire.close();
});
