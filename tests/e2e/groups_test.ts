import assert from "node:assert/strict";
import type { Entry } from "../../wire/schemas.ts";
import { hasCode, heard, rest, type Wire } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";
import { hangUp, inbox, say, settle, type Talker, talker, textsOf } from "../support/talkers.ts";

/** Groups and who governs them, over both doors, with everyone listening. */

let data: ReturnType<typeof tempFolder>;
let server: Server;
let url: string;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path, args: ["--max-group-members=6"] });
  url = server.url;
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

const FOREVER = Number.MAX_SAFE_INTEGER;

/** What a socket heard of a group: the kinds in order. */
const kinds = (wire: Wire, id: string) => (heard(wire, id) as unknown as Entry[]).map(({ kind }) => kind);
const entriesOf = (wire: Wire, id: string) => heard(wire, id) as unknown as Entry[];

async function hears(wire: Wire, id: string, kind: Entry["kind"]): Promise<Entry> {
  await wire.until(() => kinds(wire, id).includes(kind));
  return entriesOf(wire, id).findLast((entry) => entry.kind === kind)!;
}

async function society(): Promise<{ id: string; owner: Talker; admin: Talker; bob: Talker; carl: Talker }> {
  const [owner, admin, bob, carl] = await Promise.all([1, 2, 3, 4].map(() => talker(url)));
  const group = { title: "社团", memberIds: [admin.id, bob.id, carl.id], description: "about us" };
  const { id } = await owner.wires[0].call("group.create", group);
  await owner.wires[0].call("group.setRole", { conversationId: id, userId: admin.id, role: "admin" });
  for (const { wires: [wire] } of [owner, admin, bob, carl]) await hears(wire, id, "member.role");
  return { id, owner, admin, bob, carl };
}

Deno.test("what a group is called and allows is changed at one door and told at the other", async () => {
  const { id: conversationId, owner, admin, bob, carl } = await society();
  const change = {
    title: "读书会",
    avatar: "https://files.example/a.png",
    whoInvites: "members",
    approval: true,
  } as const;
  const { seq } = await rest(url, "group.update", { conversationId, ...change }, admin.accessToken);
  const entry = await hears(bob.wires[0], conversationId, "group.updated");
  assert.deepEqual([entry.seq, entry.senderId, entry.content], [seq, admin.id, change]);
  assert.deepEqual(await admin.wires[0].call("group.update", { conversationId, ...change }), { seq: null });
  await admin.wires[0].call("group.announce", { conversationId, text: "周五见！\n8 pm" });
  await bob.wires[0].call("group.setNickname", { conversationId, nickname: "小白" });
  const group = await rest(url, "group.get", { conversationId }, bob.accessToken);
  const { announcement, createdAt, ...seen } = group;
  assert.deepEqual(seen, {
    id: conversationId,
    title: "读书会",
    avatar: "https://files.example/a.png",
    description: "about us",
    whoInvites: "members",
    whoChangesInfo: "admins",
    whoWrites: "members",
    approval: true,
    historyForNewMembers: false,
    mutedUntil: null,
    memberCount: 4,
    myNickname: "小白",
    myMutedUntil: null,
  });
  assert.deepEqual([announcement?.text, announcement?.by], ["周五见！\n8 pm", admin.id]);
  assert.ok(announcement!.at >= createdAt);
  const { title, avatar } = await carl.wires[0].call("conversation.get", { conversationId });
  assert.deepEqual([title, avatar], ["读书会", "https://files.example/a.png"]);
  const found = await rest(url, "conversation.members", { conversationId, query: "小" }, carl.accessToken);
  assert.deepEqual(found.members.map(({ user, nickname }) => [user.id, nickname]), [[bob.id, "小白"]]);
  const admins = await carl.wires[0].call("conversation.members", { conversationId, role: "admin" });
  assert.deepEqual(admins.members.map(({ user }) => user.id), [admin.id]);
  await assert.rejects(
    bob.wires[0].call("group.update", { conversationId, title: "bob's" }),
    hasCode("forbidden"),
  );
  await hangUp(owner, admin, bob, carl);
});

