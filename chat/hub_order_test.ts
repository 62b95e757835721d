import assert from "node:assert/strict";
import fc from "fast-check";
import { groupChannel } from "../bus/bus.ts";
import { LogKind } from "../data/service.ts";
import { attach, type Heard, type Hint, type Logs, stage, turn, wait } from "../tests/support/hub_stage.ts";

/** What becomes of hints that the Bus loses, repeats or turns around. */

Deno.test.sanitizer({ ops: true, resources: true });

const [ANN, BOB, CARL] = [1, 2, 3];
const [GROUP, DIRECT] = [70, 9];
/** Longer than a hole may stand (ordered_log.ts). */
const REPAIRED_MS = 80;

function setUp(...members: number[]) {
  const all = stage();
  for (const one of members) all.logs.join(GROUP, one);
  return all;
}

Deno.test("hub: a lost entry of a group is read and told before the next one", async () => {
  const { hub, logs, tell } = setUp(ANN);
  const { heard } = await attach(hub, ANN);
  logs.say(GROUP);
  tell(logs.say(GROUP));
  assert.deepEqual(heard.seqs(GROUP), []);
  await wait(REPAIRED_MS);
  assert.deepEqual(heard.seqs(GROUP), [2, 3]);
  tell(logs.say(GROUP));
  assert.deepEqual(heard.seqs(GROUP), [2, 3, 4]);
});

Deno.test("hub: hints in the wrong order, or twice, come out in order and once, and nothing is read", async () => {
  const { hub, logs, tell } = setUp(ANN);
  const { heard } = await attach(hub, ANN);
  const [a, b, c] = [logs.say(GROUP), logs.say(GROUP), logs.say(GROUP)];
  logs.down = true;
  tell(c, b, b, a, c, a);
  assert.deepEqual(heard.seqs(GROUP), [2, 3, 4]);
  await wait(REPAIRED_MS);
  assert.deepEqual(heard.seqs(GROUP), [2, 3, 4]);
});

for (const lost of [["group"], ["inbox"], ["group", "inbox"], []]) {
  Deno.test(`hub: who has left hears nothing after it, with the hint lost in ${lost.join(" and ") || "neither"}`, async () => {
    const { hub, logs, tell } = setUp(ANN, BOB);
    const [ann, bob] = [await attach(hub, ANN), await attach(hub, BOB)];
    const [inGroup, inInbox] = logs.leave(GROUP, ANN);
    if (!lost.includes("group")) tell(inGroup);
    if (!lost.includes("inbox")) tell(inInbox);
    tell(logs.say(GROUP));
    await wait(REPAIRED_MS);
    assert.deepEqual(bob.heard.seqs(GROUP), [3, 4]);
    assert.ok(!ann.heard.seqs(GROUP).includes(4));
  });
}

for (const kind of ["member.removed", "member.banned"] as const) {
  for (const lost of [["group"], ["inbox"], []]) {
    Deno.test(`hub: ${kind} ends it as leaving does, with the hint lost in ${lost[0] ?? "neither"}`, async () => {
      const { hub, logs, tell } = setUp(ANN, BOB);
      const [ann, bob] = [await attach(hub, ANN), await attach(hub, BOB)];
      const [inGroup, inInbox] = logs.remove(GROUP, ANN, kind);
      if (!lost.includes("group")) tell(inGroup);
      if (!lost.includes("inbox")) tell(inInbox);
      tell(logs.say(GROUP));
      await wait(REPAIRED_MS);
      assert.deepEqual(bob.heard.seqs(GROUP), [3, 4]);
      assert.ok(!ann.heard.seqs(GROUP).includes(4));
      if (lost.length === 0) assert.deepEqual(ann.heard.seqs(GROUP), [3], "the last entry is theirs");
    });
  }
}

for (const lost of [true, false]) {
  Deno.test(`hub: who hears of their leaving by the inbox first is told it in the group too, with its hint ${lost ? "lost" : "late"}`, async () => {
    const { hub, logs, tell, channels } = setUp(ANN, BOB);
    const [ann, bob] = [await attach(hub, ANN), await attach(hub, BOB)];
    tell(logs.say(GROUP));
    const [inGroup, inInbox] = logs.remove(GROUP, ANN, "member.removed");
    tell(inInbox);
    const after = logs.say(GROUP);
    tell(...lost ? [] : [inGroup], after);
    await wait(REPAIRED_MS);
    assert.deepEqual(ann.heard.seqs(GROUP), [3, 4]);
    assert.deepEqual(bob.heard.seqs(GROUP), [3, 4, 5]);
    // Where it cannot be read they are listened for no more, and hear nothing.
    logs.down = true;
    tell(logs.remove(GROUP, BOB, "member.removed")[1]);
    await wait(REPAIRED_MS);
    assert.deepEqual([bob.heard.seqs(GROUP), channels()[`group:${GROUP}`]], [[3, 4, 5], undefined]);
  });
}

