import assert from "node:assert/strict";
import { ConversationType, MemberRole } from "../../data/service.ts";
import {
  ascending,
  assertSeqs,
  type Case,
  codeOf,
  NOBODY,
  range,
  rejects,
  START_MS,
  type World,
} from "./data_world.ts";

const { MEMBER_ROLE_MEMBER: MEMBER, MEMBER_ROLE_OWNER: OWNER } = MemberRole;

/** The most members a group may have. */
const MAX_MEMBERS = 1000;

export function groupCases(test: Case): void {
  creationCases(test);
  addingCases(test);
  leavingCases(test);
}

function creationCases(test: Case): void {
  test("createGroup: its members see it from its first entry on", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const { conversations } = world.data;
    const created = await conversations.createGroup({
      ownerId: ann,
      title: "读书会 😀",
      memberIds: [bob, carl],
    });
    assert.equal(created.created, true);
    assert.deepEqual(created.memberIds.toSorted(ascending), [ann, bob, carl].sort(ascending));
    const { id } = created.conversation!;
    for (const userId of [ann, bob, carl]) {
      const { lastMessage, ...view } = await world.view(id, userId);
      assert.equal(lastMessage, undefined);
      assert.deepEqual(view, {
        id,
        type: ConversationType.CONVERSATION_GROUP,
        title: "读书会 😀",
        peerId: 0,
        role: userId === ann ? OWNER : MEMBER,
        memberCount: 3,
        firstSeq: 1,
        lastSeq: 1,
        lastMessageNo: 0,
        readSeq: 0,
        unread: 0,
        createdAt: START_MS,
        updatedAt: START_MS,
        settings: { muted: false, pinnedAt: 0, archived: false, draft: "" },
        avatar: "",
        onlyAdminsWrite: false,
        mutedUntil: 0,
      });
      const [entry, ...more] = await world.read(id, userId);
      const { body, ...rest } = entry;
      assert.deepEqual(more, []);
      const { title, memberIds } = JSON.parse(body);
      assert.equal(title, "读书会 😀");
      assert.deepEqual(memberIds.map(Number).sort(ascending), [ann, bob, carl].sort(ascending));
      const first = {
        seq: 1,
        kind: "group.created",
        senderId: ann,
        at: START_MS,
        messageNo: 0,
        clientId: "",
      };
      assert.deepEqual(rest, first);
    }
    const { lastMessage: _, ...answered } = created.conversation!;
    const { lastMessage: __, ...viewed } = await world.view(id, ann);
    assert.deepEqual(answered, viewed);
  });

  test("createGroup: the owner and everyone named twice are in it once; alone is a group too", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.group(ann, bob, ann, bob, bob);
    assert.deepEqual(
      await world.roles(id, bob),
      new Map([[ann, OWNER], [bob, MEMBER]].sort(([a], [b]) => a - b) as []),
    );
    assert.equal((await world.view(id, ann)).memberCount, 2);
    const alone = await world.group(ann);
    assert.deepEqual(await world.roles(alone, ann), new Map([[ann, OWNER]]));
    assert.equal((await world.say(alone, ann)).seq, 2);
  });

  test("createGroup: with an unknown member nothing at all is made", async (world) => {
    const [ann, bob] = await world.users(2);
    await rejects("user_not_found", world.group(ann, bob, NOBODY));
    await rejects("user_not_found", world.group(ann, NOBODY, bob));
    await rejects("user_not_found", world.group(NOBODY, ann, bob));
    for (const userId of [ann, bob]) {
      assert.deepEqual(await world.groupIds(userId), []);
      const page = await world.data.conversations.list({ userId, beforeAt: 0, beforeId: 0, limit: 10 });
      assert.deepEqual(page, { conversations: [], more: false });
    }
  });

  test("createGroup: two of the same people are two groups", async (world) => {
    const [ann, bob] = await world.users(2);
    const ids = await Promise.all(range(1, 10).map(() => world.group(ann, bob)));
    assert.equal(new Set(ids).size, 10);
    assert.deepEqual(await world.groupIds(bob), ids.toSorted(ascending));
  });

  test("groups: a thousand members and not one more, whether at once or added", async (world) => {
    const users = await world.users(MAX_MEMBERS + 1);
    const [owner, ...others] = users;
    await rejects("too_large", world.group(owner, ...others));
    assert.deepEqual(await world.groupIds(owner), []);
    const group = await world.group(owner, ...others.slice(0, -3));
    assert.equal((await world.view(group, owner)).memberCount, MAX_MEMBERS - 2);
    await rejects("too_large", world.add(group, owner, ...others.slice(-3)));
    assert.equal((await world.view(group, owner)).lastSeq, 1);
    // Those who are in it already do not count twice.
    const added = await world.add(group, owner, ...others.slice(0, -1));
    assert.deepEqual(added.changedIds.toSorted(ascending), others.slice(-3, -1).sort(ascending));
    await rejects("too_large", world.add(group, owner, others.at(-1)!));
    await world.leave(group, others[0]);
    await world.add(group, owner, others.at(-1)!);
    assert.equal((await world.view(group, owner)).memberCount, MAX_MEMBERS);
    const everyone = [owner, ...others.slice(1)].sort(ascending);
    assert.deepEqual([...(await world.roles(group, owner)).keys()], everyone);
    for (const limit of [333, 999, 1000]) {
      assert.deepEqual(await memberPages(world, group, owner, limit), everyone, `by ${limit}`);
    }
  });
}