Deno.test("who is taken out or banned hears that and nothing after it, live and by every read (P5)", async () => {
  const { id: conversationId, owner, admin, bob, carl } = await society();
  const [toBob, toCarl] = [bob.wires[0], carl.wires[0]];
  await say(owner.wires[0], conversationId, "before");
  const place = { conversationId, userId: bob.id };
  const { seq } = await rest(url, "group.removeMember", place, admin.accessToken);
  const { seq: banned } = await admin.wires[0].call("group.ban", { conversationId, userId: carl.id });
  for (let i = 0; i < 10; i++) await say(owner.wires[0], conversationId, `after ${i}`);
  for (const [wire, end, reason] of [[toBob, seq, "removed"], [toCarl, banned, "banned"]] as const) {
    await wire.until(() => inbox(wire).some(({ content }) => content.reason === reason));
    await settle(wire, owner);
    assert.equal(entriesOf(wire, conversationId).at(-1)!.seq, end);
    await assert.rejects(say(wire, conversationId, "still here?"), hasCode("conversation_not_found"));
    const { entries, lastSeq } = await wire.call("log.read", { conversationId });
    assert.deepEqual([entries.at(-1)!.seq, lastSeq], [end, end]);
  }
  const bans = await rest(url, "group.bans", { conversationId }, owner.accessToken);
  assert.deepEqual(bans.bans.map(({ user, bannedBy }) => [user.id, bannedBy]), [[carl.id, admin.id]]);
  const add = (...memberIds: string[]) =>
    owner.wires[0].call("group.addMembers", { conversationId, memberIds });
  await assert.rejects(add(carl.id), hasCode("banned"));
  await add(bob.id);
  await rest(url, "group.unban", { conversationId, userId: carl.id }, admin.accessToken);
  await add(carl.id);
  await say(owner.wires[0], conversationId, "again");
  for (const wire of [toBob, toCarl]) {
    await wire.until(() => textsOf(heard(wire, conversationId)).includes("again"));
    assert.ok(
      !textsOf(heard(wire, conversationId)).includes("after 5"),
      "what was said between is not theirs",
    );
    const { messages } = await wire.call("message.history", { conversationId });
    assert.deepEqual(textsOf(messages), ["again"], "nor what was said before: who comes back begins anew");
  }
  await hangUp(owner, admin, bob, carl);
});

Deno.test("muted, alone or with all, and read-only: each has its code, at both doors, and ends", async () => {
  const { id: conversationId, owner, admin, bob, carl } = await society();
  const speak = async (code: string, { accessToken, wires: [wire] }: Talker) => {
    const content = { type: "text", text: "hm" } as const;
    const message = { conversationId, clientId: `${code}-rest`, content };
    await assert.rejects(rest(url, "message.send", message, accessToken), hasCode(code));
    await assert.rejects(say(wire, conversationId, "hm"), hasCode(code));
  };
  const mute = (userId: string, until: number | null) =>
    rest(url, "group.mute", { conversationId, userId, until }, admin.accessToken);
  await mute(bob.id, FOREVER);
  await speak("muted", bob);
  await assert.rejects(
    bob.wires[0].call("typing.set", { conversationId, on: true }),
    hasCode("muted"),
  );
  const { mutedUntil } = await bob.wires[0].call("conversation.get", { conversationId });
  assert.equal(mutedUntil, FOREVER);
  await say(carl.wires[0], conversationId, "I may");
  await mute(bob.id, null);
  await say(bob.wires[0], conversationId, "again");

  await admin.wires[0].call("group.muteAll", { conversationId, until: Date.now() + 1500 });
  await speak("muted", carl);
  await say(admin.wires[0], conversationId, "order!");
  await new Promise((resolve) => setTimeout(resolve, 1600));
  await say(carl.wires[0], conversationId, "over");

  await owner.wires[0].call("group.update", { conversationId, whoWrites: "admins" });
  await speak("read_only", carl);
  await say(owner.wires[0], conversationId, "news");
  await carl.wires[0].until(() => textsOf(heard(carl.wires[0], conversationId)).includes("news"));
  assert.equal(
    (await carl.wires[0].call("conversation.get", { conversationId })).onlyAdminsWrite,
    true,
  );
  await hangUp(owner, admin, bob, carl);
});

Deno.test("an invitation: shown, used, used up, revoked; with approval an admin lets in, and the asker is told", async () => {
  const { id: conversationId, owner, admin, bob, carl } = await society();
  const [dora, emil] = [await talker(url), await talker(url)];
  const [ask, other] = [dora.wires[0], emil.wires[0]];
  const once = await rest(url, "group.createLink", { conversationId, maxUses: 1 }, admin.accessToken);
  assert.match(once.code, /^[A-Za-z0-9_-]{22}$/);
  const { title, memberCount, approval } = await ask.call("group.preview", { code: once.code });
  assert.deepEqual([title, memberCount, approval], ["社团", 4, false]);
  const joined = await rest(url, "group.join", { code: once.code }, dora.accessToken);
  assert.deepEqual([joined.state, joined.conversation?.id], ["joined", conversationId]);
  await say(bob.wires[0], conversationId, "welcome");
  await ask.until(() => textsOf(heard(ask, conversationId)).includes("welcome"));
  await assert.rejects(other.call("group.join", { code: once.code }), hasCode("link_invalid"));
  const past = { conversationId, expiresAt: 1 };
  await assert.rejects(admin.wires[0].call("group.createLink", past), hasCode("invalid_params"));

  await owner.wires[0].call("group.update", { conversationId, approval: true });
  const { code } = await owner.wires[0].call("group.createLink", { conversationId });
  const { state, conversation } = await other.call("group.join", { code, note: "please" });
  assert.deepEqual([state, conversation], ["requested", null]);
  for (const { wires: [wire] } of [owner, admin]) {
    await wire.until(() => inbox(wire).some(({ kind }) => kind === "group.requested"));
  }
  assert.ok(!inbox(bob.wires[0]).some(({ kind }) => kind === "group.requested"));
  const { requests } = await rest(url, "group.requests", { conversationId }, admin.accessToken);
  assert.deepEqual(requests.map(({ user, note }) => [user.id, note]), [[emil.id, "please"]]);
  const place = { conversationId, userId: emil.id };
  await rest(url, "group.reject", place, admin.accessToken);
  const answered = () =>
    inbox(other).filter(({ kind }) => kind === "group.answered").map(({ content }) => content.approved);
  await other.until(() => answered().length === 1);
  await other.call("group.join", { code });
  await rest(url, "group.approve", place, admin.accessToken);
  await other.until(() => answered().length === 2);
  assert.deepEqual(answered(), [false, true]);
  await say(emil.wires[0], conversationId, "thanks");
  await bob.wires[0].until(() => textsOf(heard(bob.wires[0], conversationId)).includes("thanks"));

  // Six are all that this server allows.
  const late = await talker(url);
  const full = owner.wires[0].call("group.addMembers", { conversationId, memberIds: [late.id] });
  await assert.rejects(full, hasCode("too_large"));
  await admin.wires[0].call("group.revokeLink", { conversationId, code });
  await assert.rejects(late.wires[0].call("group.preview", { code }), hasCode("link_invalid"));
  assert.deepEqual((await admin.wires[0].call("group.links", { conversationId })).links, []);
  await hangUp(owner, admin, bob, carl, dora, emil, late);
});

