import assert from "node:assert/strict";
import { type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory.ts";
import { createHub, type Hub, type Listener } from "./hub.ts";
import { presentEntry } from "./present.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const [ANN, BOB, CARL] = [1, 2, 3];
const GROUP = 70;

/** A Bus that counts its open subscriptions, and can be slow or broken. */
function countingBus() {
  const bus = createMemoryBus();
  const open = new Map<string, number>();
  const count = (channel: string, by: number) => {
    const now = (open.get(channel) ?? 0) + by;
    if (now === 0) open.delete(channel);
    else open.set(channel, now);
  };
  const control = { broken: new Set<string>(), slow: Promise.resolve() };
  const counting: Bus = {
    ...bus,
    async subscribe(channel, listener) {
      await control.slow;
      if (control.broken.has(channel)) throw new Error(`cannot listen to ${channel}`);
      const release = await bus.subscribe(channel, listener);
      count(channel, 1);
      let open = true;
      return () => {
        if (open) count(channel, -1);
        open = false;
        release();
      };
    },
  };
  return { bus: counting, control, channels: () => Object.fromEntries([...open].sort()) };
}

/** A hub over a counting bus, where `groups` says who is in which groups. */
function setUp(groups: Record<number, number[]> = {}) {
  const { bus, control, channels } = countingBus();
  const hub = createHub(bus, (userId) => Promise.resolve([...groups[userId] ?? []]));
  return { bus, hub, control, channels };
}

interface Heard extends Listener {
  frames: string[];
  ended: string[];
  messages(): { method: string; params: Record<string, unknown> }[];
}

let sessions = 0;

function listener(userId: number, sessionId = ++sessions): Heard {
  const [frames, ended]: string[][] = [[], []];
  return {
    userId,
    sessionId,
    frames,
    ended,
    push: (frame) => void frames.push(frame),
    end: (code) => void ended.push(code),
    messages: () => frames.map((frame) => JSON.parse(frame)),
  };
}

async function attach(hub: Hub, userId: number) {
  const heard = listener(userId);
  return { heard, detach: await hub.attach(heard) };
}

/** Lets everything that waits for nothing else happen. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function entry(seq: number, text = `message ${seq}`) {
  const body = JSON.stringify({ type: "text", text });
  return { seq, kind: "message", senderId: ANN, at: 5, messageNo: seq, clientId: `id-${seq}`, body };
}

const appended = (conversationId: number, ...entries: ReturnType<typeof entry>[]): Event => ({
  body: { $case: "appended", appended: { conversationId, entries } },
});
const membership = (conversationId: number, joined: boolean, group = true): Event => ({
  body: { $case: "membership", membership: { conversationId, joined, group } },
});

Deno.test("hub: what is told on a user's channel reaches each of the user's connections, and nobody else", async () => {
  const { bus, hub } = setUp();
  const [one, two, other] = [await attach(hub, ANN), await attach(hub, ANN), await attach(hub, BOB)];
  assert.equal(hub.connections, 3);
  const sent = entry(3, '你好 "😀"\u0000');
  bus.publish(userChannel(ANN), appended(9, sent, entry(4)));
  assert.deepEqual(one.heard.messages(), [{
    jsonrpc: "2.0",
    method: "log.append",
    params: { conversationId: "9", entries: [presentEntry(sent), presentEntry(entry(4))] },
  }] as unknown);
  assert.deepEqual(two.heard.frames, one.heard.frames);
  assert.deepEqual(other.heard.frames, []);
});

Deno.test("hub: the members of a group get the same string, built once", async () => {
  const { bus, hub } = setUp({ [ANN]: [GROUP], [BOB]: [GROUP] });
  const all = [
    await attach(hub, ANN),
    await attach(hub, ANN),
    await attach(hub, BOB),
    await attach(hub, CARL),
  ];
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(2)));
  assert.deepEqual(all.map(({ heard }) => heard.frames.length), [1, 1, 1, 0]);
  assert.ok(all.slice(0, 3).every(({ heard }) => heard.frames[0] === all[0].heard.frames[0]));
});

Deno.test("hub: it listens once to each user and group that has somebody here, from the first to the last", async () => {
  const { hub, channels } = setUp({ [ANN]: [GROUP, 71], [BOB]: [GROUP] });
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
  const { bus, hub } = setUp({ [ANN]: [GROUP] });
  const [one, two] = [await attach(hub, ANN), await attach(hub, ANN)];
  one.detach();
  bus.publish(userChannel(ANN), appended(9, entry(1)));
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(1)));
  assert.deepEqual([one.heard.frames.length, two.heard.frames.length], [0, 2]);
});

Deno.test("hub: one who comes as the last one goes keeps the subscriptions", async () => {
  const { bus, hub, channels } = setUp({ [ANN]: [GROUP] });
  const first = await attach(hub, ANN);
  first.detach();
  const second = await attach(hub, ANN);
  await turn();
  assert.deepEqual(channels(), { "group:70": 1, "user:1": 1 });
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(1)));
  assert.equal(second.heard.frames.length, 1);
});

Deno.test("hub: who joins a group hears it from then on, who leaves it hears it no more", async () => {
  const { bus, hub, channels } = setUp();
  const { heard } = await attach(hub, ANN);
  bus.publish(userChannel(ANN), membership(GROUP, true));
  await turn();
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(1)));
  bus.publish(userChannel(ANN), membership(GROUP, false));
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(2)));
  await turn();
  assert.deepEqual(channels(), { "user:1": 1 });
  const [joined, message, left, ...more] = heard.messages();
  assert.deepEqual([joined.method, joined.params], [
    "conversation.changed",
    { conversationId: "70", change: "joined" },
  ]);
  assert.equal(message.method, "log.append");
  assert.deepEqual(left.params, { conversationId: "70", change: "left" });
  assert.deepEqual(more, []);
});

Deno.test("hub: a direct conversation that is new is told of, and needs no channel of its own", async () => {
  const { bus, hub, channels } = setUp();
  const { heard } = await attach(hub, ANN);
  bus.publish(userChannel(ANN), membership(9, true, false));
  await turn();
  assert.deepEqual(heard.messages().map(({ params }) => params), [{ conversationId: "9", change: "joined" }]);
  assert.deepEqual(channels(), { "user:1": 1 });
});

Deno.test("hub: a read marker that moved is told to all the user's connections", async () => {
  const { bus, hub } = setUp();
  const two = [await attach(hub, ANN), await attach(hub, ANN)];
  bus.publish(userChannel(ANN), {
    body: { $case: "read", read: { conversationId: 9, readSeq: 4, unread: 2 } },
  });
  for (const { heard } of two) {
    const [{ method, params }] = heard.messages();
    assert.deepEqual([method, params], ["conversation.read", { conversationId: "9", readSeq: 4, unread: 2 }]);
  }
});

Deno.test("hub: an ended session ends its connections, and no other", async () => {
  const { bus, hub } = setUp();
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
  bus.publish(userChannel(ANN), appended(9, entry(1)));
  assert.deepEqual(all.map(({ frames }) => frames.length), [0, 0, 1, 0]);
});

/** A hub whose lists of groups come when the test says so. */
function setUpSlowly() {
  const { bus, control, channels } = countingBus();
  const asked: PromiseWithResolvers<number[]>[] = [];
  const hub = createHub(bus, () => {
    const list = Promise.withResolvers<number[]>();
    asked.push(list);
    return list.promise;
  });
  return { bus, hub, control, channels, asked };
}

Deno.test("hub: who leaves a group while the list of groups is read is not in it, though the list says so", async () => {
  const { bus, hub, channels, asked } = setUpSlowly();
  const heard = listener(ANN);
  const attached = hub.attach(heard);
  await turn();
  bus.publish(userChannel(ANN), membership(GROUP, false));
  asked[0].resolve([GROUP, 71]);
  await attached;
  assert.deepEqual(channels(), { "group:71": 1, "user:1": 1 });
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(9)));
  assert.deepEqual(heard.messages().map(({ method }) => method), ["conversation.changed"]);
});

