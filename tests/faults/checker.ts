import { checkAll } from "./checks.ts";
import { Random } from "./random.ts";
import { Workload } from "./workload.ts";
import { World, type WorldSize } from "./world.ts";

export interface RunSize extends WorldSize {
  deeds: number;
  /** Milliseconds between two deeds, on average about. */
  pauseMs: number;
}

export const SMALL: RunSize = { users: 8, secondDevices: 2, gateways: 2, deeds: 150, pauseMs: 400 };

export interface Outcome {
  seed: number;
  /** One sentence for each promise broken; none: all is well. */
  broken: string[];
  /** The same for two runs of the same seed. */
  hash: string;
  /** The last things that happened. */
  trace: string;
}

/** Longer than any backoff, heartbeat, time-out and sweep after one another. */
const REST_MS = 150_000;
const FRESH_MS = 5_000;

/** One world from its seed to its end, and what was wrong with it. */
export async function runSeed(seed: number, size: RunSize = SMALL): Promise<Outcome> {
  const random = new Random(seed);
  await using world = await World.open(random, size);
  const workload = new Workload(world);
  await workload.begin();
  await workload.run(size.deeds, size.pauseMs);
  await comeToRest(world);
  const fresh = await lookAnew(world);
  const broken = await checkAll(world, fresh);
  for (const device of fresh) device.stop();
  return { seed, broken, hash: world.trace.hash, trace: world.trace.last };
}

/** No more faults, everybody on, and time for all repairs. */
async function comeToRest(world: World): Promise<void> {
  world.trace.note("no more faults");
  world.faults.on = false;
  world.calm();
  for (const device of world.devices) device.start();
  await world.time.pass(REST_MS);
}

/** Devices that were never there before; and the old ones ask for what is new in their lists. */
async function lookAnew(world: World) {
  const fresh = world.userIds.map((userId, index) => world.device(`u${index} fresh`, userId));
  for (const device of fresh) device.start();
  await world.time.pass(FRESH_MS);
  const all = [...world.devices, ...fresh];
  for (const device of world.devices) void device.syncHeads();
  await world.time.pass(FRESH_MS);
  for (let page = 0; page < 20 && all.some(hasOlder); page++) {
    for (const device of all) for (const view of device.views.values()) void view.loadOlder().catch(() => {});
    await world.time.pass(1_000);
  }
  return fresh;
}

const hasOlder = ({ views }: { views: Map<string, { hasOlder: boolean }> }) =>
  [...views.values()].some((view) => view.hasOlder);
