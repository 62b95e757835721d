import assert from "node:assert/strict";
import type { Entry } from "../../data/service.ts";
import {
  type Change,
  change,
  changed,
  edit,
  editsOf,
  everything,
  historyOf,
  pin,
  pinsOf,
  react,
  recall,
  RECALLED,
  seen,
  seenOf,
  WINDOW_MS,
} from "./data_changes.ts";
import {
  ascending,
  assertSeqs,
  bodyOf,
  type Case,
  codeOf,
  NOBODY,
  range,
  rejects,
  START_MS,
  type World,
} from "./data_world.ts";

/** Changing a message: edits, recalls, reactions and pins. */
export function changeCases(test: Case): void {
  test("change: each is one entry with the next seq, told to the same people, and no message", async (world) => {
    const [ann, bob] = await world.users(2);
    for (const id of [await world.direct(ann, bob), await world.group(ann, bob)]) {
      const direct = (await world.view(id, ann)).peerId !== 0;
      const { seq, messageNo } = await world.say(id, ann, "first");
      const before = await world.view(id, bob);
      const changes: [Change, kind: string, content: unknown][] = [
        [edit("second"), "message.edited", { target: seq, content: JSON.parse(bodyOf("second")) }],
        [react("👍"), "reaction.added", { target: seq, emoji: "👍" }],
        [pin(), "message.pinned", { target: seq }],
        [react("👍", false), "reaction.removed", { target: seq, emoji: "👍" }],
        [pin(false), "message.unpinned", { target: seq }],
        [recall(), "message.recalled", { target: seq }],
      ];
      for (const [i, [one, kind, content]] of changes.entries()) {
        world.clock.nowMs += 10;
        const { entry, directUserIds } = await change(world, id, ann, seq, one);
        const [last] = (await world.read(id, bob)).slice(-1);
        if (one.$case !== "edit") assert.deepEqual(last, entry, "told as it is read");
        const { body, ...rest } = entry!;
        const expected = { kind, senderId: ann, at: world.clock.nowMs, messageNo, clientId: "" };
        assert.deepEqual(rest, { seq: seq + i + 1, ...expected });
        assert.deepEqual(JSON.parse(body), content);
        assert.deepEqual(directUserIds.toSorted(ascending), direct ? [ann, bob].sort(ascending) : []);
      }
      const after = await world.view(id, bob);
      assert.deepEqual([after.unread, after.lastMessageNo], [before.unread, before.lastMessageNo]);
      assert.equal(after.lastSeq, before.lastSeq + changes.length);
      assert.equal(after.lastMessage?.seq, seq);
      assert.equal((await world.say(id, bob)).messageNo, messageNo + 1);
      assertSeqs(await world.read(id, bob), 1, after.lastSeq + 1);
    }
  });

  test("change: the message's state says the same wherever it is read, with the times of the entries", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann, "first");
    // The clock steps back; the log's time does not.
    world.clock.nowMs -= 5_000;
    const edited = (await change(world, id, ann, seq, edit("second"))).entry!;
    world.clock.nowMs += 6_000;
    const again = (await change(world, id, ann, seq, edit("third"))).entry!;
    world.clock.nowMs -= 9_000;
    const pinned = (await change(world, id, bob, seq, pin())).entry!;
    const reacted = (await change(world, id, bob, seq, react("👍"))).entry!;
    assert.deepEqual([edited.at, again.at, pinned.at], [START_MS, START_MS + 1_000, START_MS + 1_000]);
    const expected = {
      text: "third",
      edits: [edited.seq, again.seq],
      editedAt: again.at,
      pinnedAt: pinned.at,
      reactions: { "👍": 1 },
      changedSeq: reacted.seq,
    };
    const bobs = { ...expected, mine: ["👍"] };
    assert.deepEqual(await seen(world, id, bob, seq), bobs);
    assert.deepEqual((await historyOf(world, id, bob)).map(seenOf), [bobs]);
    const { entries } = await world.data.log.pins({ conversationId: id, userId: bob });
    assert.deepEqual(entries.map(seenOf), [bobs]);
    assert.deepEqual(await seen(world, id, ann, seq), { ...expected, mine: [] });
    assert.equal(seenOf((await world.view(id, ann)).lastMessage!).text, "third");
    const recalled = (await change(world, id, ann, seq, recall())).entry!;
    assert.equal(recalled.at, START_MS + 1_000);
    const gone = { recalledAt: recalled.at, recalledBy: String(ann), changedSeq: recalled.seq };
    assert.deepEqual(await seen(world, id, bob, seq), {
      text: RECALLED,
      edits: [],
      reactions: {},
      mine: [],
      ...gone,
    });
  });

  whoMayCases(test);
  repeatCases(test);
  editCases(test);
  recallCases(test);
  reactionCases(test);
  pinCases(test);
}