Deno.test("hub: who joins a group while the list is read is in it, though the list does not say so", async () => {
  const { bus, hub, channels, asked } = setUpSlowly();
  const heard = listener(ANN);
  const attached = hub.attach(heard);
  await turn();
  bus.publish(userChannel(ANN), membership(GROUP, true));
  asked[0].resolve([]);
  await attached;
  assert.deepEqual(channels(), { "group:70": 1, "user:1": 1 });
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(9)));
  assert.equal(heard.messages().at(-1)!.method, "log.append");
});

for (const list of [[], [GROUP]]) {
  const says = list.length > 0 ? "names" : "does not name";
  Deno.test(`hub: of joining and leaving while the list is read, which ${says} the group, the last counts`, async () => {
    for (const steps of [[true, false], [false, true], [true, false, true], [false, true, false]]) {
      const { bus, hub, channels, asked } = setUpSlowly();
      const attached = hub.attach(listener(ANN));
      await turn();
      for (const joined of steps) bus.publish(userChannel(ANN), membership(GROUP, joined));
      asked[0].resolve(list);
      await attached;
      await turn();
      const expected = steps.at(-1) ? { "group:70": 1, "user:1": 1 } : { "user:1": 1 };
      assert.deepEqual(channels(), expected, `${steps}`);
    }
  });
}

