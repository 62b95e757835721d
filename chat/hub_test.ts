import assert from "node:assert/strict";
import { groupChannel, userChannel } from "../bus/bus.ts";
import { attach, listener, stage, turn } from "../tests/support/hub_stage.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const [ANN, BOB, CARL] = [1, 2, 3];
const [GROUP, OTHER, DIRECT] = [70, 71, 9];

/** A hub whose groups have these members. */
function setUp(groups: Record<number, number[]> = {}) {
  const all = stage();
  for (const [id, members] of Object.entries(groups)) {
    for (const one of members) all.logs.join(Number(id), one);
  }
  return all;
}

Deno.test("hub: what is told on a user's channel reaches each of the user's connections, and nobody else", async () => {
  const { hub, logs, tell } = setUp();
  const [one, two, other] = [await attach(hub, ANN), await attach(hub, ANN), await attach(hub, CARL)];
  assert.equal(hub.connections, 3);
  const [toAnn] = logs.sayTo(DIRECT, [ANN, BOB]);
  tell(toAnn);
  assert.deepEqual(one.heard.messages(), [{
    jsonrpc: "2.0",
    method: "log.append",
    params: {
      conversationId: "9",
      entries: [{
        seq: 1,
        kind: "message",
        senderId: "1",
        at: 5,
        messageNo: 1,
        content: { type: "text", text: "hello" },
      }],
    },
  }] as unknown);
  assert.deepEqual(two.heard.frames, one.heard.frames);
  assert.deepEqual(other.heard.frames, []);
});

Deno.test("hub: a direct message comes once to each of the two, whichever of their channels' hints is lost", async () => {
  const { hub, logs, tell } = setUp();
  const [ann, bob] = [await attach(hub, ANN), await attach(hub, BOB)];
  for (const lost of [[], [0], [1]]) {
    tell(...logs.sayTo(DIRECT, [ANN, BOB]).filter((_, i) => !lost.includes(i)));
  }
  assert.deepEqual([ann.heard.seqs(DIRECT), bob.heard.seqs(DIRECT)], [[1, 2, 3], [1, 2, 3]]);
  assert.ok(ann.heard.frames[0] === bob.heard.frames[0], "the same string");
});

Deno.test("hub: the members of a group get the same string, built once", async () => {
  const { hub, logs, tell } = setUp({ [GROUP]: [ANN, BOB] });
  const all = [
    await attach(hub, ANN),
    await attach(hub, ANN),
    await attach(hub, BOB),
    await attach(hub, CARL),
  ];
  tell(logs.say(GROUP));
  assert.deepEqual(all.map(({ heard }) => heard.frames.length), [1, 1, 1, 0]);
  assert.ok(all.slice(0, 3).every(({ heard }) => heard.frames[0] === all[0].heard.frames[0]));
});

Deno.test("hub: it listens once to each user and group that has somebody here, from the first to the last", async () => {
  const { hub, channels } = setUp({ [GROUP]: [ANN, BOB], [OTHER]: [ANN] });
  const ann = [await attach(hub, ANN), await attach(hub, ANN)];
  assert.deepEqual(channels(), { "group:70": 1, "group:71": 1, "user:1": 1 });
  const bob = await attach(hub, BOB);
  assert.deepEqual(channels(), { "group:70": 1, "group:71": 1, "user:1": 1, "user:2": 1 });
  ann[0].detach();
  ann[0].detach();
  await turn();
  assert.equal(hub.connections, 2);
  assert.deepEqual(channels(), { "group:70": 1, "group:71": 1, "user:1": 1, "user:2": 1 });
  ann[1].detach();
  await turn();
  assert.deepEqual(channels(), { "group:70": 1, "user:2": 1 });
  bob.detach();
  await turn();
  assert.deepEqual([channels(), hub.connections], [{}, 0]);
  await attach(hub, ANN);
  assert.deepEqual(channels(), { "group:70": 1, "group:71": 1, "user:1": 1 });
});