function whoMayCases(test: Case): void {
  const ALL: [name: string, change: Change][] = [
    ["edit", edit("other")],
    ["recall", recall()],
    ["react", react("👍")],
    ["pin", pin()],
  ];
  /** What each change answers to somebody, on a message of its own for each. */
  const tryAll = (world: World, id: number, who: number, seqs: number[]) =>
    Promise.all(ALL.map(([, one], i) => codeOf(change(world, id, who, seqs[i], one))));

  test("change: in a group who may depends on who one is", async (world) => {
    const [owner, sender, member, former, newcomer, stranger] = await world.users(6);
    const group = await world.group(owner, sender, member, former);
    const messages = new Map<number, number[]>();
    for (const who of [owner, sender, member, former, newcomer, stranger, NOBODY]) {
      const answers = await Promise.all(ALL.map(() => world.say(group, sender)));
      messages.set(who, answers.map(({ seq }) => seq));
    }
    await world.leave(group, former);
    await world.add(group, owner, newcomer);
    const table: [number, string[]][] = [
      [sender, ["ok", "ok", "ok", "forbidden"]],
      [member, ["forbidden", "forbidden", "ok", "forbidden"]],
      [owner, ["forbidden", "ok", "ok", "ok"]],
      [former, Array(4).fill("conversation_not_found")],
      [newcomer, Array(4).fill("message_not_found")],
      [stranger, Array(4).fill("conversation_not_found")],
      [NOBODY, Array(4).fill("conversation_not_found")],
    ];
    const before = (await world.view(group, owner)).lastSeq;
    for (const [who, codes] of table) {
      assert.deepEqual(await tryAll(world, group, who, messages.get(who)!), codes);
    }
    assert.equal((await world.view(group, owner)).lastSeq, before + 7, "what is refused leaves nothing");
    await rejects("forbidden", change(world, group, member, messages.get(owner)![3], pin(false)));
    // Whoever inherits the group has the owner's rights.
    await world.leave(group, owner);
    const heir = (await world.roles(group, member)).get(sender) ? sender : member;
    assert.ok(await changed(world, group, heir, messages.get(owner)![3], pin(false)));
  });

  test("change: in a direct conversation each has their own messages, and both react and pin", async (world) => {
    const [ann, bob, eve] = await world.users(3);
    const id = await world.direct(ann, bob);
    const answers = await Promise.all(range(1, 16).map(() => world.say(id, ann)));
    const seqs = (from: number) => answers.slice(from, from + 4).map(({ seq }) => seq);
    assert.deepEqual(await tryAll(world, id, ann, seqs(0)), ["ok", "ok", "ok", "ok"]);
    assert.deepEqual(await tryAll(world, id, bob, seqs(4)), ["forbidden", "forbidden", "ok", "ok"]);
    assert.deepEqual(await tryAll(world, id, eve, seqs(8)), Array(4).fill("conversation_not_found"));
    await rejects("conversation_not_found", change(world, NOBODY, ann, 1, pin()));
    await world.data.relations.block({ userId: bob, otherId: ann });
    assert.deepEqual(await tryAll(world, id, ann, seqs(8)), Array(4).fill("blocked"));
    await rejects("blocked", change(world, id, ann, seqs(4)[3], pin(false)));
    await rejects("blocked", change(world, id, ann, seqs(0)[2], react("👍", false)));
    assert.deepEqual(await tryAll(world, id, bob, seqs(12)), ["forbidden", "forbidden", "ok", "ok"]);
    await world.data.relations.unblock({ userId: bob, otherId: ann });
    assert.deepEqual(await tryAll(world, id, ann, seqs(8)), ["ok", "ok", "ok", "ok"]);
  });

  test("change: a block does not reach into groups", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, bob);
    await world.data.relations.block({ userId: ann, otherId: bob });
    assert.ok(await changed(world, group, bob, seq, edit("still")));
  });

  test("change: what is no message is not found, an event and a change no more than what never was", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, ann);
    const edited = await changed(world, group, ann, seq, edit("other"));
    for (const none of [0, -1, 1, edited!, edited! + 1, Number.MAX_SAFE_INTEGER]) {
      for (const [name, one] of ALL) {
        assert.equal(
          await codeOf(change(world, group, ann, none, one)),
          "message_not_found",
          `${name} ${none}`,
        );
      }
      await rejects(
        "message_not_found",
        world.data.log.edits({ conversationId: group, userId: ann, seq: none }),
      );
    }
  });
}

