import assert from "node:assert/strict";
import { createMemoryBus } from "../bus/memory.ts";
import type { Broadcast } from "../data/service.ts";
import { startBroadcasts } from "./broadcasts.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never;

/** A store in which each broadcast takes some steps; `fail` makes the next one fail. */
function setUp(options: { lookEveryMs?: number } = {}) {
  const left = new Map<number, number>();
  const control = { fail: false, steps: [] as number[] };
  const show = (id: number): Broadcast => {
    const doneAt = left.get(id) === 0 ? 1 : 0;
    return { id, adminId: 1, text: "x", at: 0, everyone: true, told: 0, total: 0, doneAt };
  };
  const admin = {
    stepBroadcast({ id }: { id: number }) {
      if (control.fail) return Promise.reject(new Error("away"));
      control.steps.push(id);
      left.set(id, Math.max(0, left.get(id)! - 1));
      return Promise.resolve({ broadcast: show(id), inboxes: [] });
    },
    listBroadcasts: () =>
      Promise.resolve({
        broadcasts: [...left].filter(([, steps]) => steps > 0).map(([id]) => show(id)),
        more: false,
      }),
  };
  const bus = createMemoryBus();
  const broadcasts = startBroadcasts({
    admin,
    bus,
    log: quiet,
    now: Date.now,
    lookEveryMs: 60_000,
    ...options,
  });
  const close = async () => {
    await broadcasts.close();
    await bus.close();
  };
  return { left, control, broadcasts, close };
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 500, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("a broadcast goes on until it is done, and begun twice is carried out once", async () => {
  const { left, control, broadcasts, close } = setUp();
  left.set(7, 4);
  broadcasts.begin(7);
  broadcasts.begin(7);
  await until(() => left.get(7) === 0);
  await close();
  assert.deepEqual(control.steps, [7, 7, 7, 7]);
});

Deno.test("one that was cut off is found and gone on with, here or elsewhere", async () => {
  const { left, control, broadcasts, close } = setUp({ lookEveryMs: 20 });
  left.set(7, 3);
  control.fail = true;
  broadcasts.begin(7);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual(control.steps, []);
  control.fail = false;
  await until(() => left.get(7) === 0);
  left.set(8, 2);
  await until(() => left.get(8) === 0);
  await close();
});

Deno.test("closing waits for the step under way and begins no other", async () => {
  const { left, control, broadcasts, close } = setUp();
  left.set(7, 1000);
  broadcasts.begin(7);
  await until(() => control.steps.length > 0);
  await close();
  const { length } = control.steps;
  broadcasts.begin(7);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(control.steps.length, length);
});