Deno.test("hub: a connection that is detached hears nothing more, at once", async () => {
  const { hub, logs, tell } = setUp({ [GROUP]: [ANN] });
  const [one, two] = [await attach(hub, ANN), await attach(hub, ANN)];
  one.detach();
  tell(...logs.sayTo(DIRECT, [ANN, BOB]), logs.say(GROUP));
  assert.deepEqual([one.heard.frames.length, two.heard.frames.length], [0, 2]);
});

Deno.test("hub: one who comes as the last one goes keeps the subscriptions", async () => {
  const { hub, logs, tell, channels } = setUp({ [GROUP]: [ANN] });
  const first = await attach(hub, ANN);
  first.detach();
  const second = await attach(hub, ANN);
  await turn();
  assert.deepEqual(channels(), { "group:70": 1, "user:1": 1 });
  tell(logs.say(GROUP));
  assert.equal(second.heard.frames.length, 1);
});

Deno.test("hub: who joins a group hears it from then on, who leaves it hears it no more", async () => {
  const { hub, logs, tell, channels } = setUp({ [GROUP]: [BOB] });
  const { heard } = await attach(hub, ANN);
  const [joining, joined] = logs.join(GROUP, ANN);
  tell(joined);
  await turn();
  tell(joining, logs.say(GROUP), ...logs.leave(GROUP, ANN), logs.say(GROUP));
  await turn();
  assert.deepEqual(channels(), { "user:1": 1 });
  assert.deepEqual(heard.seqs(GROUP), [2, 3, 4]);
  const inbox = heard.messages().filter(({ method }) => method === "inbox.append");
  assert.deepEqual(inbox.map(({ params }) => params.entries), [
    [{
      seq: 1,
      kind: "conversation.joined",
      senderId: "1",
      at: 5,
      content: { conversationId: "70", type: "group", seq: 2 },
    }],
    [{
      seq: 2,
      kind: "conversation.left",
      senderId: "1",
      at: 5,
      content: { conversationId: "70", type: "group", seq: 4 },
    }],
  ]);
});

Deno.test("hub: a direct conversation that is new is told of, and needs no channel of its own", async () => {
  const { hub, logs, bus, channels } = setUp();
  const { heard } = await attach(hub, ANN);
  const entries = [logs.append(ANN, "conversation.joined", { conversationId: "9", type: "direct", seq: 0 })];
  bus.publish(userChannel(ANN), { body: { $case: "inbox", inbox: { userId: ANN, entries } } });
  await turn();
  assert.deepEqual(heard.messages().map(({ method }) => method), ["inbox.append"]);
  assert.deepEqual(channels(), { "user:1": 1 });
});

Deno.test("hub: a read marker and a draft are told to all the user's connections", async () => {
  const { bus, hub } = setUp();
  const two = [await attach(hub, ANN), await attach(hub, ANN)];
  bus.publish(userChannel(ANN), {
    body: { $case: "read", read: { conversationId: 9, readSeq: 4, unread: 2 } },
  });
  bus.publish(userChannel(ANN), { body: { $case: "draft", draft: { conversationId: 9, draft: "and" } } });
  for (const { heard } of two) {
    assert.deepEqual(heard.messages().map(({ method, params }) => [method, params]), [
      ["conversation.read", { conversationId: "9", readSeq: 4, unread: 2 }],
      ["draft.changed", { conversationId: "9", draft: "and" }],
    ]);
  }
});

Deno.test("hub: an ended session ends its connections, and no other", async () => {
  const { bus, hub, logs, tell } = setUp();
  const all = [listener(ANN, 100), listener(ANN, 100), listener(ANN, 101), listener(BOB, 100)];
  for (const one of all) {
    const detach = await hub.attach(one);
    const { end } = one;
    // As a gateway does: an ended connection detaches itself.
    one.end = (code) => (end(code), detach());
  }
  bus.publish(userChannel(ANN), {
    body: { $case: "sessionEnded", sessionEnded: { sessionId: 100, replaced: false } },
  });
  assert.deepEqual(all.map(({ ended }) => ended), [["session_ended"], ["session_ended"], [], []]);
  assert.equal(hub.connections, 2);
  tell(...logs.sayTo(DIRECT, [ANN, CARL]));
  assert.deepEqual(all.map(({ frames }) => frames.length), [0, 0, 1, 0]);
});

