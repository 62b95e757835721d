import assert from "node:assert/strict";
import {
  change,
  changed,
  edit,
  historyOf,
  pin,
  pinsOf,
  react,
  recall,
  seen,
  textOf,
} from "./data_changes.ts";
import type { Case, World } from "./data_world.ts";

/** What of a group's past is shown to who comes later. */

/** Each entry of the log as somebody reads it: its kind, and what it tells of a message. */
async function told(world: World, conversationId: number, userId: number) {
  return (await world.read(conversationId, userId)).map(({ kind, body }) => {
    const { content, emoji, target } = JSON.parse(body);
    const what = content ? textOf(content) : emoji;
    return what === undefined ? kind : `${kind} ${target}: ${what}`;
  });
}

export function historyCases(test: Case): void {
  test("history for new members: without it, what becomes of earlier messages says nothing of them", async (world) => {
    const [owner, bob, newcomer] = await world.users(3);
    const id = await world.group(owner, bob);
    const { seq: old } = await world.say(id, bob, "secret");
    await world.add(id, owner, newcomer);
    await change(world, id, bob, old, edit("secret too"));
    await change(world, id, bob, old, react("🤫"));
    await change(world, id, bob, old, react("🤫", false));
    await change(world, id, owner, old, pin());
    const { seq: fresh } = await world.say(id, bob, "welcome");
    await change(world, id, bob, fresh, edit("welcome!"));
    await change(world, id, owner, fresh, react("👋"));
    const after = [
      `message.edited ${fresh}: welcome!`,
      `reaction.added ${fresh}: 👋`,
    ];
    assert.deepEqual(await told(world, id, newcomer), [
      "member.added",
      "message.edited 2: (hidden)",
      "reaction.added",
      "reaction.removed",
      "message.pinned",
      "message",
      ...after,
    ]);
    assert.deepEqual((await told(world, id, bob)).slice(3), [
      "message.edited 2: secret too",
      "reaction.added 2: 🤫",
      "reaction.removed 2: 🤫",
      "message.pinned",
      "message",
      ...after,
    ]);
    // Backwards, too, and by no other way of reading.
    const back = { conversationId: id, userId: newcomer, after: 0, before: 999, limit: 99 };
    const text = JSON.stringify(await world.data.log.read(back));
    assert.ok(!text.includes("secret") && !text.includes("🤫"));
    assert.equal(await seen(world, id, newcomer, old), undefined);
    assert.deepEqual((await historyOf(world, id, newcomer)).map(({ seq }) => seq), [fresh]);
    assert.deepEqual(await pinsOf(world, id, newcomer), []);
    await change(world, id, bob, old, recall());
    assert.equal((await told(world, id, newcomer)).at(-1), "message.recalled");
  });

  test("history for new members: with it, all of it is theirs, as it is now, and nothing is unread", async (world) => {
    const [owner, bob, before, newcomer] = await world.users(4);
    const id = await world.group(owner, bob);
    const { seq } = await world.say(id, bob, "first");
    await change(world, id, bob, seq, edit("second"));
    await world.add(id, owner, before);
    await world.data.groups.update({ conversationId: id, userId: owner, historyForNewMembers: true });
    const { entry, inboxes } = await world.add(id, owner, newcomer);
    assert.deepEqual(JSON.parse(entry!.body), { memberIds: [String(newcomer)], history: true });
    assert.equal(JSON.parse(inboxes[0].entries[0].body).firstSeq, 1);
    const { firstSeq, unread, readSeq } = await world.view(id, newcomer);
    assert.deepEqual([firstSeq, unread, readSeq], [1, 0, entry!.seq]);
    assert.deepEqual(await told(world, id, newcomer), await told(world, id, bob));
    assert.equal((await seen(world, id, newcomer, seq))!.text, "second");
    assert.ok(await changed(world, id, newcomer, seq, react("👍")));
    // It is for those who come from then on.
    assert.equal(await seen(world, id, before, seq), undefined);
    const { groups } = await world.data.conversations.listening({ userId: newcomer });
    assert.deepEqual(groups.map(({ firstSeq }) => firstSeq), [1]);
    // Taken back, it stays theirs while they stay.
    await world.data.groups.update({ conversationId: id, userId: owner, historyForNewMembers: false });
    assert.equal((await seen(world, id, newcomer, seq))!.text, "second");
    await world.leave(id, newcomer);
    await world.add(id, owner, newcomer);
    assert.deepEqual(await told(world, id, newcomer), ["member.added"], "who comes back begins anew");
  });

  test("history for new members: who joined first is not who may read most", async (world) => {
    const [owner, early, late] = await world.users(3);
    const id = await world.group(owner);
    await world.add(id, owner, early);
    await world.data.groups.update({ conversationId: id, userId: owner, historyForNewMembers: true });
    await world.add(id, owner, late);
    await world.leave(id, owner);
    assert.equal((await world.view(id, early)).role, 2, "the owner now");
  });
}