/** Everyone's id, page by page; every page but the last is full. */
async function memberPages(
  world: World,
  conversationId: number,
  userId: number,
  limit: number,
): Promise<number[]> {
  const ids: number[] = [];
  for (let more = true; more;) {
    const request = { conversationId, userId, afterId: ids.at(-1) ?? 0, limit };
    const page = await world.data.conversations.members(request);
    ids.push(...page.members.map((member) => member.userId));
    more = page.more;
    if (more) assert.equal(page.members.length, limit);
  }
  return ids;
}

function addingCases(test: Case): void {
  test("addMembers: newcomers are in it from one entry on, which tells all who they are", async (world) => {
    const [ann, bob, carl, dora] = await world.users(4);
    const group = await world.group(ann, bob);
    await world.say(group, bob);
    world.clock.nowMs += 50;
    const { entry, changedIds } = await world.add(group, ann, carl, dora);
    assert.deepEqual(changedIds.toSorted(ascending), [carl, dora].sort(ascending));
    const { body, ...rest } = entry!;
    const expected = {
      seq: 3,
      kind: "member.added",
      senderId: ann,
      at: START_MS + 50,
      messageNo: 1,
      clientId: "",
    };
    assert.deepEqual(rest, expected);
    assert.deepEqual(JSON.parse(body).memberIds.map(Number), changedIds);
    for (const userId of [carl, dora]) {
      assert.deepEqual(await world.read(group, userId), [entry]);
      assert.deepEqual(await world.groupIds(userId), [group]);
      const { role, memberCount, firstSeq, readSeq, unread } = await world.view(group, userId);
      const view = { role, memberCount, firstSeq, readSeq, unread };
      assert.deepEqual(view, { role: MEMBER, memberCount: 4, firstSeq: 3, readSeq: 3, unread: 0 });
    }
    const page = { conversationId: group, userId: bob, afterId: 0, limit: 10 };
    const { members } = await world.data.conversations.members(page);
    const joined = new Map(members.map(({ userId, joinedAt }) => [userId, joinedAt]));
    assert.deepEqual([ann, bob, carl, dora].map((id) => joined.get(id)! - START_MS), [0, 0, 50, 50]);
  });

  test("addMembers: whoever is in it is passed over, and with nobody new nothing changes", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const { entry, changedIds } = await world.add(group, ann, bob, carl, ann, carl);
    assert.deepEqual(changedIds, [carl]);
    assert.deepEqual(JSON.parse(entry!.body).memberIds.map(Number), [carl]);
    for (const ids of [[bob], [carl, ann], []]) {
      const nothing = await world.add(group, ann, ...ids);
      assert.deepEqual([nothing.entry, nothing.changedIds], [undefined, []]);
    }
    const { lastSeq, memberCount, role } = await world.view(group, ann);
    assert.deepEqual({ lastSeq, memberCount, role }, { lastSeq: 2, memberCount: 3, role: OWNER });
  });

  test("addMembers: members may not, strangers do not find it, and then nothing changes", async (world) => {
    const [ann, bob, carl, eve] = await world.users(4);
    const group = await world.group(ann, bob);
    await rejects("forbidden", world.add(group, bob, carl));
    await rejects("conversation_not_found", world.add(group, eve, eve));
    await rejects("conversation_not_found", world.add(NOBODY, ann, bob));
    await world.leave(group, ann);
    await rejects("conversation_not_found", world.add(group, ann, ann));
    assertSeqs(await world.read(group, bob), 1, 2);
    assert.deepEqual([...(await world.roles(group, bob)).keys()], [bob]);
    assert.deepEqual([await world.groupIds(carl), await world.groupIds(eve)], [[], []]);
  });

  test("addMembers: with one unknown user nobody is added", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    await rejects("user_not_found", world.add(group, ann, carl, NOBODY));
    assert.deepEqual(await world.groupIds(carl), []);
    const { lastSeq, memberCount } = await world.view(group, ann);
    assert.deepEqual({ lastSeq, memberCount }, { lastSeq: 1, memberCount: 2 });
  });

  test("addMembers: the same people added by many calls at once come in once", async (world) => {
    const [ann, ...others] = await world.users(5);
    const group = await world.group(ann);
    const answers = await Promise.all(
      range(1, 8).map((i) => world.add(group, ann, ...others.slice(0, 1 + i % 4))),
    );
    const changed = answers.flatMap(({ changedIds }) => changedIds);
    assert.deepEqual(changed.sort(ascending), others.toSorted(ascending));
    const { memberCount, lastSeq } = await world.view(group, ann);
    const entries = answers.filter(({ entry }) => entry).length;
    assert.deepEqual({ memberCount, lastSeq }, { memberCount: 5, lastSeq: 1 + entries });
    assertSeqs(await world.read(group, ann), 1, lastSeq);
  });

  test("addMembers: 300 at once, some of them there already", async (world) => {
    const [ann, ...others] = await world.users(301);
    const group = await world.group(ann, ...others.slice(100, 150));
    const { changedIds } = await world.add(group, ann, ...others);
    assert.equal(new Set(changedIds).size, 250);
    assert.equal((await world.view(group, others[299])).memberCount, 301);
    assert.deepEqual(await memberPages(world, group, others[0], 64), [ann, ...others].sort(ascending));
  });
}

