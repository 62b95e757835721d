import assert from "node:assert/strict";
import { createMemoryBus } from "../bus/memory.ts";
import type { GatewayFigures } from "../bus/bus.ts";
import { startFigures } from "./figures.ts";

const figuresOf = (id: string, connections = 1): GatewayFigures => ({
  id,
  name: `host-${id}`,
  version: "1",
  startedAt: 1,
  connections,
  users: 1,
  messagesPerSecond: 0,
  deliveriesPerSecond: 0,
  cpu: 0,
  memoryBytes: 1,
  heapBytes: 1,
  outboxBytes: 0,
  queues: [],
});

Deno.test("figures: a gateway alone answers with its own; all that are there answer; one that left is not missed", async () => {
  const bus = createMemoryBus();
  const start = (id: string) => startFigures({ bus, own: () => figuresOf(id), now: () => 5, answerMs: 30 });
  const a = start("a");
  const see = async (one: typeof a) =>
    (await one.all()).map(({ figures, missing }) => `${figures.id}${missing ? " missing" : ""}`);
  assert.deepEqual(await see(a), ["a"]);
  const [b, c] = [start("b"), start("c")];
  assert.deepEqual(await see(b), ["b", "a", "c"], "the one asked first, then by name");
  assert.deepEqual(await see(a), ["a", "b", "c"]);
  c.close();
  assert.deepEqual(await see(a), ["a", "b"]);
  a.close();
  b.close();
  await bus.close();
});

Deno.test("figures: who does not answer in time is missing with what it last said, and later forgotten", async () => {
  const bus = createMemoryBus();
  let [at, mute] = [1_000, false];
  // One that hangs: it hears nothing of what it is asked.
  const deaf = {
    ...bus,
    publish: (...event: Parameters<typeof bus.publish>) => mute || bus.publish(...event),
  };
  const a = startFigures({ bus, own: () => figuresOf("a"), now: () => at, answerMs: 20, forgetMs: 60_000 });
  const b = startFigures({ bus: deaf as typeof bus, own: () => figuresOf("b", 9), now: () => at });
  assert.equal((await a.all())[1].missing, false);
  mute = true;
  at += 10_000;
  const [own, missing] = await a.all();
  assert.deepEqual([own.missing, missing.missing, missing.at, missing.figures.connections], [
    false,
    true,
    1_000,
    9,
  ]);
  mute = false;
  assert.equal((await a.all())[1].missing, false, "it is back");
  mute = true;
  at += 60_001;
  assert.equal((await a.all()).length, 1);
  a.close();
  b.close();
  await bus.close();
});

Deno.test("figures: who asks at the same time shares the answer", async () => {
  const bus = createMemoryBus();
  let asked = 0;
  const leave = await bus.subscribe(
    "figures",
    ({ body }) => void (body?.$case === "figuresAsked" && asked++),
  );
  const a = startFigures({ bus, own: () => figuresOf("a"), now: () => 5, answerMs: 20 });
  await Promise.all([a.all(), a.all(), a.all()]);
  assert.equal(asked, 1);
  leave();
  a.close();
  await bus.close();
});
