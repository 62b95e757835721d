import assert from "node:assert/strict";
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
} from "./data_world.ts";

/** Appending: P1, P2, P3 and P5. */
export function logCases(test: Case): void {
  test("append: the first message of a direct conversation is 1, and its two people are to be told", async (world) => {
    const [ann, bob] = await world.users(2);
    const conversationId = await world.direct(ann, bob);
    world.clock.nowMs += 5;
    const body = '{"type" :"text","text":"你好\\u0000 \\"😀\\"", "n": 1.0e2 }';
    const answer = await world.data.log.append({ conversationId, senderId: bob, clientId: "A.b:c-1_", body });
    const { directUserIds, ...rest } = answer;
    assert.deepEqual(rest, { seq: 1, messageNo: 1, at: START_MS + 5, duplicate: false });
    assert.deepEqual(directUserIds.toSorted(ascending), [ann, bob].sort(ascending));
    const entry = {
      seq: 1,
      kind: "message",
      senderId: bob,
      at: START_MS + 5,
      messageNo: 1,
      clientId: "A.b:c-1_",
      body,
    };
    for (const userId of [ann, bob]) assert.deepEqual(await world.read(conversationId, userId), [entry]);
  });

  test("append: in a group the channel is to be told, and events count as entries, not as messages", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    assert.deepEqual((await world.say(group, bob)).directUserIds, []);
    await world.add(group, ann, carl);
    const { seq, messageNo } = await world.say(group, ann);
    assert.deepEqual({ seq, messageNo }, { seq: 4, messageNo: 2 });
    await world.leave(group, bob);
    await world.say(group, carl);
    const entries = await world.read(group, ann);
    assertSeqs(entries, 1, 6);
    assert.deepEqual(entries.map((entry) => entry.messageNo), [0, 1, 1, 2, 2, 3]);
    assert.deepEqual(entries.map((entry) => entry.kind), [
      "group.created",
      "message",
      "member.added",
      "message",
      "member.left",
      "message",
    ]);
  });

  test("append: a body of 1 MiB is stored as it came", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await world.say(id, ann, "语😀".repeat(2 ** 17));
    assert.ok((await world.read(id, bob))[0].body === bodyOf("语😀".repeat(2 ** 17)));
  });

  test("append: 500 at once from 20 senders in 20 conversations leave no hole and no double", async (world) => {
    const users = await world.users(20);
    const logs = await Promise.all(
      range(0, 19).map(async (i) => {
        const [owner, ...members] = range(0, 4).map((k) => users[(i + k) % 20]);
        const id = i % 2 ? await world.direct(owner, members[0]) : await world.group(owner, ...members);
        return { id, senders: i % 2 ? [owner, members[0]] : [owner, ...members] };
      }),
    );
    const sent = await Promise.all(
      range(0, 499).map(async (i) => {
        const { id, senders } = logs[i % 20];
        return {
          id,
          text: `message ${i}`,
          answer: await world.say(id, senders[i % senders.length], `message ${i}`),
        };
      }),
    );
    for (const { id, senders } of logs) {
      const entries = await world.read(id, senders[1]);
      const events = entries.filter(({ kind }) => kind !== "message").length;
      assertSeqs(entries, 1, 25 + events);
      for (const entry of entries) assert.equal(entry.messageNo, entry.seq - events);
      const mine = sent.filter((one) => one.id === id);
      assert.equal(mine.length, 25);
      for (const { text, answer } of mine) {
        const entry = entries[answer.seq - 1];
        assert.deepEqual([JSON.parse(entry.body).text, entry.messageNo, entry.at], [
          text,
          answer.messageNo,
          answer.at,
        ]);
        assert.equal(answer.duplicate, false);
      }
    }
  });

  test("append: what one caller sends without waiting is stored in the order of the calls", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const logs = [await world.direct(ann, bob), await world.direct(ann, carl), await world.group(ann, bob)];
    const answers = await Promise.all(range(0, 599).map((i) => world.say(logs[i % 3], ann, `${i}`)));
    for (const [at, id] of logs.entries()) {
      assert.deepEqual(await world.texts(id, ann), range(0, 199).map((i) => `${3 * i + at}`));
      const seqs = answers.filter((_, i) => i % 3 === at).map(({ seq }) => seq);
      assert.deepEqual(seqs, seqs.toSorted(ascending));
    }
  });

  test("append: time never runs backwards within a log, whatever the clock does", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const group = await world.group(ann, bob);
    const steps = [10, -5_000, -1, 4_000, 2_000, -100_000];
    for (const [i, step] of steps.entries()) {
      world.clock.nowMs += step;
      await world.say(group, ann);
      if (i === 1) await world.add(group, ann, carl);
      if (i === 3) await world.leave(group, bob);
    }
    const times = (await world.read(group, ann)).map(({ at }) => at);
    assert.equal(times.length, 9);
    assert.deepEqual(times, times.toSorted(ascending));
    // The clock's highest stand was 1,009 ms after the start.
    assert.deepEqual(times.slice(-2), [START_MS + 1_009, START_MS + 1_009]);
    const { updatedAt } = await world.view(group, ann);
    assert.equal(updatedAt, times.at(-1));
  });

  refusalCases(test);
  duplicateCases(test);
}