function repeatCases(test: Case): void {
  test("change: a repeat appends nothing", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann, "first");
    const { seq: other } = await world.say(id, ann, "other");
    const twice = async (who: number, one: Change, on = seq) => {
      assert.ok(await changed(world, id, who, on, one), "the first time");
      const { entry, directUserIds } = await change(world, id, who, on, one);
      assert.equal(entry, undefined);
      assert.equal(directUserIds.length, 2);
    };
    await twice(ann, edit("second"));
    await twice(ann, react("👍"));
    await twice(bob, react("👍"));
    await twice(ann, react("👍", false));
    await twice(ann, pin());
    assert.equal(await changed(world, id, bob, seq, pin()), undefined, "whoever pinned it");
    await twice(bob, pin(false));
    await twice(ann, recall(), other);
    assert.equal(await changed(world, id, bob, other, recall()), undefined, "what is gone is gone");
    assert.equal(await changed(world, id, ann, seq, react("🎉", false)), undefined);
    assert.equal((await world.view(id, ann)).lastSeq, 2 + 7);
  });

  test("change: the same content written otherwise is the same", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann, "first");
    const written = (body: string): Change => ({ $case: "edit", edit: { body } });
    assert.equal(await changed(world, id, ann, seq, edit("first")), undefined, "never edited");
    assert.equal(
      await changed(world, id, ann, seq, written('{"type":"text","text":"\\u0066irst"}')),
      undefined,
    );
    assert.equal(await changed(world, id, ann, seq, edit("second")), 2);
    assert.equal(
      await changed(world, id, ann, seq, written('{"type":"text","text":"second"}')),
      undefined,
    );
    assert.equal(await changed(world, id, ann, seq, edit("first")), 3, "back is a change");
  });

  test("change: many at once each count once, with messages between them and no hole", async (world) => {
    const users = await world.users(20);
    const group = await world.group(users[0], ...users.slice(1));
    const { seq } = await world.say(group, users[0], "0");
    const calls = users.flatMap((user, i) => [
      changed(world, group, user, seq, react("👍")),
      changed(world, group, user, seq, react("👍")),
      changed(world, group, users[0], seq, edit(`${i + 1}`)),
      world.say(group, user),
    ]);
    await Promise.all(calls);
    const entries = await world.read(group, users[3]);
    assertSeqs(entries, 1, 2 + 20 * 3);
    const { text, edits, reactions, mine } = (await seen(world, group, users[7], seq))!;
    assert.deepEqual(reactions, { "👍": 20 });
    assert.deepEqual(mine, ["👍"]);
    const edited = entries.filter(({ kind }) => kind === "message.edited");
    assert.deepEqual(edits, edited.map((entry) => entry.seq));
    assert.equal(text, JSON.parse(edited.at(-1)!.body).content.text);
    assert.equal((await world.view(group, users[3])).lastMessageNo, 21);
  });
}