function leavingCases(test: Case): void {
  test("leave: the entry says who, and who left is out of everything", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob, carl);
    world.clock.nowMs += 50;
    const { entry, changedIds } = await world.leave(group, bob);
    assert.deepEqual(changedIds, [bob]);
    const { body, ...rest } = entry!;
    const expected = {
      seq: 2,
      kind: "member.left",
      senderId: bob,
      at: START_MS + 50,
      messageNo: 0,
      clientId: "",
    };
    assert.deepEqual(rest, expected);
    assert.equal(Number(JSON.parse(body).memberId), bob);
    assert.deepEqual((await world.read(group, bob)).at(-1), entry);
    assert.deepEqual((await world.read(group, carl)).at(-1), entry);
    await rejects("conversation_not_found", world.view(group, bob));
    await rejects("conversation_not_found", world.leave(group, bob));
    assert.deepEqual(await world.groupIds(bob), []);
    assert.deepEqual([...(await world.roles(group, carl)).keys()], [ann, carl].sort(ascending));
    assert.equal((await world.view(group, carl)).memberCount, 2);
  });

  test("leave: strangers and groups that are none are not found", async (world) => {
    const [ann, eve] = await world.users(2);
    const group = await world.group(ann);
    await rejects("conversation_not_found", world.leave(group, eve));
    await rejects("conversation_not_found", world.leave(NOBODY, ann));
    assert.equal((await world.view(group, ann)).lastSeq, 1);
  });

  test("leave: ownership passes to who joined first, again and again, and comes back to nobody", async (world) => {
    const users = (await world.users(5)).sort(ascending);
    const [ann, bob, carl, dora, emil] = users;
    const group = await world.group(carl, emil);
    for (const newcomer of [dora, ann, bob]) {
      world.clock.nowMs += 10;
      await world.add(group, carl, newcomer);
    }
    for (const [leaver, heir] of [[carl, emil], [emil, dora], [dora, ann]]) {
      await world.leave(group, leaver);
      const roles = await world.roles(group, bob);
      assert.deepEqual([...roles].filter(([, role]) => role !== MEMBER), [[heir, OWNER]]);
    }
    await world.add(group, ann, carl);
    assert.equal((await world.view(group, carl)).role, MEMBER);
    await world.leave(group, bob);
    assert.equal((await world.view(group, ann)).role, OWNER);
    await rejects("forbidden", world.add(group, carl, bob));
  });

  test("leave: who joined first is told by the log, also where the clock stepped back", async (world) => {
    const [ann, bob, carl] = (await world.users(3)).sort(ascending);
    const group = await world.group(ann);
    await world.add(group, ann, carl);
    world.clock.nowMs -= 60_000;
    await world.add(group, ann, bob);
    await world.leave(group, ann);
    assert.equal((await world.view(group, carl)).role, OWNER);
    assert.equal((await world.view(group, bob)).role, MEMBER);
    const page = { conversationId: group, userId: bob, afterId: 0, limit: 10 };
    const { members } = await world.data.conversations.members(page);
    const entries = await world.read(group, carl);
    const joined = new Map(members.map(({ userId, joinedAt }) => [userId, joinedAt]));
    assert.deepEqual([joined.get(carl), joined.get(bob)], [entries[1].at, entries[2].at]);
  });

  test("leave: the last one may leave too, and reads on what was", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await world.say(group, ann, "bye");
    await world.leave(group, ann);
    await world.leave(group, bob);
    assertSeqs(await world.read(group, ann), 1, 3);
    assertSeqs(await world.read(group, bob), 1, 4);
    for (const userId of [ann, bob]) {
      await rejects("conversation_not_found", world.say(group, userId));
      await rejects("conversation_not_found", world.add(group, userId, ann));
    }
  });

  test("leave: all at once, each once; two calls of one member are one leaving", async (world) => {
    const users = await world.users(8);
    const group = await world.group(users[0], ...users);
    const codes = await Promise.all([...users, ...users].map((userId) => codeOf(world.leave(group, userId))));
    assert.deepEqual(codes.toSorted(), [...Array(8).fill("conversation_not_found"), ...Array(8).fill("ok")]);
    const ends = await Promise.all(users.map(async (userId) => (await world.read(group, userId)).length));
    assert.deepEqual(ends.sort(ascending), range(2, 9));
  });

  test("groupIds: all groups one is in, many of them, and none one has left", async (world) => {
    const [ann, bob] = await world.users(2);
    const ids: number[] = [];
    for (const i of range(1, 150)) ids.push(await world.group(i % 2 ? ann : bob, ann, bob));
    await world.direct(ann, bob);
    assert.deepEqual(await world.groupIds(ann), ids.toSorted(ascending));
    await world.leave(ids[7], ann);
    await world.leave(ids[8], ann);
    assert.deepEqual(await world.groupIds(ann), ids.filter((_, i) => i !== 7 && i !== 8).sort(ascending));
    assert.deepEqual(await world.groupIds(bob), ids.toSorted(ascending));
    assert.deepEqual(await world.groupIds(NOBODY), []);
  });
}