/** A hub whose lists of groups come when the test says so. */
function setUpSlowly(groups: Record<number, number[]> = {}) {
  const all = setUp(groups);
  all.slow.lists = true;
  return all;
}

Deno.test("hub: who leaves a group while the list of groups is read is not in it, though the list says so", async () => {
  for (const lost of [[], [0], [1]]) {
    const { hub, logs, tell, channels, asked } = setUpSlowly({ [GROUP]: [ANN, BOB], [OTHER]: [ANN] });
    const bob = hub.attach(listener(BOB));
    await turn();
    asked[0].resolve(logs.listening(BOB));
    const { heard, attached } = ((heard) => ({ heard, attached: hub.attach(heard) }))(listener(ANN));
    await bob;
    await turn();
    const list = logs.listening(ANN);
    tell(...logs.leave(GROUP, ANN).filter((_, i) => !lost.includes(i)));
    asked[1].resolve(list);
    await attached;
    tell(logs.say(GROUP));
    await turn();
    await new Promise((resolve) => setTimeout(resolve, 80)); // A hole is read after 50 ms.
    assert.ok(!heard.seqs(GROUP).includes(4), `after leaving: ${lost}`);
    if (lost.length === 0) {
      assert.deepEqual(channels(), { "group:70": 1, "group:71": 1, "user:1": 1, "user:2": 1 });
    }
    hub.close();
  }
});

Deno.test("hub: who joins a group while the list is read is in it, though the list does not say so", async () => {
  const { hub, logs, tell, channels, asked } = setUpSlowly();
  const heard = listener(ANN);
  const attached = hub.attach(heard);
  await turn();
  const list = logs.listening(ANN);
  const [, joined] = logs.join(GROUP, ANN);
  tell(joined);
  asked[0].resolve(list);
  await attached;
  await turn();
  assert.deepEqual(channels(), { "group:70": 1, "user:1": 1 });
  const [hint] = logs.leave(GROUP, BOB);
  logs.join(GROUP, CARL);
  tell(hint);
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.deepEqual(heard.seqs(GROUP), [1, 2, 3], "the entry of joining, which was lost, is read");
  hub.close();
});

Deno.test("hub: of joining and leaving while the list is read the last counts, however old the list", async () => {
  for (const steps of [["leave"], ["leave", "join"], ["leave", "join", "leave"]] as const) {
    for (let asOf = 0; asOf <= steps.length; asOf++) {
      const { hub, logs, tell, channels, asked } = setUpSlowly({ [GROUP]: [ANN] });
      const attached = hub.attach(listener(ANN));
      await turn();
      let list = logs.listening(ANN);
      const hints = steps.map((step, n) => {
        const [, inbox] = logs[step](GROUP, ANN);
        if (n < asOf) list = logs.listening(ANN);
        return inbox;
      });
      tell(...hints);
      asked[0].resolve(list);
      await attached;
      await turn();
      const expected = steps.at(-1) === "join" ? { "group:70": 1, "user:1": 1 } : { "user:1": 1 };
      assert.deepEqual(channels(), expected, `${steps} as of ${asOf}`);
    }
  }
});

Deno.test("hub: an earlier leaving does not keep somebody out of a group for ever", async () => {
  const { hub, logs, tell, channels } = setUp({ [GROUP]: [ANN, BOB] });
  await attach(hub, BOB);
  const { detach } = await attach(hub, ANN);
  tell(...logs.leave(GROUP, ANN));
  detach();
  await turn();
  tell(...logs.join(GROUP, ANN));
  const { heard } = await attach(hub, ANN);
  tell(logs.say(GROUP));
  assert.deepEqual(heard.seqs(GROUP), [5]);
  assert.deepEqual(channels(), { "group:70": 1, "user:1": 1, "user:2": 1 });
});