function editCases(test: Case): void {
  test("edit: a hundred times and no more; every text it had stays readable, in order", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann, "0");
    await world.say(id, bob, "beside");
    for (const i of range(1, 100)) assert.equal(await changed(world, id, ann, seq, edit(`${i}`)), i + 2);
    await rejects("too_many", change(world, id, ann, seq, edit("101")));
    assert.equal(await changed(world, id, ann, seq, edit("100")), undefined, "a repeat of the last is none");
    assert.deepEqual(await editsOf(world, id, bob, seq), range(0, 100).map(String));
    assert.equal((await seen(world, id, bob, seq))?.text, "100");
    assert.ok(await changed(world, id, bob, 2, edit("another message's are its own")));
    assert.ok(await changed(world, id, ann, seq, react("👍")));
    assert.ok(await changed(world, id, ann, seq, recall()));
  });

  test("edit: the log keeps the first text at its place, the state has the last", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann, "first");
    await change(world, id, ann, seq, edit("second"));
    assert.deepEqual(await world.texts(id, bob), ["first"]);
    const [message] = await historyOf(world, id, bob);
    assert.equal(JSON.parse(message.body).text, "first");
    assert.equal(seenOf(message).text, "second");
    assert.deepEqual(await editsOf(world, id, bob, seq), ["first", "second"]);
    await rejects("conversation_not_found", editsOf(world, id, NOBODY, seq));
  });

  test("edit: a send repeated after it answers as before and restores nothing", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const sent = await world.say(id, ann, "first", "once");
    await change(world, id, ann, sent.seq, edit("second"));
    assert.deepEqual(await world.say(id, ann, "first", "once"), { ...sent, duplicate: true });
    await rejects("client_id_conflict", world.say(id, ann, "second", "once"));
    await change(world, id, ann, sent.seq, recall());
    assert.deepEqual(await world.say(id, ann, "first", "once"), { ...sent, duplicate: true });
    assert.equal((await seen(world, id, bob, sent.seq))?.text, RECALLED);
  });
}

function recallCases(test: Case): void {
  test("recall: the text is gone everywhere, with its edits, reactions and pin; the others stay", async (world) => {
    const [ann, bob, former] = await world.users(3);
    const group = await world.group(ann, bob, former);
    const { seq: beside } = await world.say(group, bob, "beside");
    const { seq } = await world.say(group, ann, "secret 0");
    for (const i of [1, 2]) await change(world, group, ann, seq, edit(`secret ${i}`));
    for (const who of [ann, bob]) await change(world, group, who, seq, react("👍"));
    await change(world, group, bob, beside, edit("beside, edited"));
    for (const one of [seq, beside]) await change(world, group, ann, one, pin());
    await world.leave(group, former);
    for (const who of [ann, bob, former]) {
      assert.match(await everything(world, group, who, seq), /secret/);
    }
    await change(world, group, ann, seq, recall());
    for (const who of [ann, bob, former]) {
      assert.doesNotMatch(await everything(world, group, who, seq), /secret/);
      const { text, edits, reactions, mine, pinnedAt, recalledBy } = (await seen(world, group, who, seq))!;
      assert.deepEqual([text, edits, reactions, mine, pinnedAt, recalledBy], [
        RECALLED,
        [],
        {},
        [],
        undefined,
        String(ann),
      ]);
    }
    const edits = (await world.read(group, bob)).filter(({ kind }) => kind === "message.edited");
    assert.deepEqual(edits.map(({ body }) => JSON.parse(body)), [
      { target: seq, content: { type: "recalled" } },
      { target: seq, content: { type: "recalled" } },
      { target: beside, content: { type: "text", text: "beside, edited" } },
    ]);
    assert.deepEqual(await editsOf(world, group, bob, seq), [RECALLED]);
    assert.deepEqual(await pinsOf(world, group, bob), [beside]);
    const { unread, lastMessage } = await world.view(group, bob);
    assert.deepEqual([unread, seenOf(lastMessage!).text], [1, RECALLED]);
    for (const one of [edit("x"), react("👍"), react("👍", false), pin(), pin(false)]) {
      await rejects("message_recalled", change(world, group, ann, seq, one));
    }
    await rejects("forbidden", change(world, group, bob, seq, edit("x")));
  });

  test("recall: one's own until the window has passed, the owner's right always", async (world) => {
    const [owner, bob] = await world.users(2);
    const group = await world.group(owner, bob);
    const direct = await world.direct(owner, bob);
    const say = async (id: number, who: number) => (await world.say(id, who)).seq;
    const seqs = [await say(group, bob), await say(group, bob), await say(group, owner)];
    const [kept, first, second] = [
      await say(direct, owner),
      await say(direct, owner),
      await say(direct, bob),
    ];
    world.clock.nowMs += WINDOW_MS;
    assert.ok(await changed(world, group, bob, seqs[0], recall()), "to the last millisecond");
    assert.ok(await changed(world, direct, owner, first, recall()));
    world.clock.nowMs += 1;
    await rejects("window_closed", change(world, group, bob, seqs[1], recall()));
    await rejects("window_closed", change(world, direct, owner, kept, recall()));
    await rejects("window_closed", change(world, direct, bob, second, recall()));
    assert.equal(await changed(world, group, bob, seqs[0], recall()), undefined, "a late repeat is harmless");
    assert.ok(await changed(world, group, bob, seqs[1], edit("an edit has no window")));
    world.clock.nowMs += 1_000 * WINDOW_MS;
    assert.ok(await changed(world, group, owner, seqs[1], recall()), "another's");
    assert.ok(await changed(world, group, owner, seqs[2], recall()), "their own");
    assert.equal((await seen(world, group, bob, seqs[1]))?.recalledBy, String(owner));
    assert.ok(await changed(world, direct, owner, kept, recall(WINDOW_MS * 2_000)), "as long as it is set");
    const last = await say(group, bob);
    await rejects("window_closed", change(world, group, bob, last, recall(-1)));
    assert.ok(await changed(world, group, bob, last, recall(0)));
  });

  test("recall: a clock that steps back closes no window early", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann);
    world.clock.nowMs -= 10 * WINDOW_MS;
    assert.ok(await changed(world, id, ann, seq, recall()));
  });
}

