import assert from "node:assert/strict";
import {
  change,
  changed,
  edit,
  editsOf,
  everything,
  HIDDEN,
  hide,
  historyOf,
  pin,
  pinsOf,
  react,
  recall,
  RECALLED,
  seen,
  seenOf,
  textOf,
} from "./data_changes.ts";
import { type Case, NOBODY, rejects } from "./data_world.ts";

/** What of a message is kept from whom: hiding, and the edges of a membership. */
export function hidingCases(test: Case): void {
  test("hide: a conversation's last message is not shown to who hid it", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, ann, "secret");
    await change(world, group, ann, seq, edit("still secret"));
    await hide(world, group, bob, seq);
    const { lastMessage } = await world.view(group, bob);
    assert.deepEqual([lastMessage?.body, lastMessage?.state], ['{"type":"hidden"}', undefined]);
    assert.match(String((await world.view(group, ann)).lastMessage?.state), /still secret/);
  });

  test("hide: the hider reads it without content, in every way; the others read it as before", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, ann, "secret 0");
    await change(world, group, ann, seq, edit("secret 1"));
    const { seq: other } = await world.say(group, ann, "open 0");
    await change(world, group, ann, other, edit("open 1"));
    await change(world, group, ann, seq, pin());
    await change(world, group, bob, seq, react("👍"));
    const { lastSeq, unread } = await world.view(group, bob);
    await hide(world, group, bob, seq);
    await change(world, group, ann, seq, edit("secret 2"));
    await hide(world, group, bob, seq, seq);

    assert.doesNotMatch(await everything(world, group, bob, seq), /secret/);
    const entries = await world.read(group, bob);
    assert.deepEqual(JSON.parse(entries[seq - 1].body), { type: "hidden" });
    const edits = entries.filter(({ kind }) => kind === "message.edited").map(({ body }) => JSON.parse(body));
    assert.deepEqual(edits.map(({ target, content }) => [target, textOf(content)]), [
      [seq, HIDDEN],
      [other, "open 1"],
      [seq, HIDDEN],
    ]);
    const hidden = { text: HIDDEN, edits: [], reactions: {}, mine: [] };
    assert.deepEqual(await seen(world, group, bob, seq), hidden);
    const history = await historyOf(world, group, bob);
    assert.deepEqual(history.map(seenOf).map(({ text }) => text), ["open 1", HIDDEN]);
    assert.equal(history[1].state, undefined);
    assert.deepEqual(await editsOf(world, group, bob, seq), [HIDDEN, HIDDEN, HIDDEN]);
    assert.deepEqual(await pinsOf(world, group, bob), [seq]);
    const after = await world.view(group, bob);
    assert.deepEqual([after.lastSeq, after.unread], [lastSeq + 1, unread], "hiding is no entry");

    assert.equal((await seen(world, group, ann, seq))?.text, "secret 2");
    assert.deepEqual(await editsOf(world, group, ann, seq), ["secret 0", "secret 1", "secret 2"]);
    assert.deepEqual((await seen(world, group, ann, seq))?.reactions, { "👍": 1 });
    assert.deepEqual(await world.texts(group, ann), ["secret 0", "open 0"]);
  });

  test("hide: a page without the message itself hides its edits, too", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq } = await world.say(id, ann, "secret 0");
    await hide(world, id, bob, seq);
    for (let i = 0; i < 5; i++) await world.say(id, ann);
    const edited = (await changed(world, id, ann, seq, edit("secret 1")))!;
    const [entry] = await world.read(id, bob, edited - 1, 1);
    assert.deepEqual(JSON.parse(entry.body), { target: seq, content: { type: "hidden" } });
  });

  test("hide: one's own message, and one recalled before or after, stay hidden", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const { seq: own } = await world.say(id, ann, "own");
    const { seq: before } = await world.say(id, bob, "before");
    const { seq: after } = await world.say(id, bob, "after");
    await change(world, id, bob, before, recall());
    await hide(world, id, ann, own, before, after);
    await change(world, id, bob, after, recall());
    for (const seq of [own, before, after]) assert.equal((await seen(world, id, ann, seq))?.text, HIDDEN);
    for (const seq of [before, after]) assert.equal((await seen(world, id, bob, seq))?.text, RECALLED);
    assert.ok(await changed(world, id, ann, own, edit("it is still one's own")));
    assert.equal((await seen(world, id, ann, own))?.text, HIDDEN);
    assert.equal((await seen(world, id, bob, own))?.text, "it is still one's own");
  });

  test("hide: what is no visible message is passed over, and what comes later is not hidden", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const { seq: early } = await world.say(group, ann, "early");
    const { entry } = await world.add(group, ann, carl);
    await hide(world, group, carl, -1, 0, 1, early, entry!.seq, entry!.seq + 1, 1_000_000);
    await hide(world, group, carl);
    const { seq } = await world.say(group, ann, "later");
    assert.equal(seq, entry!.seq + 1);
    assert.equal((await seen(world, group, carl, seq))?.text, "later");
    const [joined] = await world.read(group, carl);
    assert.deepEqual(JSON.parse(joined.body), { memberIds: [String(carl)] });
    await rejects("conversation_not_found", hide(world, group, NOBODY, seq));
    await rejects("conversation_not_found", hide(world, NOBODY, ann, seq));
    assert.deepEqual(await world.texts(group, ann), ["early", "later"]);
  });

  test("hide: who has left hides what they still see; coming back does not bring it back", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, ann, "seen");
    await world.leave(group, bob);
    await world.say(group, ann, "unseen");
    await hide(world, group, bob, seq, seq + 2);
    assert.deepEqual((await historyOf(world, group, bob)).map((one) => seenOf(one).text), [HIDDEN]);
    await world.add(group, ann, bob);
    const { seq: back } = await world.say(group, ann, "back");
    assert.equal((await seen(world, group, bob, back))?.text, "back");
  });

  membershipCases(test);
}

