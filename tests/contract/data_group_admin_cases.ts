import assert from "node:assert/strict";
import { type ChangeResponse, type Groups, MemberRole, Who } from "../../data/service.ts";
import { change, edit, react, recall } from "./data_changes.ts";
import { ascending, type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

const { MEMBER_ROLE_MEMBER: MEMBER, MEMBER_ROLE_ADMIN: ADMIN, MEMBER_ROLE_OWNER: OWNER } = MemberRole;
const FOREVER = Number.MAX_SAFE_INTEGER;

/** A group of an owner, an admin and two members. */
async function society(world: World) {
  const [owner, admin, bob, carl, stranger] = await world.users(5);
  const id = await world.group(owner, admin, bob, carl);
  await world.data.groups.setRole({ conversationId: id, userId: owner, memberId: admin, role: ADMIN });
  return { id, owner, admin, bob, carl, stranger };
}

/** What a change appended: the kind and the content, or nothing. */
function said({ entry }: ChangeResponse) {
  return entry ? [entry.kind, JSON.parse(entry.body)] : [];
}

export function groupAdminCases(test: Case): void {
  infoCases(test);
  roleCases(test);
  expellingCases(test);
  mutingCases(test);
  dissolvingCases(test);
  rightsCases(test);
}

function infoCases(test: Case): void {
  test("groups.update: what changes is one entry and seen by all; the same again is none", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob } = await society(world);
    const place = { conversationId: id, userId: admin };
    const info = { title: "新名字", avatar: "/a.png", description: "x".repeat(1000) };
    assert.deepEqual(said(await groups.update({ ...place, ...info })), ["group.updated", info]);
    assert.deepEqual(said(await groups.update({ ...place, ...info })), []);
    assert.deepEqual(said(await groups.update({ ...place, title: "新名字", avatar: "" })), [
      "group.updated",
      { avatar: "" },
    ]);
    const settings = {
      whoInvites: Who.WHO_MEMBERS,
      whoChangesInfo: Who.WHO_MEMBERS,
      approval: true,
      historyForNewMembers: true,
    };
    assert.deepEqual(said(await groups.update({ ...place, ...settings })), ["group.updated", {
      whoInvites: "members",
      whoChangesInfo: "members",
      approval: true,
      historyForNewMembers: true,
    }]);
    const seen = await groups.get({ conversationId: id, userId: bob });
    const expected = { ...info, avatar: "", ...settings, id, memberCount: 4, createdAt: START_MS };
    for (const [field, value] of Object.entries(expected)) {
      assert.equal(seen[field as keyof typeof seen], value, field);
    }
    const { title, avatar } = await world.view(id, owner);
    assert.deepEqual([title, avatar], ["新名字", ""]);
  });

  test("groups.update: members change what the group leaves to them, and no setting", async (world) => {
    const { groups } = world.data;
    const { id, owner, bob, stranger } = await society(world);
    const place = { conversationId: id, userId: bob };
    await rejects("forbidden", groups.update({ ...place, title: "Bob's" }));
    await rejects("forbidden", world.add(id, bob, stranger));
    await groups.update({
      conversationId: id,
      userId: owner,
      whoChangesInfo: Who.WHO_MEMBERS,
      whoInvites: Who.WHO_MEMBERS,
    });
    await groups.update({ ...place, title: "Bob's" });
    await rejects("forbidden", groups.update({ ...place, title: "Mine", approval: true }));
    assert.equal((await world.view(id, owner)).title, "Bob's");
    assert.deepEqual((await world.add(id, bob, stranger)).changedIds, [stranger]);
  });

  test("groups.announce: an entry, its author and time, until an empty one", async (world) => {
    const { groups } = world.data;
    const { id, admin, bob } = await society(world);
    world.clock.nowMs += 7;
    const place = { conversationId: id, userId: admin };
    assert.deepEqual(said(await groups.announce({ ...place, text: "Friday!" })), ["group.announced", {
      text: "Friday!",
    }]);
    assert.deepEqual(said(await groups.announce({ ...place, text: "Friday!" })), []);
    const { announcement, announcedBy, announcedAt } = await groups.get({ conversationId: id, userId: bob });
    assert.deepEqual([announcement, announcedBy, announcedAt], ["Friday!", admin, START_MS + 7]);
    await groups.announce({ ...place, text: "" });
    assert.equal((await groups.get({ conversationId: id, userId: bob })).announcement, "");
  });

  test("groups.setNickname: one's own, seen in the list of members, kept through leaving", async (world) => {
    const { groups } = world.data;
    const { id, owner, bob } = await society(world);
    const nick = { conversationId: id, userId: bob, nickname: "Bobby", nicknameKey: "bobby" };
    assert.deepEqual(said(await groups.setNickname(nick)), ["member.renamed", {
      memberId: String(bob),
      nickname: "Bobby",
    }]);
    assert.deepEqual(said(await groups.setNickname(nick)), []);
    await world.leave(id, bob);
    await world.add(id, owner, bob);
    assert.equal((await groups.get({ conversationId: id, userId: bob })).myNickname, "Bobby");
    const { members } = await world.data.conversations.members({
      conversationId: id,
      userId: owner,
      afterId: 0,
      limit: 10,
      prefix: "bob",
    });
    assert.deepEqual(members.map(({ userId, nickname }) => [userId, nickname]), [[bob, "Bobby"]]);
  });

  test("members: by role and by the beginning of a name, page by page", async (world) => {
    const [owner, ann, anna, bert, hanna] = [
      await world.user("owner"),
      await world.user("ann"),
      await world.user("x1", "Anna"),
      await world.user("bert"),
      await world.user("hanna"),
    ];
    const id = await world.group(owner, ann, anna, bert, hanna);
    await world.leave(id, hanna);
    const list = async (filter: { role?: MemberRole; prefix?: string }, limit = 10) => {
      const ids: number[] = [];
      for (let more = true; more;) {
        const request = { conversationId: id, userId: owner, afterId: ids.at(-1) ?? 0, limit, ...filter };
        const page = await world.data.conversations.members(request);
        ids.push(...page.members.map(({ userId }) => userId));
        more = page.more;
      }
      return ids;
    };
    for (const limit of [1, 2, 10]) {
      assert.deepEqual(await list({ prefix: "ann" }, limit), [ann, anna].sort(ascending));
      assert.deepEqual(await list({ role: OWNER }, limit), [owner]);
      assert.deepEqual(await list({ role: MEMBER }, limit), [ann, anna, bert].sort(ascending));
    }
    assert.deepEqual(await list({ role: OWNER, prefix: "ann" }), []);
    assert.deepEqual(await list({ prefix: "hanna" }), []);
  });
}