Deno.test("hub: who has left is told nobody's typing, also while the log is read up to their leaving", async () => {
  const { hub, logs, tell } = setUp(ANN, BOB);
  const [ann, bob] = [await attach(hub, ANN), await attach(hub, BOB)];
  const typing = { conversationId: GROUP, userId: CARL, on: true };
  const types: Hint = { channel: groupChannel(GROUP), event: { body: { $case: "typing", typing } } };
  const heard = () => [ann, bob].map(({ heard }) => heard.messages().filter(isTyping).length);
  const isTyping = ({ method }: { method: string }) => method === "typing.changed";
  tell(types);
  assert.deepEqual(heard(), [1, 1]);
  tell(logs.remove(GROUP, ANN, "member.removed")[1], types);
  assert.deepEqual(heard(), [1, 2]);
  await wait(REPAIRED_MS);
  tell(types);
  assert.deepEqual(heard(), [1, 3]);
  // And who is back is told again.
  tell(...logs.join(GROUP, ANN));
  await wait(REPAIRED_MS);
  tell(types);
  assert.deepEqual(heard(), [2, 4]);
});

Deno.test("hub: a dissolved group is told once more, to everyone, and then listened to no more", async () => {
  const { hub, logs, tell, channels } = setUp(ANN, BOB);
  const all = [await attach(hub, ANN), await attach(hub, BOB)];
  tell(logs.say(GROUP), logs.dissolve(GROUP));
  assert.deepEqual(all.map(({ heard }) => heard.seqs(GROUP)), [[3, 4], [3, 4]]);
  assert.equal(channels()[`group:${GROUP}`], undefined);
  // With its hint lost, the sweep finds it.
  const other = setUp(ANN);
  const { heard } = await attach(other.hub, ANN);
  other.logs.dissolve(GROUP);
  assert.ok(other.hub.isBehind(other.logs.moved(GROUP, LogKind.LOG_GROUP)));
  await other.hub.repair(other.logs.moved(GROUP, LogKind.LOG_GROUP));
  assert.deepEqual([heard.seqs(GROUP), other.channels()[`group:${GROUP}`]], [[2], undefined]);
});

Deno.test("hub: what becomes of a message is told without what is in it to who came after it", async () => {
  const { hub, logs, tell } = setUp(ANN);
  tell(logs.say(GROUP));
  // Bob is there when it is told that he joined; Carl reads of it in his list of groups.
  const [ann, bob] = [await attach(hub, ANN), await attach(hub, BOB)];
  tell(...logs.join(GROUP, BOB));
  logs.join(GROUP, CARL);
  const carl = await attach(hub, CARL);
  const old = { target: 2, content: { type: "text", text: "changed" } };
  tell(
    logs.change(GROUP, "message.edited", old),
    logs.change(GROUP, "reaction.added", { target: 2, emoji: "👍" }),
    logs.change(GROUP, "message.pinned", { target: 2 }),
  );
  tell(logs.say(GROUP));
  const seq = logs.head(GROUP);
  tell(logs.change(GROUP, "reaction.added", { target: seq, emoji: "👋" }));
  await wait(REPAIRED_MS);
  const contents = ({ heard }: typeof ann) =>
    heard.messages().flatMap(({ params }) => params.entries as { seq: number; content: unknown }[])
      .filter((entry) => entry.seq > 4 && entry.seq !== seq).map(({ content }) => content);
  const fresh = { target: seq, emoji: "👋" };
  assert.deepEqual(contents(ann), [old, { target: 2, emoji: "👍" }, { target: 2 }, fresh]);
  for (const late of [bob, carl]) {
    assert.deepEqual(contents(late), [
      { target: 2, content: { type: "hidden" } },
      { target: 2 },
      { target: 2 },
      fresh,
    ]);
  }
});

Deno.test("hub: where newcomers may read what came before, they are told all of it", async () => {
  const { hub, logs, tell } = setUp(ANN);
  logs.say(GROUP);
  await attach(hub, ANN);
  const bob = await attach(hub, BOB);
  const added = { memberIds: [String(BOB)], history: true };
  tell(logs.change(GROUP, "member.added", added));
  tell(logs.change(GROUP, "reaction.added", { target: 2, emoji: "👍" }));
  await wait(REPAIRED_MS);
  const { entries } = bob.heard.messages().at(-1)!.params as { entries: { content: unknown }[] };
  assert.deepEqual(entries.at(-1)!.content, { target: 2, emoji: "👍" });
});