function membershipCases(test: Case): void {
  test("change: who has left sees messages as of then, but what is recalled is recalled for them, too", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const plain = (await world.say(group, ann, "plain")).seq;
    const edited = (await world.say(group, ann, "edited 0")).seq;
    const doomed = (await world.say(group, ann, "doomed 0")).seq;
    await change(world, group, ann, edited, edit("edited 1"));
    const known = (await changed(world, group, ann, edited, edit("edited 2")))!;
    await change(world, group, ann, doomed, edit("doomed 1"));
    await change(world, group, ann, plain, pin());
    const left = (await world.leave(group, bob)).entry!.seq;
    world.clock.nowMs += 1_000;
    for (const seq of [plain, edited]) {
      await change(world, group, ann, seq, edit("unseen"));
      await change(world, group, ann, seq, react("🎉"));
    }
    await change(world, group, ann, edited, pin());
    await change(world, group, ann, doomed, recall());

    const plainly = { edits: [], reactions: {}, mine: [] };
    assert.deepEqual(await seen(world, group, bob, plain), { ...plainly, text: "plain" });
    const { text, edits, reactions, pinnedAt, editedAt } = (await seen(world, group, bob, edited))!;
    const at = (await world.read(group, bob)).find(({ seq }) => seq === known)!.at;
    assert.deepEqual([text, edits, reactions, pinnedAt, editedAt], [
      "edited 2",
      [known - 1, known],
      {},
      undefined,
      at,
    ]);
    assert.deepEqual(await editsOf(world, group, bob, edited), ["edited 0", "edited 1", "edited 2"]);
    assert.deepEqual(await editsOf(world, group, bob, plain), ["plain"]);
    assert.deepEqual((await historyOf(world, group, bob)).map((one) => seenOf(one).text), [
      RECALLED,
      "edited 2",
      "plain",
    ]);
    assert.equal((await seen(world, group, bob, doomed))?.recalledBy, String(ann));
    assert.deepEqual(await editsOf(world, group, bob, doomed), [RECALLED]);
    assert.deepEqual(await pinsOf(world, group, bob), []);
    const entries = await world.read(group, bob);
    assert.equal(entries.at(-1)?.seq, left);
    assert.ok(!entries.some(({ kind, body }) => kind === "message.recalled" || /doomed|unseen/.test(body)));
    await rejects("conversation_not_found", change(world, group, bob, plain, react("👍")));
  });

  test("change: a newcomer sees nothing of what was before, whatever becomes of it", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, ann, "before");
    await change(world, group, ann, seq, edit("before, edited"));
    await change(world, group, ann, seq, pin());
    const joined = (await world.add(group, ann, carl)).entry!.seq;
    const { seq: visible } = await world.say(group, bob, "after");
    await change(world, group, ann, seq, react("👍"));
    await change(world, group, ann, visible, pin());
    assert.equal(await seen(world, group, carl, seq), undefined);
    assert.deepEqual((await historyOf(world, group, carl)).map((one) => one.seq), [visible]);
    assert.deepEqual(await pinsOf(world, group, carl), [visible]);
    await rejects("message_not_found", editsOf(world, group, carl, seq));
    await rejects("message_not_found", change(world, group, carl, seq, react("👍")));
    const entries = await world.read(group, carl);
    assert.equal(entries[0].seq, joined);
    assert.ok(!entries.some(({ body }) => body.includes("before")));
    assert.deepEqual(entries.map(({ kind }) => kind).slice(2), ["reaction.added", "message.pinned"]);
  });

  test("change: who comes back has nothing more to do with what was said before", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    const { seq } = await world.say(group, bob, "mine");
    await change(world, group, bob, seq, react("👍"));
    await world.leave(group, bob);
    await world.add(group, ann, bob);
    await rejects("message_not_found", change(world, group, bob, seq, edit("x")));
    await rejects("message_not_found", change(world, group, bob, seq, recall()));
    assert.equal(await seen(world, group, bob, seq), undefined);
    assert.deepEqual((await seen(world, group, ann, seq))?.reactions, { "👍": 1 });
  });
}