function roleCases(test: Case): void {
  test("groups.setRole: the owner names admins and takes it back; there is one owner", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob, carl, stranger } = await society(world);
    const set = (userId: number, memberId: number, role: MemberRole) =>
      groups.setRole({ conversationId: id, userId, memberId, role });
    assert.deepEqual(said(await set(owner, bob, ADMIN)), ["member.role", {
      memberId: String(bob),
      role: "admin",
    }]);
    assert.deepEqual(said(await set(owner, bob, ADMIN)), []);
    assert.equal((await world.view(id, bob)).role, ADMIN);
    assert.deepEqual(said(await set(owner, bob, MEMBER)), ["member.role", {
      memberId: String(bob),
      role: "member",
    }]);
    await rejects("forbidden", set(admin, bob, ADMIN));
    await rejects("forbidden", set(owner, bob, OWNER));
    await rejects("forbidden", set(owner, owner, MEMBER));
    await rejects("member_not_found", set(owner, stranger, ADMIN));
    await world.leave(id, carl);
    await rejects("member_not_found", set(owner, carl, ADMIN));
  });

  test("groups.setRole: at most 50 admins", async (world) => {
    const [owner, ...others] = await world.users(52);
    const id = await world.group(owner, ...others);
    const name = (memberId: number) =>
      world.data.groups.setRole({ conversationId: id, userId: owner, memberId, role: ADMIN });
    for (const one of others.slice(0, 50)) await name(one);
    await rejects("too_many", name(others[50]));
  });

  test("groups.transfer: both sides change at once; only the owner can, and it is not lost", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob, stranger } = await society(world);
    const pass = (userId: number, memberId: number) =>
      groups.transfer({ conversationId: id, userId, memberId });
    await rejects("forbidden", pass(admin, bob));
    await rejects("member_not_found", pass(owner, stranger));
    assert.deepEqual(said(await pass(owner, owner)), []);
    // Two at once: one of them is not the owner any more.
    const codes = await Promise.all([codeOf(pass(owner, bob)), codeOf(pass(owner, admin))]);
    assert.deepEqual(codes.toSorted(), ["forbidden", "ok"]);
    const roles = await world.roles(id, admin);
    const heir = codes[0] === "ok" ? bob : admin;
    assert.equal(roles.get(heir), OWNER);
    assert.equal(roles.get(owner), ADMIN);
    assert.equal([...roles.values()].filter((role) => role === OWNER).length, 1);
    const last = (await world.read(id, bob)).at(-1)!;
    assert.deepEqual([last.kind, last.senderId, JSON.parse(last.body)], ["group.transferred", owner, {
      memberId: String(heir),
    }]);
  });

  test("leave: the entry names the heir, who is an admin if there is one", async (world) => {
    const { id, owner, admin, bob } = await society(world);
    const { entry } = await world.leave(id, owner);
    assert.deepEqual(JSON.parse(entry!.body), { memberId: String(owner), heirId: String(admin) });
    assert.equal((await world.view(id, admin)).role, OWNER);
    const { entry: plain } = await world.leave(id, bob);
    assert.deepEqual(JSON.parse(plain!.body), { memberId: String(bob) });
  });
}

