import assert from "node:assert/strict";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { eventually } from "../support/browser.ts";
import { hasCode, type Person, register, rest, Wire } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { inbox } from "../support/talkers.ts";

/** People on one server, and short words for what they do. */
async function on(server: Server, count: number) {
  const people = await Promise.all(Array.from({ length: count }, () => register(server.url)));
  const call = <N extends OperationName>(who: Person, name: N, input: Input<N>): Promise<Output<N>> =>
    rest(server.url, name, input, who.accessToken);
  const befriend = async (one: Person, other: Person) => {
    await call(one, "friend.request", { userId: other.id });
    await call(other, "friend.accept", { userId: one.id });
  };
  return { people, call, befriend };
}

Deno.test("a request is seen by both, taken back or turned down; both directions are listed", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { people: [ann, bob, carl], call } = await on(server, 3);
  const asked = async (who: Person, direction: "received" | "sent") => {
    const { requests } = await call(who, "friend.requests", { direction });
    return requests.map(({ user, note, at, expiresAt }) => {
      assert.equal(expiresAt, at + 30 * 24 * 3_600_000);
      return [user.id, note];
    });
  };
  assert.deepEqual(await call(ann, "friend.request", { userId: bob.id, note: "it's me" }), {
    state: "requested",
  });
  await call(carl, "friend.request", { userId: ann.id });
  assert.deepEqual([await asked(ann, "sent"), await asked(ann, "received")], [[[bob.id, "it's me"]], [[
    carl.id,
    "",
  ]]]);
  assert.deepEqual([await asked(bob, "received"), await asked(bob, "sent")], [[[ann.id, "it's me"]], []]);
  await assert.rejects(call(bob, "friend.withdraw", { userId: ann.id }), hasCode("request_not_found"));
  await call(ann, "friend.withdraw", { userId: bob.id });
  await assert.rejects(call(bob, "friend.accept", { userId: ann.id }), hasCode("request_not_found"));
  await call(ann, "friend.reject", { userId: carl.id });
  for (const who of [ann, bob, carl]) {
    for (const direction of ["received", "sent"] as const) assert.deepEqual(await asked(who, direction), []);
  }
});

Deno.test("friends are listed with remark, tags and presence; every device of mine learns what I noted", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { people: [ann, bob, carl], call, befriend } = await on(server, 3);
  await befriend(ann, bob);
  await befriend(ann, carl);
  const [wire, theirs] = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  const noted = await call(ann, "friend.configure", { userId: bob.id, remark: "老张", tags: ["work", "家"] });
  assert.deepEqual(noted, { remark: "老张", tags: ["work", "家"] });
  await wire.until(() => inbox(wire).length > 0);
  assert.deepEqual(inbox(wire).map(({ kind, content }) => [kind, content]), [
    ["friend.configured", { userId: bob.id, remark: "老张", tags: ["work", "家"] }],
  ]);
  const listed = async (input: Input<"friend.list">) =>
    (await call(ann, "friend.list", input)).friends.map(({ user, remark, tags, presence }) => ({
      id: user.id,
      remark,
      tags,
      online: presence?.online,
    }));
  const shown = [
    { id: bob.id, remark: "老张", tags: ["work", "家"], online: true },
    { id: carl.id, remark: null, tags: [], online: false },
  ].sort((a, b) => Number(a.id) - Number(b.id));
  assert.deepEqual(await listed({}), shown);
  assert.deepEqual(await listed({ tag: "家" }), shown.filter(({ id }) => id === bob.id));
  assert.deepEqual(
    await listed({ presence: false }),
    shown.map((friend) => ({ ...friend, online: undefined })),
  );
  assert.deepEqual((await call(ann, "friend.tags", {})).tags, [
    { tag: "work", friends: 1 },
    { tag: "家", friends: 1 },
  ]);
  assert.deepEqual((await call(bob, "friend.list", {})).friends.map(({ remark, tags }) => [remark, tags]), [[
    null,
    [],
  ]]);
  await theirs.close();
  await eventually(async () => (await listed({}))[shown.findIndex(({ id }) => id === bob.id)].online, false);
  const lastSeen = async () =>
    (await call(ann, "friend.list", { tag: "work" })).friends[0].presence!.lastSeenAt;
  await eventually(async () => (await lastSeen() ?? 0) > Date.now() - 60_000, true);
  await call(ann, "friend.configure", { userId: bob.id, remark: null });
  assert.deepEqual((await listed({ tag: "work" }))[0].remark, null);
  for (const tags of [["a\nb"], [""], ["x".repeat(33)], Array.from({ length: 11 }, (_, i) => `t${i}`)]) {
    const configure = call(ann, "friend.configure", { userId: bob.id, tags });
    await assert.rejects(configure, hasCode("invalid_params"));
  }
  await wire.close();
});

