import assert from "node:assert/strict";
import { createMemoryBus } from "../bus/memory.ts";
import { createMemoryDirectory, type DirectoryWorld } from "../bus/memory_directory.ts";
import type { Data } from "../data/service.ts";
import { type Heard, listener } from "../tests/support/hub_stage.ts";
import { createHub, type Hub } from "./hub.ts";
import { createPresence, type Presence } from "./presence.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const [ANN, BOB, CARL] = [1, 2, 3];
const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Two gateways on one Bus; everybody may watch everybody but CARL. Times are those of a clock that stands. */
function setUp(alone = true) {
  const bus = createMemoryBus();
  const seen = new Map<number, number>();
  const clock = { nowMs: 1_000_000 };
  const data = {
    users: {
      setSeen: (request: { seen: { userId: number; at: number }[] }) => {
        for (const { userId, at } of request.seen) seen.set(userId, at);
        return Promise.resolve({});
      },
    },
    relations: {
      watchable: ({ otherIds }: { otherIds: number[] }) =>
        Promise.resolve({
          seen: otherIds.filter((id) => id !== CARL).map((userId) => ({ userId, at: seen.get(userId) ?? 0 })),
        }),
    },
  } as unknown as Data;
  const world: DirectoryWorld = new Map();
  const gateways = [1, 2].map(() => {
    const directory = createMemoryDirectory({ world, alone });
    const presence = createPresence({ bus, directory, data, now: () => clock.nowMs, graceMs: 300 });
    const hub = createHub({
      bus,
      presence,
      listening: () => Promise.resolve({ groups: [], inboxSeq: 0 }),
      tail: () => Promise.resolve({ entries: [] }),
    });
    return { presence, hub };
  });
  return { bus, clock, seen, gateways };
}

async function connect(hub: Hub, userId: number) {
  const heard = listener(userId);
  return { heard, detach: await hub.attach(heard) };
}

const changes = ({ messages }: Heard) =>
  messages().filter(({ method }) => method === "presence.changed").map(({ params }) => params);
const watch = async (presence: Presence, who: Heard, ...ids: number[]) =>
  (await presence.subscribe(who, ids)).map(({ online }) => online);

async function close(gateways: { presence: Presence; hub: Hub }[]): Promise<void> {
  for (const { hub, presence } of gateways) {
    hub.close();
    await presence.close();
  }
}

/** With a directory that is sure, and with one that is not, so that gateways ask each other. */
function test(what: string, body: (sure: boolean) => Promise<void>): void {
  for (const sure of [true, false]) {
    Deno.test(`presence, ${sure ? "by the directory" : "by asking"}: ${what}`, () => body(sure));
  }
}

test("who is online is known on every gateway, and coming and going is told to who watches", async (sure) => {
  const { clock, gateways } = setUp(sure);
  const [one, two] = gateways;
  const ann = await connect(one.hub, ANN);
  assert.deepEqual(await watch(one.presence, ann.heard, BOB, CARL), [false], "of CARL nothing is said");
  const bob = await connect(two.hub, BOB);
  assert.deepEqual(changes(ann.heard), [{ userId: "2", online: true, lastSeenAt: null }]);
  assert.deepEqual(await watch(two.presence, bob.heard, ANN), [true]);
  clock.nowMs += 50;
  bob.detach();
  await wait(0);
  // Who comes back within the grace was never away.
  const again = await connect(two.hub, BOB);
  await wait(400);
  assert.equal(changes(ann.heard).length, 1);
  clock.nowMs += 50;
  again.detach();
  await wait(1_200);
  assert.deepEqual(changes(ann.heard)[1], { userId: "2", online: false, lastSeenAt: 1_000_100 });
  ann.detach();
  await close(gateways);
});

test("with a device on another gateway, going on one is not going", async (sure) => {
  const { gateways } = setUp(sure);
  const [one, two] = gateways;
  const ann = await connect(one.hub, ANN);
  const devices = [await connect(one.hub, BOB), await connect(two.hub, BOB)];
  assert.deepEqual(await watch(one.presence, ann.heard, BOB), [true]);
  devices[0].detach();
  await wait(1_200);
  assert.deepEqual(changes(ann.heard), []);
  devices[1].detach();
  await wait(1_200);
  assert.deepEqual(changes(ann.heard).map(({ online }) => online), [false]);
  await close(gateways);
});

test("times are stored, when somebody goes and when the gateway stops", async (sure) => {
  const { clock, seen, gateways } = setUp(sure);
  const [one] = gateways;
  const ann = await connect(one.hub, ANN);
  await connect(one.hub, BOB);
  clock.nowMs = 2_000_000;
  ann.detach();
  await wait(1_100);
  assert.deepEqual([...seen], [[ANN, 2_000_000]]);
  clock.nowMs = 3_000_000;
  await one.presence.close();
  assert.deepEqual([...seen], [[ANN, 2_000_000], [BOB, 3_000_000]]);
  assert.deepEqual(await gateways[1].presence.get(CARL, [ANN, BOB]), [
    { userId: ANN, online: false, lastSeenAt: 2_000_000 },
    { userId: BOB, online: true, lastSeenAt: 3_000_000 },
  ], "the connection is still there");
  await close(gateways);
});

test("nobody is watched for longer than somebody watches, and by at most so many", async (sure) => {
  const { bus, gateways } = setUp(sure);
  const [{ hub, presence }] = gateways;
  let told = 0;
  const ann = await connect(hub, ANN);
  await watch(presence, ann.heard, BOB);
  presence.unsubscribe(ann.heard, [BOB]);
  const bob = await connect(hub, BOB);
  assert.deepEqual(changes(ann.heard), []);
  await watch(presence, ann.heard, BOB);
  ann.detach();
  const release = await bus.subscribe("user:2", () => told++);
  bob.detach();
  await wait(400);
  assert.equal(told, 0, "nobody asks any more");
  release();
  const many = Array.from({ length: 1_001 }, (_, i) => i + 10);
  const crowd = await connect(hub, ANN);
  await assert.rejects(presence.subscribe(crowd.heard, many), { code: "too_many" });
  crowd.detach();
  await close(gateways);
});