function expellingCases(test: Case): void {
  test("groups.remove: the entry is the last one they read; they may come back", async (world) => {
    const { id, owner, admin, bob, carl } = await society(world);
    const answer = await world.remove(id, admin, bob);
    assert.deepEqual(said(answer), ["member.removed", { memberId: String(bob) }]);
    assert.deepEqual(answer.changedIds, [bob]);
    const { seq } = answer.entry!;
    await world.say(id, owner, "without bob");
    assert.equal((await world.read(id, bob)).at(-1)!.seq, seq);
    await rejects("conversation_not_found", world.say(id, bob));
    await rejects("conversation_not_found", world.view(id, bob));
    assert.deepEqual(await world.groupIds(bob), []);
    assert.equal((await world.view(id, carl)).memberCount, 3);
    assert.deepEqual((await world.inbox(bob)).at(-1), {
      kind: "conversation.left",
      senderId: admin,
      conversationId: String(id),
      type: "group",
      seq,
      reason: "removed",
    });
    await rejects("member_not_found", world.remove(id, admin, bob));
    await world.add(id, admin, bob);
    assert.deepEqual((await world.read(id, bob)).map(({ kind }) => kind), ["member.added"]);
  });

  test("groups.remove: nobody takes out who stands as high", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob, carl, stranger } = await society(world);
    await groups.setRole({ conversationId: id, userId: owner, memberId: carl, role: ADMIN });
    for (const ban of [false, true]) {
      for (const [actor, target] of [[admin, owner], [admin, carl], [admin, admin], [owner, owner]]) {
        await rejects("forbidden", world.remove(id, actor, target, ban));
      }
      await rejects("forbidden", world.remove(id, bob, bob, ban));
      await rejects("conversation_not_found", world.remove(id, stranger, bob, ban));
    }
    await rejects("member_not_found", world.remove(id, owner, stranger));
    await rejects("user_not_found", world.remove(id, owner, NOBODY, true));
    const { bans } = await groups.bans({ conversationId: id, userId: owner, afterId: 0, limit: 9 });
    assert.deepEqual(bans, []);
    await world.remove(id, owner, carl, true);
  });

  test("groups: who is banned comes in by no way, until it is lifted", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob, stranger } = await society(world);
    const code = await world.link(id, owner);
    const banned = await world.remove(id, admin, bob, true);
    assert.deepEqual(said(banned), ["member.banned", { memberId: String(bob) }]);
    assert.equal((await world.inbox(bob)).at(-1)!.reason, "banned");
    assert.deepEqual(said(await world.remove(id, admin, bob, true)), []);
    assert.deepEqual(said(await world.remove(id, admin, stranger, true)), ["member.banned", {
      memberId: String(stranger),
    }]);
    for (const one of [bob, stranger]) {
      await rejects("banned", world.add(id, owner, one));
      await rejects("banned", world.join(code, one));
      await rejects("banned", groups.preview({ code, userId: one }));
    }
    assert.deepEqual(await world.inbox(stranger), []);
    const page = { conversationId: id, userId: owner, limit: 1 };
    const first = await groups.bans({ ...page, afterId: 0 });
    const second = await groups.bans({ ...page, afterId: first.bans[0].userId });
    assert.deepEqual([first.more, second.more], [true, false]);
    const all = [...first.bans, ...second.bans];
    assert.deepEqual(all.map(({ userId }) => userId), [bob, stranger].sort(ascending));
    assert.ok(all.every(({ bannedBy, at }) => bannedBy === admin && at === START_MS));
    const lift = () => groups.unban({ conversationId: id, userId: admin, memberId: bob });
    assert.deepEqual(said(await lift()), ["member.unbanned", { memberId: String(bob) }]);
    assert.deepEqual(said(await lift()), []);
    assert.equal((await world.join(code, bob)).joined, true);
    assert.equal((await world.view(id, owner)).memberCount, 4);
  });
}