function refusalCases(test: Case): void {
  test("append: who is not in it, or left, and a conversation that is none are refused alike", async (world) => {
    const [ann, bob, eve] = await world.users(3);
    const direct = await world.direct(ann, bob);
    const group = await world.group(ann, bob);
    await world.leave(group, bob);
    await rejects("conversation_not_found", world.say(direct, eve));
    await rejects("conversation_not_found", world.say(group, eve));
    await rejects("conversation_not_found", world.say(group, bob));
    await rejects("conversation_not_found", world.say(NOBODY, ann));
    await rejects("conversation_not_found", world.say(group, NOBODY));
    assert.deepEqual(await world.texts(direct, ann), []);
    assert.deepEqual(await world.texts(group, ann), []);
    assert.equal((await world.view(group, ann)).lastSeq, 2);
  });

  test("append: who comes back may write again", async (world) => {
    const [ann, bob] = await world.users(2);
    const group = await world.group(ann, bob);
    await world.leave(group, bob);
    await world.add(group, ann, bob);
    assert.equal((await world.say(group, bob)).seq, 4);
  });

  test("append: a request that is refused disturbs none of those beside it", async (world) => {
    const [ann, bob, eve] = await world.users(3);
    const [good, other] = [await world.direct(ann, bob), await world.direct(bob, eve)];
    await world.data.relations.block({ userId: bob, otherId: eve });
    await world.say(good, ann, "first", "taken");
    const calls: [code: string, call: Promise<unknown>][] = [];
    for (const i of range(1, 30)) {
      calls.push(["ok", world.say(good, ann, `a${i}`)]);
      calls.push(["conversation_not_found", world.say(good, eve, `stranger ${i}`)]);
      calls.push(["ok", world.say(good, bob, `b${i}`)]);
      calls.push(["client_id_conflict", world.say(good, ann, `other ${i}`, "taken")]);
      calls.push(["conversation_not_found", world.say(NOBODY, ann, `nowhere ${i}`)]);
      calls.push(["blocked", world.say(other, eve, `blocked ${i}`)]);
    }
    const codes = await Promise.all(calls.map(([, call]) => codeOf(call)));
    assert.deepEqual(codes, calls.map(([code]) => code));
    assertSeqs(await world.read(good, bob), 1, 61);
    assert.deepEqual(await world.texts(good, bob), [
      "first",
      ...range(1, 30).flatMap((i) => [`a${i}`, `b${i}`]),
    ]);
    assert.deepEqual(await world.texts(other, bob), []);
  });

  test("append: racing with one's own leaving, nothing is stored after it", async (world) => {
    for (let i = 0; i < 10; i++) {
      const [ann, bob] = await world.users(2);
      const group = await world.group(ann, bob);
      const before = range(1, 5).map((n) => codeOf(world.say(group, bob, `before ${n}`)));
      const leaving = world.leave(group, bob);
      const beside = range(1, 5).map((n) => codeOf(world.say(group, bob, `beside ${n}`)));
      const left = (await leaving).entry!.seq;
      const codes = await Promise.all([...before, ...beside]);
      const stored = codes.filter((code) => code === "ok").length;
      assert.deepEqual(codes.slice(stored), Array(10 - stored).fill("conversation_not_found"));
      await world.say(group, ann);
      const entries = await world.read(group, ann);
      assertSeqs(entries, 1, stored + 3);
      assert.ok(entries.every(({ senderId, seq }) => senderId !== bob || seq <= left));
    }
  });
}

