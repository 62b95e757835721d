import { setTimeout as delay } from "node:timers/promises";
import { backoffMs } from "../../sdk/backoff.ts";
import { percentiles, type Processes, read, round } from "./measure.ts";
import { type Heard, inParallel, LoadPerson } from "./person.ts";

export interface StormJob {
  kind: "storm";
  /** Where everybody is at first. It is killed. */
  lost: { url: string; pid: number };
  /** Where they come back to. */
  through: string;
  people: readonly { id: string; accessToken: string }[];
  /** People are in groups of so many, one each. */
  groupSize: number;
  processes: Processes;
}

/** A call that is repeated as the SDK repeats it, when the server is busy or away. */
async function insist<T>(person: LoadPerson, method: string, params: unknown): Promise<T> {
  for (let attempt = 0;; attempt++) {
    try {
      return await person.call<T>(method, params);
    } catch (error) {
      if (!/^(?:overloaded|unavailable)/.test((error as Error).message)) throw error;
      await delay(200 + backoffMs(attempt));
    }
  }
}

interface Heads {
  conversations: { id: string; lastSeq: number }[];
  token: string;
}

/**
 * Everybody loses their gateway at once and comes back as the SDK does (sdk/backoff.ts; who is told a time to come
 * back keeps to it), then asks what happened since. Meanwhile one message is sent to every group. In sync is who knows
 * of the message. Throws when somebody is not in sync after a minute.
 */
export async function storm({ lost, through, people, groupSize, processes }: StormJob) {
  const open = (url: string, index: number) =>
    LoadPerson.open({ url, accessToken: people[index].accessToken, bufferBytes: 2048 });
  let attempts = 0;
  /** Until it is let in, as the SDK does it. */
  const enter = async (url: string, index: number): Promise<LoadPerson> => {
    for (let attempt = 0; attempt < 100; attempt++) {
      attempts += 1;
      let waitMs = backoffMs(attempt);
      try {
        return await open(url, index);
      } catch (error) {
        const told = /"retryAfterMs":(\d+)/.exec((error as Error).message)?.[1];
        if (told) waitMs = Number(told);
      }
      await delay(waitMs);
    }
    throw new Error(`void: number ${index} was not let in`);
  };
  const owners: LoadPerson[] = [];
  const groups: string[] = [];
  for (let first = 0; first < people.length; first += groupSize) {
    const owner = await open(through, first);
    const memberIds = people.slice(first + 1, first + groupSize).map(({ id }) => id);
    groups.push((await owner.call<{ id: string }>("group.create", { title: "storm", memberIds })).id);
    owners.push(owner);
  }
  const tokens: string[] = [];
  const crowd = await inParallel(people.length, 100, async (index) => {
    const person = await enter(lost.url, index);
    tokens[index] = (await insist<Heads>(person, "sync.heads", {})).token;
    return person;
  });
  const inSync: number[] = [];
  attempts = 0;
  const from = performance.now();
  const before = read(processes);
  const returning = crowd.map(async (person, index) => {
    await person.closed;
    await delay(backoffMs(0));
    const again = await enter(through, index);
    const group = groups[Math.floor(index / groupSize)];
    const heard = Promise.withResolvers<void>();
    const isIt = ({ content }: Heard) => content.text === "after the storm";
    again.onAppend = (id, entries) => {
      if (id === group && entries.some(isIt)) heard.resolve();
    };
    const { conversations } = await insist<Heads>(again, "sync.heads", { token: tokens[index] });
    const head = conversations.find(({ id }) => id === group);
    if (head) {
      const asked = { conversationId: group, after: head.lastSeq - 1 };
      const page = await insist<{ entries: Heard[] }>(again, "log.read", asked);
      if (page.entries.some(isIt)) heard.resolve();
    }
    await heard.promise;
    inSync.push(performance.now() - from);
    return again;
  });
  Deno.kill(lost.pid, "SIGKILL");
  await Promise.all(owners.map((owner, i) =>
    owner.call("message.send", {
      conversationId: groups[i],
      clientId: "storm",
      content: { type: "text", text: "after the storm" },
    })
  ));
  const timeout = delay(60_000).then(() => {
    throw new Error(`void: ${inSync.length} of ${people.length} are in sync after a minute`);
  });
  const returned = await Promise.race([Promise.all(returning), timeout]);
  const after = read(processes);
  for (const person of [...returned, ...owners]) person.cut();
  const { p50Ms, p99Ms } = percentiles(inSync);
  return {
    allInSyncS: round(Math.max(...inSync) / 1000),
    halfInSyncS: round(p50Ms / 1000),
    p99InSyncS: round(p99Ms / 1000),
    attemptsEach: round(attempts / people.length),
    ...Object.fromEntries(
      Object.keys(processes).map((name) => [`${name}CpuS`, round(after.cpu[name] - before.cpu[name])]),
    ),
  };
}