function mutingCases(test: Case): void {
  test("groups.mute: neither messages nor edits nor reactions until it is over; recalling stays", async (world) => {
    const { groups, conversations } = world.data;
    const { id, owner, admin, bob, carl } = await society(world);
    const { seq } = await world.say(id, bob, "first", "same");
    const until = START_MS + 1000;
    const mute = (until: number, memberId = bob, userId = admin) =>
      groups.mute({ conversationId: id, userId, memberId, until });
    assert.deepEqual(said(await mute(until)), ["member.muted", { memberId: String(bob), until }]);
    assert.deepEqual(said(await mute(until)), []);
    await rejects("muted", world.say(id, bob));
    assert.equal((await world.say(id, bob, "first", "same")).duplicate, true, "a repeat is answered");
    await rejects("muted", change(world, id, bob, seq, edit("other")));
    await rejects("muted", change(world, id, bob, seq, react("👍", true)));
    await rejects("muted", conversations.audience({ conversationId: id, userId: bob }));
    assert.equal((await world.view(id, bob)).mutedUntil, until);
    await world.say(id, carl);
    // Coming back does not help.
    await world.leave(id, bob);
    await world.add(id, admin, bob);
    await rejects("muted", world.say(id, bob));
    world.clock.nowMs = until;
    const { seq: later } = await world.say(id, bob);
    await mute(FOREVER);
    await rejects("muted", world.say(id, bob));
    await change(world, id, bob, later, recall());
    assert.deepEqual(said(await mute(0)), ["member.muted", { memberId: String(bob), until: null }]);
    assert.deepEqual(said(await mute(world.clock.nowMs)), []);
    await world.say(id, bob);
    await rejects("forbidden", mute(until, owner));
    await rejects("forbidden", mute(FOREVER, carl, bob));
    await mute(FOREVER, admin, owner);
    await rejects("muted", world.say(id, admin));
  });

  test("groups.muteAll: holds for members until it is over, not for owner and admins", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob, stranger } = await society(world);
    const until = START_MS + 1000;
    const muteAll = (until: number, userId = admin) => groups.muteAll({ conversationId: id, userId, until });
    await rejects("forbidden", muteAll(until, bob));
    assert.deepEqual(said(await muteAll(until)), ["group.muted", { until }]);
    assert.deepEqual(said(await muteAll(until)), []);
    await world.add(id, admin, stranger);
    for (const one of [bob, stranger]) {
      await rejects("muted", world.say(id, one));
      assert.equal((await world.view(id, one)).mutedUntil, until);
    }
    for (const one of [owner, admin]) {
      await world.say(id, one);
      assert.equal((await world.view(id, one)).mutedUntil, 0);
    }
    assert.deepEqual(said(await muteAll(0)), ["group.muted", { until: null }]);
    await world.say(id, bob);
    await muteAll(until + 1);
    world.clock.nowMs = until + 1;
    await world.say(id, bob);
  });

  test("groups: where only admins write, members read", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob } = await society(world);
    const { seq } = await world.say(id, bob);
    await groups.update({ conversationId: id, userId: owner, whoWrites: Who.WHO_ADMINS });
    await rejects("read_only", world.say(id, bob));
    await rejects("read_only", change(world, id, bob, seq, edit("other")));
    await rejects("read_only", change(world, id, bob, seq, react("👍", true)));
    assert.equal((await world.view(id, bob)).onlyAdminsWrite, true);
    const { seq: news } = await world.say(id, admin, "news");
    assert.equal((await world.read(id, bob)).at(-1)!.seq, news);
    await change(world, id, bob, seq, recall());
    await groups.setRole({ conversationId: id, userId: owner, memberId: bob, role: ADMIN });
    await world.say(id, bob);
  });

  test("groups: messages of one batch are each judged by themselves", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, bob, carl } = await society(world);
    await groups.mute({ conversationId: id, userId: owner, memberId: bob, until: FOREVER });
    const codes = await Promise.all([owner, bob, carl, bob, admin].map((one) => codeOf(world.say(id, one))));
    assert.deepEqual(codes, ["ok", "muted", "ok", "muted", "ok"]);
    assert.equal((await world.view(id, owner)).lastMessageNo, 3);
  });
}