Deno.test("hub: nothing is lost between the list of groups and the moment attach resolves", async () => {
  const { hub, logs, tell, asked } = setUpSlowly({ [GROUP]: [ANN] });
  const [one, two] = [listener(ANN), listener(ANN)];
  const attached = Promise.all([hub.attach(one), hub.attach(two)]);
  await turn();
  assert.equal(asked.length, 1, "the list is read once for both");
  tell(...logs.sayTo(DIRECT, [ANN, BOB]));
  asked[0].resolve(logs.listening(ANN));
  await attached;
  tell(logs.say(GROUP));
  for (const { frames } of [one, two]) assert.equal(frames.length, 2);
});

Deno.test("hub: one who has gone before the list came leaves nothing behind", async () => {
  const { hub, logs, channels, asked } = setUpSlowly({ [GROUP]: [ANN] });
  const attached = hub.attach(listener(ANN));
  await turn();
  asked[0].resolve(logs.listening(ANN));
  (await attached)();
  await turn();
  assert.deepEqual([channels(), hub.connections], [{}, 0]);
});

Deno.test("hub: a list of groups that cannot be read refuses the connection, leaves nothing, and the next one works", async () => {
  const { hub, logs, channels, asked } = setUpSlowly({ [GROUP]: [ANN] });
  const attached = hub.attach(listener(ANN));
  await turn();
  asked[0].reject(new Error("no database"));
  await assert.rejects(attached, /no database/);
  assert.deepEqual([channels(), hub.connections], [{}, 0]);
  const again = hub.attach(listener(ANN));
  await turn();
  asked[1].resolve(logs.listening(ANN));
  await again;
  assert.deepEqual([channels(), hub.connections], [{ "group:70": 1, "user:1": 1 }, 1]);
});

Deno.test("hub: of several refused at once none spoils the next try, which may come at once", async () => {
  const { hub, logs, channels, asked } = setUpSlowly({ [GROUP]: [ANN] });
  const again = () => hub.attach(listener(ANN)).catch(() => hub.attach(listener(ANN)));
  const tries = [again(), again(), again()];
  await turn();
  asked[0].reject(new Error("no database"));
  await turn();
  assert.equal(asked.length, 2);
  asked[1].resolve(logs.listening(ANN));
  await Promise.all(tries);
  assert.deepEqual([channels(), hub.connections], [{ "group:70": 1, "user:1": 1 }, 3]);
});

Deno.test("hub: a Bus that cannot subscribe refuses the connection, leaves nothing, and the next one works", async () => {
  const { hub, control, channels } = setUp({ [OTHER]: [ANN], [GROUP]: [ANN], 72: [ANN] });
  for (const channel of [userChannel(ANN), groupChannel(GROUP)]) {
    control.broken.add(channel);
    await assert.rejects(hub.attach(listener(ANN)), /cannot listen/);
    await turn();
    assert.deepEqual([channels(), hub.connections], [{}, 0], channel);
    control.broken.clear();
    const { detach } = await attach(hub, ANN);
    detach();
    await turn();
    assert.deepEqual(channels(), {});
  }
});

Deno.test("hub: a group that could not be listened to at first is, when the next member comes", async () => {
  const { hub, logs, tell, control, channels } = setUp({ [GROUP]: [BOB] });
  const ann = await attach(hub, ANN);
  control.broken.add(groupChannel(GROUP));
  tell(...logs.join(GROUP, ANN));
  await turn();
  control.broken.clear();
  const bob = await attach(hub, BOB);
  tell(logs.say(GROUP));
  await new Promise((resolve) => setTimeout(resolve, 80));
  assert.ok(bob.heard.seqs(GROUP).includes(3));
  assert.deepEqual(ann.heard.seqs(GROUP), [2, 3], "the second try is for everyone in the group");
  ann.detach();
  bob.detach();
  await turn();
  assert.deepEqual(channels(), {});
});

Deno.test("hub: joining and leaving faster than the Bus subscribes leaves no subscription behind", async () => {
  const { hub, logs, tell, control, channels } = setUp();
  const { detach } = await attach(hub, ANN);
  const gate = Promise.withResolvers<void>();
  control.slow = gate.promise;
  for (const step of ["join", "leave", "join", "leave"] as const) tell(logs[step](GROUP, ANN)[1]);
  tell(logs.join(OTHER, ANN)[1]);
  detach();
  gate.resolve();
  await turn();
  assert.deepEqual(channels(), {});
});