Deno.test("a device asks what has changed since a version, in pages, and gets no more than that", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { people: [ann, bob, carl, dora], call, befriend } = await on(server, 4);
  const synced = async (since: number, limit = 1) => {
    const [changed, removed]: [string[], string[]] = [[], []];
    let page = await call(ann, "friend.sync", { since, limit });
    const { full } = page;
    for (;;) {
      changed.push(...page.changed.map(({ user, state }) => `${user.id} ${state}`));
      removed.push(...page.removed);
      if (page.nextCursor === null) return { changed, removed, full, version: page.version };
      page = await call(ann, "friend.sync", { cursor: page.nextCursor, limit });
    }
  };
  await befriend(ann, bob);
  await call(carl, "friend.request", { userId: ann.id, note: "hi" });
  await call(ann, "block.add", { userId: dora.id });
  const first = await synced(0);
  assert.deepEqual(first.changed, [`${bob.id} friends`, `${carl.id} invited`, `${dora.id} blocked`]);
  assert.deepEqual([first.removed, first.full], [[], true]);
  await call(bob, "friend.remove", { userId: ann.id });
  await call(ann, "friend.accept", { userId: carl.id });
  const then = await synced(first.version);
  assert.deepEqual(then, {
    changed: [`${carl.id} friends`],
    removed: [bob.id],
    full: false,
    version: then.version,
  });
  assert.deepEqual(await synced(then.version), { ...then, changed: [], removed: [] });
  assert.ok((await synced(then.version + 99)).full, "a version of another store");
});

Deno.test("a block stops messages, requests, presence, typing and being put into a group, until it is lifted", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { people: [ann, bob, carl], call, befriend } = await on(server, 3);
  await befriend(ann, bob);
  const { id } = await call(ann, "conversation.openDirect", { userId: bob.id });
  const wires = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  let sends = 0;
  const deeds: [string, (who: Person, other: Person) => Promise<unknown>][] = [
    ["message", (who) => {
      const content = { type: "text", text: "hello" } as const;
      return call(who, "message.send", { conversationId: id, clientId: `c${sends++}`, content });
    }],
    ["request", (who, other) => call(who, "friend.request", { userId: other.id })],
    ["typing", (who) => call(who, "typing.set", { conversationId: id, on: true })],
    ["group", (who, other) => call(who, "group.create", { title: "g", memberIds: [other.id] })],
  ];
  const online = async (who: Person, other: Person) =>
    (await call(who, "presence.get", { userIds: [other.id] })).presences.length;
  assert.deepEqual([await online(ann, bob), await online(bob, ann)], [1, 1]);
  await call(ann, "block.add", { userId: bob.id });
  for (const [what, deed] of deeds) await assert.rejects(deed(bob, ann), hasCode("blocked"), what);
  const group = await call(bob, "group.create", { title: "g", memberIds: [carl.id] });
  const add = call(bob, "group.addMembers", { conversationId: group.id, memberIds: [ann.id] });
  await assert.rejects(add, hasCode("blocked"));
  assert.deepEqual([await online(ann, bob), await online(bob, ann)], [0, 0], "neither sees the other");
  assert.deepEqual((await call(bob, "friend.list", {})).friends, []);
  assert.deepEqual((await call(ann, "block.list", {})).users.map((user) => user.id), [bob.id]);
  await call(ann, "block.remove", { userId: bob.id });
  for (const [, deed] of deeds) await deed(bob, ann);
  assert.deepEqual([await online(ann, bob), await online(bob, ann)], [1, 1]);
  for (const wire of wires) await wire.close();
});

Deno.test("a block stops a new direct conversation: nothing comes into the blocker's list or inbox", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { people: [bob, carol], call } = await on(server, 2);
  await call(bob, "block.add", { userId: carol.id });
  const before = await call(bob, "inbox.read", {});
  await assert.rejects(call(carol, "conversation.openDirect", { userId: bob.id }), hasCode("blocked"));
  assert.deepEqual(await call(bob, "inbox.read", {}), before);
  assert.deepEqual((await call(bob, "conversation.list", {})).conversations, []);
  const { id } = await call(bob, "conversation.openDirect", { userId: carol.id });
  assert.equal(
    (await call(carol, "conversation.openDirect", { userId: bob.id })).id,
    id,
    "an existing one is answered",
  );
});

Deno.test("friends only: strangers open nothing, and what was friends' falls silent when they part", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: ["--direct-policy", "friends"] });
  const { people: [ann, bob], call, befriend } = await on(server, 2);
  const open = () => call(ann, "conversation.openDirect", { userId: bob.id });
  await assert.rejects(open(), hasCode("not_friends"));
  await befriend(ann, bob);
  const { id: conversationId } = await open();
  const content = { type: "text", text: "hello" } as const;
  const { seq } = await call(bob, "message.send", { conversationId, clientId: "1", content });
  await call(bob, "friend.remove", { userId: ann.id });
  for (const who of [ann, bob]) {
    const deeds: [OperationName, Record<string, unknown>][] = [
      ["message.send", { clientId: "2", content }],
      ["message.edit", { seq, content }],
      ["reaction.add", { seq, emoji: "👍" }],
      ["typing.set", { on: true }],
    ];
    for (const [name, input] of deeds) {
      const deed = call(who, name, { conversationId, ...input } as never);
      await assert.rejects(deed, hasCode("not_friends"), name);
    }
    const { messages } = await call(who, "message.history", { conversationId });
    assert.equal(messages.length, 1, "what was said stays to be read");
  }
  await call(ann, "group.create", { title: "g", memberIds: [bob.id] });
  await befriend(ann, bob);
  await call(ann, "message.send", { conversationId, clientId: "2", content });
});