function duplicateCases(test: Case): void {
  test("append: sent again it is stored once and answers the same, also much later", async (world) => {
    const [ann, bob] = await world.users(2);
    for (const id of [await world.direct(ann, bob), await world.group(ann, bob)]) {
      const first = await world.say(id, ann, "once", "the-id");
      world.clock.nowMs += 1000;
      assert.deepEqual(await world.say(id, ann, "once", "the-id"), { ...first, duplicate: true });
      for (const i of range(1, 20)) await world.say(id, bob, `${i}`);
      assert.deepEqual(await world.say(id, ann, "once", "the-id"), { ...first, duplicate: true });
      assert.equal((await world.texts(id, bob)).filter((text) => text === "once").length, 1);
      assert.equal((await world.texts(id, bob)).length, 21);
    }
  });

  test("append: sent many times at once it is stored once; one answer is the first", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const answers = await Promise.all(
      range(1, 50).map((i) => world.say(id, ann, `m${i % 5}`, `id-${i % 5}`)),
    );
    assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 5);
    for (const i of range(0, 4)) {
      const same = answers.filter((_, at) => (at + 1) % 5 === i);
      const first = same.find(({ duplicate }) => !duplicate);
      for (const answer of same) assert.deepEqual({ ...answer, duplicate: false }, first);
    }
    assertSeqs(await world.read(id, bob), 1, 5);
    assert.equal((await world.view(id, bob)).unread, 5);
  });

  test("append: the same id with another payload is a conflict, and nothing of it is stored", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    await world.say(id, ann, "one", "the-id");
    await rejects("client_id_conflict", world.say(id, ann, "two", "the-id"));
    await rejects("client_id_conflict", world.say(id, ann, "one ", "the-id"));
    // In one batch too: the first stands, whatever comes after it under its id.
    const codes = await Promise.all(["a", "b", "a"].map((text) => codeOf(world.say(id, bob, text, "batch"))));
    assert.deepEqual(codes, ["ok", "client_id_conflict", "ok"]);
    assert.deepEqual(await world.texts(id, bob), ["one", "a"]);
    const { lastSeq, lastMessageNo } = await world.view(id, ann);
    assert.deepEqual({ lastSeq, lastMessageNo }, { lastSeq: 2, lastMessageNo: 2 });
  });

  test("append: the same id of another sender or in another conversation is another message", async (world) => {
    const [ann, bob, carl] = await world.users(3);
    const [one, two] = [await world.direct(ann, bob), await world.direct(ann, carl)];
    await world.say(one, ann, "x", "the-id");
    const others = await Promise.all([
      world.say(one, bob, "x", "the-id"),
      world.say(two, ann, "y", "the-id"),
      world.say(two, carl, "z", "the-id"),
    ]);
    assert.ok(others.every(({ duplicate }) => !duplicate));
    assert.deepEqual(await world.texts(one, ann), ["x", "x"]);
    assert.deepEqual(await world.texts(two, ann), ["y", "z"]);
  });

  test("append: ids differ by every character", async (world) => {
    const [ann, bob] = await world.users(2);
    const id = await world.direct(ann, bob);
    const ids = ["a", "A", "a.", "a:", "a_", "a-", "aa", "x".repeat(64), "x".repeat(63)];
    for (const clientId of ids) assert.equal((await world.say(id, ann, "same", clientId)).duplicate, false);
    assert.deepEqual((await world.read(id, bob)).map(({ clientId }) => clientId), ids);
  });

  test("append: what was stored before a block, a leaving or a return is still one message", async (world) => {
    const [ann, bob] = await world.users(2);
    const direct = await world.direct(ann, bob);
    const first = await world.say(direct, bob, "once", "the-id");
    await world.data.relations.block({ userId: ann, otherId: bob });
    assert.deepEqual(await world.say(direct, bob, "once", "the-id"), { ...first, duplicate: true });
    const group = await world.group(ann, bob);
    const second = await world.say(group, bob, "once", "the-id");
    await world.leave(group, bob);
    await rejects("conversation_not_found", world.say(group, bob, "once", "the-id"));
    await world.add(group, ann, bob);
    assert.deepEqual(await world.say(group, bob, "once", "the-id"), { ...second, duplicate: true });
    assert.deepEqual(await world.texts(group, ann), ["once"]);
  });
}