function dissolvingCases(test: Case): void {
  test("groups.dissolve: one last entry for all who are in it; the log stays readable up to it", async (world) => {
    const { groups, log } = world.data;
    const { id, owner, admin, bob, carl, stranger } = await society(world);
    const code = await world.link(id, owner);
    await world.say(id, bob, "hello");
    const { entry: leaving } = await world.leave(id, carl);
    const place = { conversationId: id, userId: owner };
    await rejects("forbidden", groups.dissolve({ ...place, userId: admin }));
    await rejects("conversation_not_found", groups.dissolve({ ...place, userId: stranger }));
    const end = await groups.dissolve(place);
    assert.deepEqual(said(end), ["group.dissolved", {}]);
    assert.deepEqual(end.changedIds.toSorted(ascending), [owner, admin, bob].sort(ascending));
    const { seq } = end.entry!;
    for (const one of [owner, admin, bob]) {
      assert.equal((await world.read(id, one)).at(-1)!.seq, seq);
      assert.deepEqual(await world.texts(id, one), ["hello"]);
      const { entries } = await log.history({ conversationId: id, userId: one, before: 0, limit: 9 });
      assert.equal(entries.length, 1);
      await rejects("group_dissolved", world.say(id, one));
      await rejects("group_dissolved", change(world, id, one, entries[0].seq, react("👍", true)));
      await rejects("conversation_not_found", world.view(id, one));
      await rejects("conversation_not_found", groups.get({ conversationId: id, userId: one }));
      assert.deepEqual(await world.groupIds(one), []);
      assert.deepEqual((await world.inbox(one)).at(-1), {
        kind: "conversation.left",
        senderId: owner,
        conversationId: String(id),
        type: "group",
        seq,
        reason: "dissolved",
      });
      const since = { userId: one, since: START_MS - 1, afterId: 0, limit: 9 };
      assert.deepEqual((await world.data.conversations.sync(since)).leftIds, [id]);
    }
    // Who had left before learns nothing of it.
    assert.equal((await world.read(id, carl)).at(-1)!.seq, leaving!.seq);
    await rejects("conversation_not_found", world.say(id, carl));
    await rejects("link_invalid", world.join(code, stranger));
    await rejects("conversation_not_found", groups.dissolve(place));
    await rejects("conversation_not_found", world.add(id, owner, stranger));
  });

  test("groups.dissolve: whoever comes or speaks at the same time is before or not at all", async (world) => {
    const [owner, ...others] = await world.users(12);
    const id = await world.group(owner, ...others.slice(0, 6));
    const code = await world.link(id, owner);
    const calls = [
      ...others.slice(6).map((one) => codeOf(world.join(code, one))),
      ...others.slice(0, 6).map((one) => codeOf(world.say(id, one))),
    ];
    const { entry, changedIds } = await world.data.groups.dissolve({ conversationId: id, userId: owner });
    const codes = await Promise.all(calls);
    assert.ok(codes.every((code) => ["ok", "link_invalid", "group_dissolved"].includes(code)), `${codes}`);
    const joined = others.slice(6).filter((_, i) => codes[i] === "ok");
    assert.deepEqual(
      changedIds.toSorted(ascending),
      [owner, ...others.slice(0, 6), ...joined].sort(ascending),
    );
    for (const one of changedIds) assert.equal((await world.read(id, one)).at(-1)!.seq, entry!.seq);
  });

  test("groups: where the last one has left, no code leads in", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.group(ann);
    const code = await world.link(id, ann);
    await world.leave(id, ann);
    await rejects("link_invalid", world.join(code, bob));
    await rejects("conversation_not_found", world.say(id, ann));
  });
}