Deno.test("hub: leaving and coming back, whatever the order of the hints, ends in the group", async () => {
  for (let order = 0; order < 24; order++) {
    const { hub, logs, tell } = setUp(ANN, BOB);
    const [ann] = [await attach(hub, ANN), await attach(hub, BOB)];
    const hints = [...logs.leave(GROUP, ANN), ...logs.join(GROUP, ANN)];
    for (let rest = order; hints.length > 0; rest = Math.floor(rest / (hints.length + 1))) {
      tell(...hints.splice(rest % hints.length, 1));
    }
    await wait(REPAIRED_MS);
    tell(logs.say(GROUP));
    assert.equal(ann.heard.seqs(GROUP).at(-1), 5, `order ${order}`);
    hub.close();
  }
});

Deno.test("hub: a read that fails is tried again", async () => {
  const { hub, logs, tell } = setUp(ANN);
  const { heard } = await attach(hub, ANN);
  logs.say(GROUP);
  logs.down = true;
  tell(logs.say(GROUP));
  await wait(REPAIRED_MS);
  logs.down = false;
  await wait(1_100);
  assert.deepEqual(heard.seqs(GROUP), [2, 3]);
  hub.close();
});

Deno.test("hub: of very many missed entries the last is told, and who may hear it is known", async () => {
  const { hub, logs, tell } = setUp(ANN, BOB);
  const [ann, bob] = [await attach(hub, ANN), await attach(hub, BOB)];
  for (let i = 0; i < 150; i++) logs.say(GROUP);
  logs.leave(GROUP, ANN);
  for (let i = 0; i < 149; i++) logs.say(GROUP);
  tell(logs.say(GROUP));
  await wait(REPAIRED_MS);
  assert.equal(bob.heard.seqs(GROUP).at(-1), 303);
  assert.ok(bob.heard.seqs(GROUP).length < 110);
  assert.ok(ann.heard.seqs(GROUP).every((seq) => seq <= 153));
});

Deno.test("hub: it knows whether somebody here is behind, and repairs it", async () => {
  const { hub, logs, tell } = setUp(ANN);
  const { heard } = await attach(hub, ANN);
  const direct = () => logs.moved(DIRECT, LogKind.LOG_DIRECT, [ANN, BOB]);
  const group = () => logs.moved(GROUP, LogKind.LOG_GROUP);
  const inbox = () => logs.moved(ANN, LogKind.LOG_INBOX);
  const states = () => [direct(), group(), inbox()].map((log) => hub.isBehind(log));
  assert.deepEqual(states(), [false, false, false]);
  logs.sayTo(DIRECT, [ANN, BOB]);
  logs.sayTo(DIRECT, [ANN, BOB]);
  logs.say(GROUP);
  logs.append(ANN, "friend.changed", { userId: "2", state: "invited" });
  assert.deepEqual(states(), [true, true, true]);
  for (const log of [direct(), group(), inbox()]) await hub.repair(log);
  assert.deepEqual(states(), [false, false, false]);
  // Of a direct conversation nobody has heard of here, the last one: who lacks the first sees the hole.
  assert.deepEqual([heard.seqs(DIRECT), heard.seqs(GROUP)], [[2], [2]]);
  assert.equal(heard.messages().at(-1)!.method, "inbox.append");
  logs.sayTo(DIRECT, [ANN, BOB]);
  logs.sayTo(DIRECT, [ANN, BOB]);
  await hub.repair(direct());
  assert.deepEqual(heard.seqs(DIRECT), [2, 3, 4], "of one that was told of, all that is missing");
  assert.equal(hub.isBehind(logs.moved(DIRECT, LogKind.LOG_DIRECT, [BOB, CARL])), false, "of nobody here");
  tell(...logs.sayTo(DIRECT, [ANN, BOB]));
  assert.equal(hub.isBehind(direct()), false);
  logs.down = true;
  logs.sayTo(DIRECT, [ANN, BOB]);
  await hub.repair(direct());
  assert.equal(hub.isBehind(direct()), true, "and a read that fails leaves it so");
});

const DOINGS = ["say", "say", "join", "leave", "reconnect"] as const;
const step = fc.record({
  do: fc.constantFrom(...DOINGS),
  who: fc.constantFrom(ANN, BOB, CARL),
  lose: fc.array(fc.boolean(), { minLength: 2, maxLength: 2 }),
  late: fc.nat(3),
  pause: fc.boolean(),
});