function reactionCases(test: Case): void {
  test("reactions: counts are of all, `mine` is each reader's own, the order is that of the first", async (world) => {
    const users = await world.users(30);
    const group = await world.group(users[0], ...users.slice(1));
    const { seq } = await world.say(group, users[0]);
    const { seq: other } = await world.say(group, users[0]);
    const emoji = ["😀", "👨‍👩‍👧‍👦", "👍", "1️⃣"];
    const has = (user: number, kind: number) => user % (kind + 2) === 0;
    for (const [i, user] of users.entries()) {
      for (const [k, one] of emoji.entries()) {
        if (has(i, k)) await change(world, group, user, seq, react(one));
      }
    }
    await change(world, group, users[1], other, react("🎉"));
    const count = (k: number) => users.filter((_, i) => has(i, k)).length;
    const counts = Object.fromEntries(emoji.map((one, k) => [one, count(k)]));
    for (const [i, user] of users.entries()) {
      const { reactions, mine } = (await seen(world, group, user, seq))!;
      assert.deepEqual(reactions, counts);
      assert.deepEqual(Object.keys(reactions), emoji);
      assert.deepEqual(mine, emoji.filter((_, k) => has(i, k)).sort());
      const [newest, first] = (await historyOf(world, group, user)).map(seenOf);
      assert.deepEqual([newest.reactions, newest.mine], [{ "🎉": 1 }, i === 1 ? ["🎉"] : []]);
      assert.deepEqual(first.mine, mine);
    }
    for (const user of users) await changed(world, group, user, seq, react("😀", false));
    assert.deepEqual((await seen(world, group, users[0], seq))!.reactions, { ...without(counts, "😀") });
  });

  test("reactions: twenty different ones on a message; another's same one always fits", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann);
    const { seq: other } = await world.say(id, ann);
    // Names that every object has are no emoji, and yet must count as any other.
    const emoji = ["constructor", "toString", ...range(1, 18).map((i) => String.fromCodePoint(0x1F600 + i))];
    for (const one of emoji) assert.ok(await changed(world, id, ann, seq, react(one)));
    await rejects("too_many", change(world, id, ann, seq, react("👍")));
    await rejects("too_many", change(world, id, bob, seq, react("👍")));
    assert.equal(await changed(world, id, ann, seq, react(emoji[3])), undefined);
    assert.ok(await changed(world, id, bob, seq, react(emoji[3])));
    assert.ok(await changed(world, id, ann, other, react("👍")));
    assert.ok(await changed(world, id, ann, seq, react(emoji[0], false)));
    assert.ok(await changed(world, id, bob, seq, react("👍")));
    const { reactions } = (await seen(world, id, ann, seq))!;
    assert.equal(Object.keys(reactions).length, 20);
    assert.deepEqual([reactions[emoji[3]], reactions["👍"], reactions.toString], [2, 1, 1]);
  });

  test("reactions: what nothing is left of leaves no trace", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann);
    await change(world, id, bob, seq, react("👍"));
    await change(world, id, bob, seq, react("👍", false));
    await change(world, id, ann, seq, pin());
    await change(world, id, ann, seq, pin(false));
    const [message] = await historyOf(world, id, ann);
    assert.deepEqual(JSON.parse(message.state!), { changedSeq: seq + 4 });
  });
}

