import assert from "node:assert/strict";
import { type Bus, type Event, groupChannel, userChannel } from "../../bus/bus.ts";

export interface BusUnderTest {
  bus: Bus;
  /** Resolves when whatever was published before has reached its listeners. */
  settle(): Promise<void>;
}

/** What every Bus must do. `open` answers one that nobody has used; it is closed after the case. */
export function busCases(name: string, open: () => Promise<BusUnderTest>): void {
  Deno.test.sanitizer({ ops: true, resources: true });
  const test = (what: string, body: (under: BusUnderTest) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const under = await open();
      try {
        await body(under);
      } finally {
        await under.bus.close();
      }
    });
  deliveryCases(test);
  subscriptionCases(test);
  reentryCases(test);

  test("the channels of a user and of a group with the same number are two", async ({ bus, settle }) => {
    assert.notEqual(userChannel(7), groupChannel(7));
    const heard = await listen(bus, userChannel(7));
    bus.publish(groupChannel(7), event(1));
    await settle();
    assert.deepEqual(heard.numbers, []);
  });

  Deno.test(`${name}: after close nobody hears anything, and publishing is no error`, async () => {
    const { bus, settle } = await open();
    const heard = await listen(bus, "a");
    await bus.close();
    bus.publish("a", event(1));
    await settle();
    assert.deepEqual(heard.numbers, []);
    heard.release();
  });
}

type Test = (what: string, body: (under: BusUnderTest) => Promise<void>) => void;

/** An event that carries a number. */
function event(number: number): Event {
  return { body: { $case: "sessionEnded", sessionEnded: { sessionId: number, replaced: false } } };
}

function numberOf({ body }: Event): number {
  return body?.$case === "sessionEnded" ? body.sessionEnded.sessionId : -1;
}

