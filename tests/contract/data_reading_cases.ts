import assert from "node:assert/strict";
import { assertSeqs, type Case, NOBODY, range, rejects, type World } from "./data_world.ts";

/** Reading a log forwards (Read) and backwards (History). */
export function readingCases(test: Case): void {
  test("read: pages of any size give the whole log once, in order, without holes", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await Promise.all(range(2, 60).map((i) => world.say(group, i % 2 ? ann : bob, `${i}`)));
    for (const limit of [1, 7, 20, 59, 60, 61, 1000]) {
      const entries = [];
      for (let after = 0;;) {
        const page = await world.data.log.read({ conversationId: group, userId: bob, after, limit });
        assert.equal(page.lastSeq, 60);
        assert.ok(page.entries.length <= limit);
        if (page.entries.length === 0) break;
        entries.push(...page.entries);
        after = entries.at(-1)!.seq;
      }
      assertSeqs(entries, 1, 60);
      assert.deepEqual(entries.slice(1).map(({ body }) => JSON.parse(body).text), range(2, 60).map(String));
    }
  });

  test("read backwards: pages of any size give the whole log once, each in ascending order, up to its place", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await Promise.all(range(2, 60).map((i) => world.say(group, i % 2 ? ann : bob, `${i}`)));
    for (const limit of [1, 7, 20, 59, 60, 61, 1000]) {
      const entries = [];
      for (let before = 61; before > 1;) {
        const page = await world.data.log.read({
          conversationId: group,
          userId: bob,
          after: 0,
          before,
          limit,
        });
        assertSeqs(page.entries, Math.max(1, before - limit), before - 1);
        entries.unshift(...page.entries);
        before = page.entries[0].seq;
      }
      assertSeqs(entries, 1, 60);
      assert.deepEqual(entries, await world.read(group, bob));
    }
    const at = (before: number) =>
      world.data.log.read({ conversationId: group, userId: bob, after: 0, before, limit: 2 });
    assert.deepEqual((await at(1)).entries, []);
    assertSeqs((await at(Number.MAX_SAFE_INTEGER)).entries, 59, 60);
  });

  test("read backwards: from joining to leaving, and long entries by pages that end where they should", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann);
    await world.say(group, ann);
    await world.add(group, ann, bob);
    for (const i of range(4, 24)) await world.say(group, ann, `${i} ${"x".repeat(100_000)}`);
    await world.leave(group, bob);
    await world.say(group, ann);
    const read = (before: number) =>
      world.data.log.read({ conversationId: group, userId: bob, after: 0, before, limit: 1000 });
    const last = await read(99);
    assert.ok(last.entries.length >= 10 && last.entries.length < 20);
    assertSeqs(last.entries, 26 - last.entries.length, 25);
    const first = await read(last.entries[0].seq);
    const rest = first.entries[0].seq > 3 ? await read(first.entries[0].seq) : { entries: [] };
    assertSeqs([...rest.entries, ...first.entries], 3, last.entries[0].seq - 1);
    assert.equal(last.lastSeq, 25);
  });

  test("read: after the end there is nothing, and the answer says where the end is", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const read = (after: number) =>
      world.data.log.read({ conversationId: id, userId: ann, after, limit: 10 });
    assert.deepEqual(await read(0), { entries: [], lastSeq: 0 });
    await world.say(id, ann);
    await world.say(id, bob);
    for (const after of [2, 3, 1000, Number.MAX_SAFE_INTEGER]) {
      assert.deepEqual(await read(after), { entries: [], lastSeq: 2 }, `after ${after}`);
    }
    assertSeqs((await read(1)).entries, 2, 2);
  });

  test("read, history: strangers and conversations that are none are not found", async (world) => {
    const [ann, bob, eve] = await world.users(3);
    const [direct, group] = [await world.direct(ann, bob), await world.group(ann, bob)];
    await world.say(direct, ann);
    const tries: [number, number][] = [[direct, eve], [group, eve], [NOBODY, ann], [direct, NOBODY]];
    for (const [conversationId, userId] of tries) {
      const request = { conversationId, userId, limit: 10 };
      await rejects("conversation_not_found", world.data.log.read({ ...request, after: 0 }));
      await rejects("conversation_not_found", world.data.log.history({ ...request, before: 0 }));
    }
  });

  test("read, history: a newcomer sees from the entry of their joining on", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    await world.say(group, ann, "before");
    const { entry } = await world.add(group, ann, carl);
    await world.say(group, bob, "after");
    assert.equal(entry!.seq, 3);
    for (const after of [0, 1, 2]) assertSeqs(await world.read(group, carl, after), 3, 4);
    assertSeqs(await world.read(group, carl, 0, 1), 3, 3);
    assertSeqs(await world.read(group, carl, 3), 4, 4);
    assert.deepEqual(await backwards(world, group, carl, 10), ["after"]);
    const { more } = await world.data.log.history({
      conversationId: group,
      userId: carl,
      before: 0,
      limit: 1,
    });
    assert.equal(more, false);
    const early = await world.data.log.history({ conversationId: group, userId: carl, before: 3, limit: 9 });
    assert.deepEqual(early, { entries: [], more: false });
  });

  test("read, history: who left sees up to the entry of their leaving, also when others follow", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await world.say(group, ann, "seen");
    const { entry } = await world.leave(group, bob);
    assert.equal(entry!.seq, 3);
    for (const text of ["", "unseen", "unseen too"]) {
      if (text) await world.say(group, ann, text);
      const read = await world.data.log.read({ conversationId: group, userId: bob, after: 0, limit: 100 });
      assertSeqs(read.entries, 1, 3);
      assert.equal(read.lastSeq, 3);
      assert.deepEqual(await world.read(group, bob, 3), []);
      assert.deepEqual(await backwards(world, group, bob, 10), ["seen"]);
      const end = { conversationId: group, userId: bob, before: Number.MAX_SAFE_INTEGER, limit: 1 };
      assert.deepEqual((await world.data.log.history(end)).entries.map(({ seq }) => seq), [2]);
    }
    assertSeqs(await world.read(group, ann), 1, 5);
  });

  test("read, history: who came back sees from their second joining on, nothing of the time between", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await world.say(group, ann, "first time");
    await world.leave(group, bob);
    await world.say(group, ann, "away");
    const { entry } = await world.add(group, ann, bob);
    await world.say(group, ann, "second time");
    const read = await world.data.log.read({ conversationId: group, userId: bob, after: 0, limit: 100 });
    assertSeqs(read.entries, entry!.seq, entry!.seq + 1);
    assert.equal(read.lastSeq, entry!.seq + 1);
    assert.deepEqual(await backwards(world, group, bob, 10), ["second time"]);
    const left = (await world.leave(group, bob)).entry!;
    await world.say(group, ann, "away again");
    assertSeqs(await world.read(group, bob), entry!.seq, left.seq);
  });

  test("history: pages of any size give all messages, newest first, and say whether there are more", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const texts: string[] = [];
    for (const i of range(1, 30)) {
      await world.say(group, i % 2 ? ann : bob, `${i}`);
      texts.unshift(`${i}`);
      if (i % 10 === 0) await world.add(group, ann, carl);
      if (i % 10 === 5 && i > 10) await world.leave(group, carl);
    }
    for (const limit of [1, 4, 10, 29, 30, 31]) {
      assert.deepEqual(await backwards(world, group, ann, limit), texts, `by ${limit}`);
    }
  });

  test("read, history: a page of long messages is cut short, and paging on gives all of them", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const long = "长".repeat(60_000);
    for (let i = 0; i < 40; i++) await world.say(id, ann, `${i} ${long}`);
    const seqs: number[] = [];
    let pages = 0;
    for (let after = 0; after < 40; after = seqs.at(-1)!) {
      const { entries, lastSeq } = await world.data.log.read({
        conversationId: id,
        userId: bob,
        after,
        limit: 1000,
      });
      assert.equal(lastSeq, 40);
      assert.ok(entries.length >= 1 && entries.length < 20, `${entries.length} in a page`);
      seqs.push(...entries.map((entry) => entry.seq));
      pages += 1;
    }
    assert.deepEqual(seqs, Array.from({ length: 40 }, (_, i) => i + 1));
    assert.ok(pages >= 3);
    const back: number[] = [];
    let more = true;
    while (more) {
      const request = { conversationId: id, userId: bob, before: back.at(-1) ?? 0, limit: 200 };
      const page = await world.data.log.history(request);
      assert.ok(page.entries.length < 20);
      back.push(...page.entries.map((entry) => entry.seq));
      more = page.more;
    }
    assert.deepEqual(back, seqs.toReversed());
  });

  test("history: before is a place, not a message: events are passed over", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    await world.say(group, ann, "one");
    await world.add(group, ann, carl);
    await world.say(group, ann, "two");
    const before = async (place: number, limit = 10) => {
      const request = { conversationId: group, userId: bob, before: place, limit };
      const { entries, more } = await world.data.log.history(request);
      assert.ok(entries.every(({ kind }) => kind === "message"));
      return [entries.map(({ seq }) => seq), more];
    };
    assert.deepEqual(await before(0), [[4, 2], false]);
    assert.deepEqual(await before(5), [[4, 2], false]);
    assert.deepEqual(await before(1_000_000), [[4, 2], false]);
    assert.deepEqual(await before(4), [[2], false]);
    assert.deepEqual(await before(3), [[2], false]);
    assert.deepEqual(await before(2), [[], false]);
    assert.deepEqual(await before(1), [[], false]);
    assert.deepEqual(await before(0, 1), [[4], true]);
    assert.deepEqual(await before(0, 2), [[4, 2], false]);
  });

  test("read: two readers and a writer at once; no reader ever sees a hole", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    let writing = true;
    const follow = async (userId: number) => {
      const entries = [];
      for (let done = false; !done;) {
        done = !writing;
        const after = entries.at(-1)?.seq ?? 0;
        const page = await world.data.log.read({ conversationId: id, userId, after, limit: 13 });
        assert.ok(page.lastSeq >= (page.entries.at(-1)?.seq ?? 0), "the end is not before what was given");
        entries.push(...page.entries);
        done &&= page.entries.length < 13;
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      assertSeqs(entries, 1, 200);
    };
    const write = async () => {
      for (const i of range(1, 20)) {
        await Promise.all(range(1, 10).map((k) => world.say(id, k % 2 ? ann : bob, `${i}.${k}`)));
      }
      writing = false;
    };
    await Promise.all([follow(ann), follow(bob), write()]);
  });
}

/** All messages, read backwards page by page; every page but the last is full. */
async function backwards(
  world: World,
  conversationId: number,
  userId: number,
  limit: number,
): Promise<string[]> {
  const texts: string[] = [];
  let before = 0;
  for (let more = true; more;) {
    const page = await world.data.log.history({ conversationId, userId, before, limit });
    const seqs = page.entries.map(({ seq }) => seq);
    assert.deepEqual(seqs, seqs.toSorted((a, b) => b - a));
    texts.push(...page.entries.map(({ body }) => JSON.parse(body).text));
    more = page.more;
    if (more) assert.equal(page.entries.length, limit);
    before = seqs.at(-1) ?? 0;
  }
  return texts;
}