Deno.test("a newcomer learns by no push and no read what was said before, unless the group shows it", async () => {
  const { id: conversationId, owner, admin, bob, carl } = await society();
  const chief = owner.wires[0];
  const { seq } = await say(chief, conversationId, "secret");
  const newcomer = await talker(url);
  await chief.call("group.addMembers", { conversationId, memberIds: [newcomer.id] });
  const [wire] = newcomer.wires;
  await hears(wire, conversationId, "member.added");
  const content = { type: "text", text: "secret still" } as const;
  await chief.call("message.edit", { conversationId, seq, content });
  await bob.wires[0].call("reaction.add", { conversationId, seq, emoji: "🤫" });
  const edited = await hears(wire, conversationId, "message.edited");
  assert.deepEqual(edited.content, { target: seq, content: { type: "hidden" } });
  assert.deepEqual((await hears(wire, conversationId, "reaction.added")).content, { target: seq });
  assert.deepEqual((await hears(carl.wires[0], conversationId, "message.edited")).content, {
    target: seq,
    content,
  });
  const { entries } = await rest(url, "log.read", { conversationId }, newcomer.accessToken);
  assert.deepEqual(entries, entriesOf(wire, conversationId), "read as it was pushed");
  // On a connection made later, too.
  const again = await talker(url);
  await chief.call("group.update", { conversationId, historyForNewMembers: true });
  await chief.call("group.addMembers", { conversationId, memberIds: [again.id] });
  const { messages } = await again.wires[0].call("message.history", { conversationId });
  assert.deepEqual(textsOf(messages), ["secret still"]);
  await chief.call("message.edit", { conversationId, seq, content: { type: "text", text: "no more" } });
  await again.wires[0].until(() => kinds(again.wires[0], conversationId).includes("message.edited"));
  assert.equal(JSON.stringify(entriesOf(again.wires[0], conversationId)).includes("no more"), true);
  await settle(wire, owner);
  assert.equal(JSON.stringify(wire.notifications).includes("no more"), false);
  await hangUp(owner, admin, bob, carl, newcomer, again);
});

Deno.test("a group is passed on, and dissolved: everyone hears the last entry, and the log stays", async () => {
  const { id: conversationId, owner, admin, bob, carl } = await society();
  await owner.wires[0].call("group.transfer", { conversationId, userId: bob.id });
  await hears(carl.wires[0], conversationId, "group.transferred");
  assert.equal((await bob.wires[0].call("conversation.get", { conversationId })).role, "owner");
  assert.equal((await owner.wires[0].call("conversation.get", { conversationId })).role, "admin");
  await assert.rejects(owner.wires[0].call("group.dissolve", { conversationId }), hasCode("forbidden"));
  await say(carl.wires[0], conversationId, "last words");
  await rest(url, "group.dissolve", { conversationId }, bob.accessToken);
  for (const one of [owner, admin, bob, carl]) {
    const { seq } = await hears(one.wires[0], conversationId, "group.dissolved");
    await one.wires[0].until(() => inbox(one.wires[0]).some(({ content }) => content.reason === "dissolved"));
    await assert.rejects(say(one.wires[0], conversationId, "hello?"), hasCode("group_dissolved"));
    const { messages } = await rest(url, "message.history", { conversationId }, one.accessToken);
    assert.deepEqual(textsOf(messages), ["last words"]);
    const { lastSeq } = await rest(url, "log.read", { conversationId }, one.accessToken);
    assert.equal(lastSeq, seq);
    const { conversations } = await rest(url, "conversation.list", {}, one.accessToken);
    assert.ok(!conversations.some(({ id }) => id === conversationId));
  }
  await hangUp(owner, admin, bob, carl);
});