/** The hints of one step; what cannot be done (leaving twice) is a message. */
function hintsOf(logs: Logs, what: typeof DOINGS[number], who: number): Hint[] {
  const isIn = logs.spans(GROUP, who).at(-1)?.to === Infinity;
  if (what === "join" && !isIn) return logs.join(GROUP, who);
  if (what === "leave" && isIn) return logs.leave(GROUP, who);
  return [logs.say(GROUP)];
}

/** One connection, and how far the group's log went when it came. */
interface Connection {
  who: number;
  heard: Heard;
  detach: () => void;
  head: number;
}

Deno.test("hub: whatever is lost, late or twice, nobody hears what they may not see, and all is in order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { hub, logs, tell } = setUp(ANN, BOB);
      const all: Connection[] = [];
      const now = new Map<number, Connection>();
      const connect = async (who: number) => {
        now.get(who)?.detach();
        const one = { who, ...await attach(hub, who), head: logs.head(GROUP) };
        now.set(who, one);
        all.push(one);
      };
      for (const who of [ANN, BOB, CARL]) await connect(who);
      const late: { hint: Hint; at: number }[] = [];
      for (const [n, one] of steps.entries()) {
        if (one.do === "reconnect") await connect(one.who);
        else {
          const hints = hintsOf(logs, one.do, one.who);
          hints.forEach((hint, i) => !one.lose[i] && late.push({ hint, at: n + one.late }));
        }
        for (const { hint, at } of late) if (at === n || at === n + 1) tell(hint);
        if (one.pause) await turn();
      }
      for (const who of [ANN, BOB, CARL]) await hub.repair(logs.moved(who, LogKind.LOG_INBOX));
      await turn();
      await hub.repair(logs.moved(GROUP, LogKind.LOG_GROUP));
      // Who was found to have come back alone to a group that was closed meanwhile is told a little later.
      await turn();
      for (const { who, heard } of all) {
        const mine = heard.seqs(GROUP);
        assert.deepEqual(mine, [...new Set(mine)].toSorted((a, b) => a - b), "in order, none twice");
        const spans = logs.spans(GROUP, who);
        for (const seq of mine) {
          assert.ok(spans.some(({ from, to }) => from <= seq && seq <= to), `${who} heard ${seq}`);
        }
      }
      for (const { who, heard, head } of now.values()) {
        const isIn = logs.spans(GROUP, who).at(-1)?.to === Infinity;
        if (isIn && logs.head(GROUP) > head) {
          assert.equal(heard.seqs(GROUP).at(-1), logs.head(GROUP), `${who} lacks`);
        }
      }
      hub.close();
    }),
    {
      numRuns: 300,
      // Found once: the last one here leaves and comes back within what is read at once.
      examples: [[[
        { do: "leave", who: BOB, lose: [false, false], late: 0, pause: false },
        { do: "leave", who: ANN, lose: [false, false], late: 3, pause: false },
        { do: "join", who: ANN, lose: [false, false], late: 0, pause: false },
        { do: "say", who: ANN, lose: [false, false], late: 0, pause: false },
      ]], [[
        { do: "leave", who: ANN, lose: [false, false], late: 0, pause: false },
        { do: "join", who: ANN, lose: [true, false], late: 0, pause: false },
        { do: "leave", who: ANN, lose: [false, false], late: 0, pause: false },
        { do: "join", who: ANN, lose: [false, false], late: 0, pause: false },
        { do: "leave", who: BOB, lose: [false, false], late: 0, pause: false },
      ]], [[
        { do: "leave", who: ANN, lose: [false, false], late: 0, pause: false },
        { do: "leave", who: BOB, lose: [true, false], late: 0, pause: false },
        { do: "join", who: BOB, lose: [false, false], late: 0, pause: false },
      ]], [[
        { do: "leave", who: BOB, lose: [false, false], late: 0, pause: false },
        { do: "leave", who: ANN, lose: [true, true], late: 0, pause: false },
        { do: "join", who: ANN, lose: [false, false], late: 0, pause: false },
        { do: "join", who: CARL, lose: [false, true], late: 0, pause: false },
      ]], [[
        { do: "say", who: ANN, lose: [false, false], late: 3, pause: false },
        { do: "join", who: CARL, lose: [false, false], late: 0, pause: false },
        { do: "leave", who: CARL, lose: [false, false], late: 0, pause: false },
        { do: "say", who: ANN, lose: [false, false], late: 2, pause: false },
      ]], [[
        { do: "join", who: CARL, lose: [false, true], late: 0, pause: false },
        { do: "leave", who: BOB, lose: [false, false], late: 0, pause: false },
        { do: "leave", who: ANN, lose: [false, false], late: 0, pause: false },
        { do: "leave", who: CARL, lose: [false, false], late: 0, pause: false },
      ]]],
    },
  );
});
