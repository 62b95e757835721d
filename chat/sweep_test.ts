import assert from "node:assert/strict";
import { createMemoryBus } from "../bus/memory.ts";
import { silent } from "../kit/log.ts";
import { ImError } from "../wire/errors.ts";
import { openLocalData } from "../tests/support/local_data.ts";
import { listener } from "../tests/support/hub_stage.ts";
import { lossyBus } from "../tests/support/lossy_bus.ts";
import { createHandlers } from "./mod.ts";
import { createHub } from "./hub.ts";
import { startSweep } from "./sweep.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const START = Date.UTC(2026, 0, 5);

/** Two people online in a chat system of real parts, whose Bus loses what the test says; no sweep runs by itself. */
async function setUp() {
  const { data, clock, close } = await openLocalData(":memory:", START);
  const control = { lose: false, down: false, passedMs: 0 };
  const bus = lossyBus(createMemoryBus(), () => control.lose ? "lose" : "pass");
  const make = (name: string) =>
    data.users.create({
      username: name,
      usernameKey: name,
      displayName: name,
      displayKey: name,
      passwordHash: "",
    });
  const [ann, bob] = [await make("ann"), await make("bob")];
  const hub = createHub({
    bus,
    listening: (userId) => data.conversations.listening({ userId }),
    tail: (request) => data.log.tail(request),
  });
  const handlers = createHandlers({ data, bus, now: () => clock.nowMs, recallWindowMs: 1000 } as never);
  const heard = listener(bob.id);
  const detach = await hub.attach(heard);
  const feed = {
    moved: (request: Parameters<typeof data.log.moved>[0]) =>
      control.down ? Promise.reject(new ImError("unavailable")) : data.log.moved(request),
  };
  const sweep = startSweep({
    feed,
    hub,
    log: silent,
    periodMs: 1_000_000,
    monotonicNow: () => control.passedMs,
  });
  await new Promise((resolve) => setTimeout(resolve, 5)); // Its first round only learns the time.
  const as = (user: { id: number }) => ({ userId: user.id, sessionId: 1, role: "user" as const });
  const stop = async () => {
    sweep.close();
    detach();
    await Promise.resolve();
    hub.close();
    await close();
  };
  return { data, clock, control, ann, bob, handlers, heard, hub, sweep, as, stop };
}

Deno.test("sweep: the last push of a direct conversation, a group and an inbox, lost by the Bus, is told (P4)", async () => {
  const { control, ann, bob, handlers, heard, sweep, as, stop, clock } = await setUp();
  const direct = await handlers["conversation.openDirect"](as(ann), { userId: String(bob.id) });
  const group = await handlers["group.create"](as(ann), { title: "g", memberIds: [String(bob.id)] });
  const say = (conversationId: string, clientId: string) =>
    handlers["message.send"](as(ann), { conversationId, clientId, content: { type: "text", text: "hi" } });
  await say(direct.id, "1");
  await say(group.id, "1");
  assert.equal(await sweep.run(), 0, "nothing is lost, nothing is told twice");
  const before = heard.frames.length;
  control.lose = true;
  await say(direct.id, "2");
  await say(group.id, "2");
  await handlers["friend.request"](as(ann), { userId: String(bob.id) });
  control.lose = false;
  assert.equal(heard.frames.length, before, "without a sweep nobody would ever know");
  clock.nowMs += 5_000;
  assert.equal(await sweep.run(), 3);
  assert.deepEqual(heard.seqs(Number(direct.id)), [1, 2]);
  assert.deepEqual(heard.seqs(Number(group.id)), [1, 2, 3]);
  assert.equal(
    (heard.messages().filter(({ method }) => method === "inbox.append").at(-1)!.params.entries as {
      kind: string;
    }[])[0].kind,
    "friend.changed",
  );
  assert.equal(await sweep.run(), 0);
  await stop();
});

Deno.test("sweep: after rounds that failed it looks back as far; more than a page of logs is looked through", async () => {
  const { data, control, ann, bob, handlers, heard, sweep, as, stop, clock } = await setUp();
  const group = await handlers["group.create"](as(ann), { title: "g", memberIds: [String(bob.id)] });
  control.lose = true;
  await handlers["message.send"](as(ann), {
    conversationId: group.id,
    clientId: "1",
    content: { type: "text", text: "hi" },
  });
  control.lose = false;
  control.down = true;
  for (let minute = 0; minute < 4; minute++) {
    clock.nowMs += 60_000;
    control.passedMs += 60_000;
    await assert.rejects(sweep.run(), { code: "unavailable" });
  }
  control.down = false;
  for (let n = 0; n < 1_100; n++) {
    await data.conversations.createGroup({ ownerId: ann.id, title: "t", memberIds: [] });
  }
  assert.equal(await sweep.run(), 1);
  assert.equal(heard.seqs(Number(group.id)).at(-1), 2);
  const needed = () => heard.messages().filter(({ method }) => method === "sync.needed").length;
  assert.equal(needed(), 0);
  control.passedMs += 300_001;
  await sweep.run();
  assert.equal(needed(), 1, "after a longer time each client looks for itself");
  await stop();
});

Deno.test("sweep: when the epoch has risen everybody is cut off once, and who comes back hears the new log", async () => {
  const { data, ann, bob, handlers, heard, hub, sweep, as, stop } = await setUp();
  const group = await handlers["group.create"](as(ann), { title: "g", memberIds: [String(bob.id)] });
  const say = (clientId: string) =>
    handlers["message.send"](as(ann), {
      conversationId: group.id,
      clientId,
      content: { type: "text", text: "hi" },
    });
  await say("1");
  await sweep.run();
  assert.deepEqual(heard.ended, []);
  await data.log.epoch({ raise: true });
  await sweep.run();
  await sweep.run();
  assert.deepEqual(heard.ended, ["restored"]);
  const again = listener(bob.id);
  const detach = await hub.attach(again);
  await say("2");
  assert.deepEqual(again.seqs(Number(group.id)), [3]);
  assert.deepEqual(heard.seqs(Number(group.id)), [1, 2], "the one before hears nothing more");
  detach();
  await stop();
});