/** Subscribes; `numbers` is what came. */
async function listen(bus: Bus, channel: string, also: (number: number) => void = () => {}) {
  const numbers: number[] = [];
  const release = await bus.subscribe(channel, (heard) => {
    numbers.push(numberOf(heard));
    also(numberOf(heard));
  });
  return { numbers, release };
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

function deliveryCases(test: Test): void {
  test("events of a channel come in the order of publishing, to every listener", async ({ bus, settle }) => {
    const listeners = await Promise.all([listen(bus, "a"), listen(bus, "a"), listen(bus, "a")]);
    for (const number of upTo(500)) bus.publish("a", event(number));
    await settle();
    for (const { numbers } of listeners) assert.deepEqual(numbers, upTo(500));
  });

  test("every kind of event comes as it was published", async ({ bus, settle }) => {
    const entry = {
      seq: 3,
      kind: "message",
      senderId: Number.MAX_SAFE_INTEGER,
      at: 1_800_000_000_000,
      messageNo: 2,
      clientId: "id",
      body: '{ "type":"text","text":"你好 😀\\u0000" }',
    };
    const events: Event[] = [
      {
        body: {
          $case: "appended",
          appended: { conversationId: 1, entries: [entry, { ...entry, seq: 4 }], directUserIds: [7, 8] },
        },
      },
      { body: { $case: "inbox", inbox: { userId: 7, entries: [entry] } } },
      { body: { $case: "draft", draft: { conversationId: 2, draft: "" } } },
      { body: { $case: "typing", typing: { conversationId: 2, userId: 7, on: false } } },
      { body: { $case: "receipt", receipt: { conversationId: 2, userId: 7, deliveredSeq: 3, readSeq: 0 } } },
      { body: { $case: "read", read: { conversationId: 3, readSeq: 9, unread: 0 } } },
      { body: { $case: "sessionEnded", sessionEnded: { sessionId: 5, replaced: false } } },
    ];
    const heard: Event[] = [];
    await bus.subscribe("a", (one) => heard.push(one));
    for (const one of events) bus.publish("a", one);
    await settle();
    assert.deepEqual(heard, events);
  });

  test("channels are apart, also where one name begins with the other", async ({ bus, settle }) => {
    const names = ["a", "a:1", "a:11", "A", "a*", "group:1", "user:1", "你好"];
    const listeners = await Promise.all(names.map((name) => listen(bus, name)));
    for (const [i, name] of names.entries()) bus.publish(name, event(i));
    await settle();
    assert.deepEqual(listeners.map(({ numbers }) => numbers), names.map((_, i) => [i]));
  });

  test("publishing where nobody listens is no error, and nobody hears it later", async ({ bus, settle }) => {
    bus.publish("a", event(1));
    const heard = await listen(bus, "a");
    bus.publish("b", event(2));
    await settle();
    assert.deepEqual(heard.numbers, []);
  });
}

function subscriptionCases(test: Test): void {
  test("a listener hears what is published from its subscription to its end, and nothing else", async ({ bus, settle }) => {
    const always = await listen(bus, "a");
    bus.publish("a", event(1));
    const some = await listen(bus, "a");
    bus.publish("a", event(2));
    await settle();
    some.release();
    bus.publish("a", event(3));
    await settle();
    const again = await listen(bus, "a");
    bus.publish("a", event(4));
    await settle();
    assert.deepEqual([always.numbers, some.numbers, again.numbers], [[1, 2, 3, 4], [2], [4]]);
  });

  test("one function subscribed twice is two subscriptions, ended one by one", async ({ bus, settle }) => {
    const numbers: number[] = [];
    const listener = (heard: Event) => void numbers.push(numberOf(heard));
    const first = await bus.subscribe("a", listener);
    const second = await bus.subscribe("a", listener);
    bus.publish("a", event(1));
    await settle();
    first();
    first();
    bus.publish("a", event(2));
    await settle();
    second();
    bus.publish("a", event(3));
    await settle();
    assert.deepEqual(numbers, [1, 1, 2]);
  });

  test("the last listener going and another coming in one breath lose nothing", async ({ bus, settle }) => {
    let { release } = await listen(bus, "a");
    for (const number of upTo(50)) {
      release();
      const next = await listen(bus, "a");
      bus.publish("a", event(number));
      await settle();
      assert.deepEqual(next.numbers, [number]);
      release = next.release;
    }
  });

  test("subscriptions made at once are all good when they resolve", async ({ bus, settle }) => {
    const listeners = await Promise.all(upTo(100).map((i) => listen(bus, `channel ${i % 10}`)));
    for (const i of upTo(100)) bus.publish(`channel ${i % 10}`, event(i));
    await settle();
    assert.ok(listeners.every(({ numbers }, i) => numbers.every((n) => n % 10 === (i + 1) % 10)));
    assert.ok(listeners.every(({ numbers }) => numbers.length === 10));
  });
}

function reentryCases(test: Test): void {
  test("a listener may end its own subscription, and others', at once", async ({ bus, settle }) => {
    const releases: (() => void)[] = [];
    const first = await listen(bus, "a", () => releases.forEach((release) => release()));
    const second = await listen(bus, "a");
    const third = await listen(bus, "a");
    const other = await listen(bus, "a");
    releases.push(first.release, second.release);
    bus.publish("a", event(1));
    bus.publish("a", event(2));
    await settle();
    assert.deepEqual([first.numbers, second.numbers], [[1], []]);
    assert.deepEqual([third.numbers, other.numbers], [[1, 2], [1, 2]]);
  });

  test("who subscribes inside a listener hears from the next event on", async ({ bus, settle }) => {
    const inside: ReturnType<typeof listen>[] = [];
    await listen(bus, "a", () => inside.push(listen(bus, "a")));
    bus.publish("a", event(1));
    await settle();
    const [added] = await Promise.all(inside);
    assert.deepEqual(added.numbers, []);
    bus.publish("a", event(2));
    await settle();
    assert.deepEqual(added.numbers, [2]);
  });

  test("what a listener publishes comes after what is being delivered, for everyone", async ({ bus, settle }) => {
    const first = await listen(bus, "a", (number) => {
      if (number < 3) bus.publish("a", event(number + 1));
    });
    const second = await listen(bus, "a");
    bus.publish("a", event(1));
    await settle();
    assert.deepEqual([first.numbers, second.numbers], [[1, 2, 3], [1, 2, 3]]);
  });
}
