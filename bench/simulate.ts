import type { Bus, Event } from "../bus/bus.ts";
import { createMemoryBus } from "../bus/memory.ts";
import { announceEntry } from "../chat/announce.ts";
import { createHub, type Hub } from "../chat/hub.ts";
import { startSweep } from "../chat/sweep.ts";
import { type Entry, LogKind, type MovedLog } from "../data/service.ts";

/** A small part of the people of a real gateway; what is counted is told for each message. */
const USERS_EACH = 20;
const GROUPS_EACH = 5;
const GROUP_SIZE = 50;
const DIRECTS = 4_000;
const GROUP_MESSAGES = 400;
/** Logs that moved within what a sweep looks back on. */
const MOVED = 20_000;

interface Group {
  id: number;
  members: number[];
  lastSeq: number;
}

/**
 * Hubs of 10, 100 and 1,000 gateways on one Bus, without sockets: the real hub, bus and sweep code, in one process.
 * People are spread at random, as a load balancer does it. What it is for is docs/scaling.md: over how many gateways a
 * message goes, what a gateway listens to, and what a sweep costs. Times are in µs, of a process
 * that does nothing else. Throws when a message does not reach everybody it is for.
 */
export async function simulate(): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  for (const gateways of [10, 100, 1_000]) {
    for (const [name, value] of Object.entries(await simulateWith(gateways))) {
      figures[`${name}Of${gateways}`] = Math.round(value * 100) / 100;
    }
  }
  return figures;
}

async function simulateWith(count: number): Promise<Record<string, number>> {
  const users = count * USERS_EACH;
  const { bus, counted } = counting();
  const groups: Group[] = Array.from(
    { length: Math.ceil(users * GROUPS_EACH / GROUP_SIZE) },
    (_, i) => ({ id: 1_000_000 + i, members: pick(users, GROUP_SIZE), lastSeq: 0 }),
  );
  const groupsOf = Map.groupBy(
    groups.flatMap((group) => group.members.map((user) => ({ group, user }))),
    (one) => one.user,
  );
  const listening = (user: number) =>
    Promise.resolve({
      groups: (groupsOf.get(user) ?? []).map(({ group: { id, lastSeq } }) => ({
        conversationId: id,
        lastSeq,
        firstSeq: 1,
      })),
      inboxSeq: 0,
    });
  const tail = () => Promise.resolve({ entries: [] });
  const hubs: Hub[] = Array.from({ length: count }, () => createHub({ bus, listening, tail }));
  let pushed = 0;
  for (let user = 1; user <= users; user++) {
    const listener = { userId: user, sessionId: user, push: () => void pushed++, end: () => {} };
    await hubs[Math.floor(Math.random() * count)].attach(listener);
  }
  const subscriptions = counted.subscriptions / count;

  // Pairs that have written to each other before, so that each has a seq of its own.
  const direct = await spend(() => {
    for (let i = 0; i < DIRECTS; i++) announceEntry(bus, 2_000_000 + i, pick(users, 2), entry(1));
  });
  const directHeard = counted.heard;
  if (pushed !== DIRECTS * 2) throw new Error(`void: ${pushed} of ${DIRECTS * 2} pushes of direct messages`);
  pushed = counted.heard = 0;
  const grouped = await spend(() => {
    for (let i = 0; i < GROUP_MESSAGES; i++) {
      const group = groups[i % groups.length];
      announceEntry(bus, group.id, [], entry(++group.lastSeq));
    }
  });
  if (pushed !== GROUP_MESSAGES * GROUP_SIZE) throw new Error(`void: ${pushed} pushes of group messages`);
  const groupHeard = counted.heard;
  const sweepUs = await sweepOnce(hubs[0]);
  for (const hub of hubs) hub.close();
  await bus.close();
  return {
    subscriptionsEach: subscriptions,
    gatewaysOfADirect: directHeard / DIRECTS,
    gatewaysOfAGroupMessage: groupHeard / GROUP_MESSAGES,
    directUs: direct / DIRECTS,
    groupMessageUs: grouped / GROUP_MESSAGES,
    sweepUsPerMovedLog: sweepUs / MOVED,
  };
}

/** One round of a gateway's sweep over logs of which it has told all; µs. */
async function sweepOnce(hub: Hub): Promise<number> {
  const logs: MovedLog[] = Array.from({ length: MOVED }, (_, i) => ({
    logId: 3_000_000 + i,
    kind: LogKind.LOG_DIRECT,
    lastSeq: 1,
    directUserIds: [i + 10_000_000, i + 20_000_000],
  }));
  const moved = ({ afterId, limit }: { afterId: number; limit: number }) => {
    const page = logs.slice(
      Math.max(0, afterId - 3_000_000 + 1),
      Math.max(0, afterId - 3_000_000 + 1) + limit,
    );
    return Promise.resolve({ logs: page, more: page.length === limit, nextSince: 1, epoch: 1 });
  };
  const quiet = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Parameters<
    typeof startSweep
  >[0]["log"];
  const sweep = startSweep({ feed: { moved }, hub, log: quiet, periodMs: 1e9 });
  await sweep.run();
  const us = await spend(() => sweep.run());
  sweep.close();
  return us;
}

/** A Bus that counts what is listened to and heard. */
function counting() {
  const counted = { subscriptions: 0, heard: 0 };
  const inner = createMemoryBus();
  const bus: Bus = {
    ...inner,
    async subscribe(channel, listener) {
      counted.subscriptions += 1;
      return await inner.subscribe(channel, (event: Event) => {
        counted.heard += 1;
        listener(event);
      });
    },
  };
  return { bus, counted };
}

/** How long it takes, in µs: nothing here waits for anything. */
async function spend(work: () => unknown): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) * 1000;
}

const entry = (seq: number): Entry => ({
  seq,
  kind: "message",
  senderId: 1,
  at: 1_700_000_000_000,
  messageNo: seq,
  clientId: `c${seq}`,
  body: `{"type":"text","text":"${"x".repeat(100)}"}`,
});

/** So many different ones of 1 to `of`. */
function pick(of: number, count: number): number[] {
  const picked = new Set<number>();
  while (picked.size < count) picked.add(1 + Math.floor(Math.random() * of));
  return [...picked];
}
