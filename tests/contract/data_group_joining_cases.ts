import assert from "node:assert/strict";
import { MemberRole } from "../../data/service.ts";
import { ascending, type Case, codeOf, NOBODY, range, rejects, START_MS, type World } from "./data_world.ts";

const { MEMBER_ROLE_ADMIN: ADMIN } = MemberRole;

async function approving(world: World) {
  const users = await world.users(5);
  const [owner, admin] = users;
  const id = await world.group(owner, admin);
  await world.data.groups.setRole({ conversationId: id, userId: owner, memberId: admin, role: ADMIN });
  await world.data.groups.update({ conversationId: id, userId: owner, approval: true });
  return { id, owner, admin, askers: users.slice(2), code: await world.link(id, owner) };
}

export function groupJoiningCases(test: Case): void {
  test("groups.join: a code lets in, from one entry on, once", async (world) => {
    const { groups } = world.data;
    const [owner, ann] = await world.users(2);
    const id = await world.group(owner);
    await groups.update({ conversationId: id, userId: owner, description: "about books" });
    await world.say(id, owner, "before");
    const code = await world.link(id, owner);
    assert.deepEqual(await groups.preview({ code, userId: ann }), {
      title: "Group",
      avatar: "",
      description: "about books",
      memberCount: 1,
      approval: false,
    });
    const { conversationId, joined, change } = await world.join(code, ann);
    assert.deepEqual([conversationId, joined, change!.changedIds], [id, true, [ann]]);
    const { kind, senderId, body } = change!.entry!;
    assert.deepEqual([kind, senderId, JSON.parse(body)], ["member.added", ann, { memberIds: [String(ann)] }]);
    assert.deepEqual(await world.texts(id, ann), []);
    assert.equal((await world.inbox(ann)).at(-1)!.kind, "conversation.joined");
    const again = await world.join(code, ann);
    assert.deepEqual([again.joined, again.change!.entry], [true, undefined]);
    const { links } = await groups.links({ conversationId: id, userId: owner });
    assert.deepEqual(links, [{
      code,
      createdBy: owner,
      createdAt: START_MS,
      expiresAt: 0,
      maxUses: 0,
      uses: 1,
    }]);
  });

  test("groups.join: unknown, revoked, expired and used up are one answer", async (world) => {
    const { groups } = world.data;
    const [owner, ann, bob] = await world.users(3);
    const id = await world.group(owner);
    const other = await world.group(ann);
    const codes = {
      revoked: await world.link(id, owner),
      expired: await world.link(id, owner, { expiresAt: START_MS + 10 }),
      usedUp: await world.link(id, owner, { maxUses: 1 }),
    };
    // Another group's admin cannot revoke it.
    await groups.revokeLink({ conversationId: other, userId: ann, code: codes.revoked });
    assert.equal((await groups.links({ conversationId: id, userId: owner })).links.length, 3);
    await groups.revokeLink({ conversationId: id, userId: owner, code: codes.revoked });
    await groups.revokeLink({ conversationId: id, userId: owner, code: codes.revoked });
    await world.join(codes.usedUp, ann);
    await world.leave(id, ann);
    world.clock.nowMs += 10;
    for (const code of [...Object.values(codes), "unknown"]) {
      await rejects("link_invalid", world.join(code, bob));
      await rejects("link_invalid", groups.preview({ code, userId: bob }));
    }
    assert.deepEqual((await groups.links({ conversationId: id, userId: owner })).links, []);
    assert.deepEqual(await world.groupIds(bob), []);
  });

  test("groups.join: of many at once a code lets in as many as it may", async (world) => {
    const [owner, ...others] = await world.users(13);
    const id = await world.group(owner);
    const code = await world.link(id, owner, { maxUses: 5 });
    const answers = await Promise.all(others.map((one) => codeOf(world.join(code, one))));
    assert.equal(answers.filter((answer) => answer === "ok").length, 5);
    assert.equal(answers.filter((answer) => answer === "link_invalid").length, 7);
    assert.equal((await world.view(id, owner)).memberCount, 6);
  });

  test("groups.join: not into a full group, and the code is not used up by that", async (world) => {
    const [owner, ann, bob] = await world.users(3);
    const id = await world.group(owner, ann);
    const code = await world.link(id, owner, { maxUses: 1 });
    await rejects("too_large", world.join(code, bob, 2));
    await rejects("user_not_found", world.join(code, NOBODY));
    assert.equal((await world.join(code, bob, 3)).joined, true);
  });

  test("groups.createLink: a hundred, each code once; dead ones make room", async (world) => {
    const { groups } = world.data;
    const [owner] = await world.users(1);
    const [id, other] = [await world.group(owner), await world.group(owner)];
    const codes: string[] = [];
    for (const _ of range(1, 100)) codes.push(await world.link(id, owner, { expiresAt: START_MS + 5 }));
    const make = (conversationId: number, code: string) =>
      groups.createLink({ conversationId, userId: owner, code, expiresAt: 0, maxUses: 0 });
    await rejects("too_many", make(id, "one more"));
    await rejects("conflict", make(other, codes[0]));
    world.clock.nowMs += 5;
    await make(id, "one more");
    const { links } = await groups.links({ conversationId: id, userId: owner });
    assert.deepEqual(links.map(({ code }) => code), ["one more"]);
  });

  test("groups.join: with approval one waits; owner and admins are told, and again of nothing", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, askers: [ann], code } = await approving(world);
    const { joined, change } = await world.join(code, ann);
    assert.deepEqual([joined, change!.entry, change!.changedIds], [false, undefined, []]);
    const asked = {
      kind: "group.requested",
      senderId: ann,
      conversationId: String(id),
      userId: String(ann),
    };
    for (const one of [owner, admin]) assert.deepEqual((await world.inbox(one)).at(-1), asked);
    assert.deepEqual(
      change!.inboxes.map(({ userId }) => userId).sort(ascending),
      [owner, admin].sort(ascending),
    );
    const again = await world.join(code, ann);
    assert.deepEqual([again.joined, again.change!.inboxes], [false, []]);
    await rejects("conversation_not_found", world.view(id, ann));
    const { requests } = await groups.requests({ conversationId: id, userId: admin, afterId: 0, limit: 9 });
    assert.deepEqual(requests, [{ userId: ann, note: "let me in", at: START_MS }]);
    assert.equal((await groups.links({ conversationId: id, userId: owner })).links[0].uses, 1);
  });

  test("groups.answer: let in by an entry of who did it, or not; the asker is told", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, askers: [ann, bob, carl], code } = await approving(world);
    for (const one of [ann, bob, carl]) await world.join(code, one);
    const page = { conversationId: id, userId: owner, limit: 2 };
    const first = await groups.requests({ ...page, afterId: 0 });
    const rest = await groups.requests({ ...page, afterId: first.requests[1].userId });
    const waiting = [...first.requests, ...rest.requests].map(({ userId }) => userId);
    assert.deepEqual(waiting, [ann, bob, carl].sort(ascending));
    assert.deepEqual([first.more, rest.more], [true, false]);
    const answer = (memberId: number, approve: boolean, maxMembers?: number) =>
      groups.answer({ conversationId: id, userId: admin, memberId, approve, maxMembers });
    await rejects("too_large", answer(ann, true, 2));
    const { entry, changedIds } = await answer(ann, true);
    assert.deepEqual([entry!.kind, entry!.senderId, changedIds], ["member.added", admin, [ann]]);
    assert.deepEqual((await world.inbox(ann)).map(({ kind, approved }) => approved ?? kind), [
      "conversation.joined",
      true,
    ]);
    const { entry: none } = await answer(bob, false);
    assert.equal(none, undefined);
    assert.deepEqual(await world.inbox(bob), [{
      kind: "group.answered",
      senderId: admin,
      conversationId: String(id),
      approved: false,
    }]);
    for (const one of [ann, bob]) await rejects("request_not_found", answer(one, true));
    // Who was refused may ask again; who is added otherwise, or banned, waits no more.
    await world.join(code, bob);
    await world.add(id, owner, bob);
    await world.remove(id, owner, carl, true);
    assert.deepEqual((await groups.requests({ ...page, afterId: 0 })).requests, []);
    await rejects("request_not_found", answer(carl, true));
    await rejects("conversation_not_found", world.view(id, carl));
  });

  test("groups.answer: by two admins at once, it is done once", async (world) => {
    const { groups } = world.data;
    const { id, owner, admin, askers: [ann], code } = await approving(world);
    await world.join(code, ann);
    const codes = await Promise.all(
      [owner, admin].map((userId) =>
        codeOf(groups.answer({ conversationId: id, userId, memberId: ann, approve: true }))
      ),
    );
    assert.deepEqual(codes.toSorted(), ["ok", "request_not_found"]);
    assert.equal((await world.view(id, ann)).memberCount, 3);
  });

  test("groups.join: who waits comes in at once where approval is no more asked for", async (world) => {
    const { groups } = world.data;
    const { id, owner, askers: [ann], code } = await approving(world);
    await world.join(code, ann);
    await groups.update({ conversationId: id, userId: owner, approval: false });
    assert.equal((await world.join(code, ann)).joined, true);
    const requests = await groups.requests({ conversationId: id, userId: owner, afterId: 0, limit: 9 });
    assert.deepEqual(requests.requests, []);
  });

  test("groups.join: a thousand wait and not one more", async (world) => {
    const { owner, code } = await approving(world);
    const many = await world.users(1001);
    for (let i = 0; i < 1000; i += 20) {
      await Promise.all(many.slice(i, i + 20).map((one) => world.join(code, one)));
    }
    await rejects("too_many", world.join(code, many[1000]));
    const { lastSeq } = await world.data.inboxes.read({ userId: owner, after: 0, limit: 1 });
    assert.equal(lastSeq, 1 + 1000, "the group's making, and each of them");
  });
}