function pinCases(test: Case): void {
  test("pins: the last pinned first, also in one millisecond and when the clock steps back", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const seqs = (await Promise.all(range(1, 5).map(() => world.say(id, ann)))).map(({ seq }) => seq);
    const [a, b, c, d, e] = seqs;
    for (const seq of [d, a, c]) await change(world, id, bob, seq, pin());
    assert.deepEqual(await pinsOf(world, id, ann), [c, a, d]);
    world.clock.nowMs -= 100_000;
    await change(world, id, ann, b, pin());
    assert.deepEqual(await pinsOf(world, id, ann), [b, c, a, d]);
    world.clock.nowMs += 200_000;
    await change(world, id, ann, e, pin());
    await change(world, id, ann, d, pin(false));
    await change(world, id, ann, d, pin());
    await change(world, id, ann, c, pin());
    assert.deepEqual(await pinsOf(world, id, bob), [d, e, b, c, a], "pinned anew is last; a repeat is not");
    await change(world, id, ann, e, recall());
    assert.deepEqual(await pinsOf(world, id, bob), [d, b, c, a]);
    await rejects("conversation_not_found", pinsOf(world, id, NOBODY));
  });

  test("pins: a hundred in a conversation; an unpinned and a recalled one make room", async (world) => {
    const [ann, bob] = await world.users(2);
    const [group, other] = [await world.group(ann, bob), await world.group(ann)];
    const seqs = (await Promise.all(range(1, 103).map(() => world.say(group, bob)))).map(({ seq }) => seq);
    for (const seq of seqs.slice(0, 100)) assert.ok(await changed(world, group, ann, seq, pin()));
    const [more, another, last] = seqs.slice(100);
    await rejects("too_many", change(world, group, ann, more, pin()));
    assert.equal(await changed(world, group, ann, seqs[5], pin()), undefined);
    assert.ok(await changed(world, other, ann, (await world.say(other, ann)).seq, pin()));
    await change(world, group, ann, seqs[7], pin(false));
    assert.ok(await changed(world, group, ann, more, pin()));
    await rejects("too_many", change(world, group, ann, another, pin()));
    await change(world, group, bob, seqs[8], recall());
    assert.ok(await changed(world, group, ann, another, pin()));
    await rejects("too_many", change(world, group, ann, last, pin()));
    const pins = await pinsOf(world, group, bob);
    const left = seqs.slice(0, 100).filter((_, i) => i !== 7 && i !== 8).reverse();
    assert.deepEqual(pins, [another, more, ...left]);
  });

  test("get: messages only, each once, whatever is asked for", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, ann, "a");
    const edited = (await changed(world, group, ann, seq, edit("b")))!;
    const { seq: second } = await world.say(group, bob, "c");
    const get = async (...seqs: number[]): Promise<Entry[]> =>
      (await world.data.log.get({ conversationId: group, userId: bob, seqs })).entries;
    const found = await get(second, 1, seq, edited, second, 99, 0, -4);
    assert.deepEqual(found.map((entry) => entry.seq).sort(ascending), [seq, second]);
    assert.deepEqual(await get(), []);
    await rejects("conversation_not_found", seen(world, group, NOBODY, seq));
  });
}

function without(counts: Record<string, number>, emoji: string): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([one]) => one !== emoji));
}