/** Every method, as somebody would call it about somebody. */
const CALLS: Record<string, (groups: Groups, place: Place) => Promise<unknown>> = {
  update: (groups, { id, userId }) => groups.update({ conversationId: id, userId, title: "t" }),
  announce: (groups, { id, userId }) => groups.announce({ conversationId: id, userId, text: "t" }),
  setRole: (groups, { id, userId, memberId }) =>
    groups.setRole({ conversationId: id, userId, memberId, role: ADMIN }),
  transfer: (groups, { id, userId, memberId }) => groups.transfer({ conversationId: id, userId, memberId }),
  remove: (groups, { id, userId, memberId }) =>
    groups.remove({ conversationId: id, userId, memberId, ban: false }),
  ban: (groups, { id, userId, memberId }) =>
    groups.remove({ conversationId: id, userId, memberId, ban: true }),
  unban: (groups, { id, userId, memberId }) => groups.unban({ conversationId: id, userId, memberId }),
  bans: (groups, { id, userId }) => groups.bans({ conversationId: id, userId, afterId: 0, limit: 1 }),
  mute: (groups, { id, userId, memberId }) =>
    groups.mute({ conversationId: id, userId, memberId, until: FOREVER }),
  muteAll: (groups, { id, userId }) => groups.muteAll({ conversationId: id, userId, until: FOREVER }),
  dissolve: (groups, { id, userId }) => groups.dissolve({ conversationId: id, userId }),
  createLink: (groups, { id, userId }) =>
    groups.createLink({ conversationId: id, userId, code: "c", expiresAt: 0, maxUses: 0 }),
  links: (groups, { id, userId }) => groups.links({ conversationId: id, userId }),
  revokeLink: (groups, { id, userId }) => groups.revokeLink({ conversationId: id, userId, code: "c" }),
  requests: (groups, { id, userId }) => groups.requests({ conversationId: id, userId, afterId: 0, limit: 1 }),
  answer: (groups, { id, userId, memberId }) =>
    groups.answer({ conversationId: id, userId, memberId, approve: true }),
};

interface Place {
  id: number;
  userId: number;
  memberId: number;
}

function rightsCases(test: Case): void {
  test("groups: no method is for members, strangers, or direct conversations, and then nothing changes", async (world) => {
    const { id, owner, bob, carl, stranger } = await society(world);
    const direct = await world.direct(bob, carl);
    const before = await world.read(id, owner);
    for (const [name, call] of Object.entries(CALLS)) {
      const ask = (place: number, userId: number) =>
        codeOf(call(world.data.groups, { id: place, userId, memberId: carl }));
      assert.equal(await ask(id, bob), "forbidden", name);
      assert.equal(await ask(id, stranger), "conversation_not_found", name);
      assert.equal(await ask(NOBODY, owner), "conversation_not_found", name);
      assert.equal(await ask(direct, bob), "forbidden", name);
      assert.equal(await ask(direct, owner), "conversation_not_found", name);
    }
    assert.deepEqual(await world.read(id, owner), before);
    assert.equal((await world.read(direct, bob)).length, 0);
  });

  test("groups: what many admins do at once leaves one log and true counts", async (world) => {
    const [owner, ...others] = await world.users(13);
    const id = await world.group(owner, ...others);
    const [admins, members] = [others.slice(0, 4), others.slice(4)];
    for (const memberId of admins) {
      await world.data.groups.setRole({ conversationId: id, userId: owner, memberId, role: ADMIN });
    }
    await Promise.all(members.flatMap((member, i) => [
      codeOf(world.remove(id, admins[i % 4], member, i % 2 === 0)),
      codeOf(world.remove(id, admins[(i + 1) % 4], member)),
      codeOf(world.leave(id, member)),
      codeOf(world.add(id, owner, member)),
      codeOf(world.say(id, member)),
    ]));
    const entries = await world.read(id, owner);
    assert.deepEqual(entries.map(({ seq }) => seq), range(1, entries.length));
    const inside = new Set([owner, ...others]);
    for (const { kind, body } of entries) {
      const { memberId, memberIds = [] } = JSON.parse(body);
      if (kind === "member.added") { for (const one of memberIds) inside.add(Number(one)); }
      if (["member.left", "member.removed", "member.banned"].includes(kind)) inside.delete(Number(memberId));
    }
    assert.deepEqual([...(await world.roles(id, owner)).keys()], [...inside].sort(ascending));
    assert.equal((await world.view(id, owner)).memberCount, inside.size);
  });
}