Deno.test("hub: an earlier leaving does not keep somebody out of a group for ever", async () => {
  const { bus, hub, channels, asked } = setUpSlowly();
  const attached = hub.attach(listener(ANN));
  await turn();
  bus.publish(userChannel(ANN), membership(GROUP, false));
  asked[0].resolve([GROUP]);
  const detach = await attached;
  detach();
  await turn();
  const again = hub.attach(listener(ANN));
  await turn();
  asked[1].resolve([GROUP]);
  await again;
  assert.deepEqual(channels(), { "group:70": 1, "user:1": 1 });
});

Deno.test("hub: nothing is lost between the list of groups and the moment attach resolves", async () => {
  const { bus, hub, asked } = setUpSlowly();
  const [one, two] = [listener(ANN), listener(ANN)];
  const attached = Promise.all([hub.attach(one), hub.attach(two)]);
  await turn();
  assert.equal(asked.length, 1, "the list is read once for both");
  bus.publish(userChannel(ANN), appended(9, entry(1)));
  asked[0].resolve([GROUP]);
  await attached;
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(2)));
  for (const { frames } of [one, two]) assert.equal(frames.length, 2);
});

Deno.test("hub: one who has gone before the list came leaves nothing behind", async () => {
  const { hub, channels, asked } = setUpSlowly();
  const attached = hub.attach(listener(ANN));
  await turn();
  asked[0].resolve([GROUP]);
  (await attached)();
  await turn();
  assert.deepEqual([channels(), hub.connections], [{}, 0]);
});

Deno.test("hub: a list of groups that cannot be read refuses the connection, leaves nothing, and the next one works", async () => {
  const { hub, channels, asked } = setUpSlowly();
  const attached = hub.attach(listener(ANN));
  await turn();
  asked[0].reject(new Error("no database"));
  await assert.rejects(attached, /no database/);
  assert.deepEqual([channels(), hub.connections], [{}, 0]);
  const again = hub.attach(listener(ANN));
  await turn();
  asked[1].resolve([GROUP]);
  await again;
  assert.deepEqual([channels(), hub.connections], [{ "group:70": 1, "user:1": 1 }, 1]);
});

Deno.test("hub: of several refused at once none spoils the next try, which may come at once", async () => {
  const { hub, channels, asked } = setUpSlowly();
  const again = () => hub.attach(listener(ANN)).catch(() => hub.attach(listener(ANN)));
  const tries = [again(), again(), again()];
  await turn();
  asked[0].reject(new Error("no database"));
  await turn();
  assert.equal(asked.length, 2);
  asked[1].resolve([GROUP]);
  await Promise.all(tries);
  assert.deepEqual([channels(), hub.connections], [{ "group:70": 1, "user:1": 1 }, 3]);
});

Deno.test("hub: a Bus that cannot subscribe refuses the connection, leaves nothing, and the next one works", async () => {
  const { hub, control, channels } = setUp({ [ANN]: [71, GROUP, 72] });
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
  const { bus, hub, control, channels } = setUp({ [BOB]: [GROUP] });
  const ann = await attach(hub, ANN);
  control.broken.add(groupChannel(GROUP));
  bus.publish(userChannel(ANN), membership(GROUP, true));
  await turn();
  control.broken.clear();
  const bob = await attach(hub, BOB);
  bus.publish(groupChannel(GROUP), appended(GROUP, entry(1)));
  assert.equal(bob.heard.frames.length, 1);
  assert.equal(
    ann.heard.messages().at(-1)!.method,
    "log.append",
    "the second try is for everyone in the group",
  );
  ann.detach();
  bob.detach();
  await turn();
  assert.deepEqual(channels(), {});
});

Deno.test("hub: joining and leaving faster than the Bus subscribes leaves no subscription behind", async () => {
  const { bus, hub, control, channels } = setUp();
  const { detach } = await attach(hub, ANN);
  const gate = Promise.withResolvers<void>();
  control.slow = gate.promise;
  for (const joined of [true, false, true, false]) bus.publish(userChannel(ANN), membership(GROUP, joined));
  bus.publish(userChannel(ANN), membership(71, true));
  detach();
  gate.resolve();
  await turn();
  assert.deepEqual(channels(), {});
});
