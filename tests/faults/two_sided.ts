import { ImError } from "../../wire/errors.ts";
import type { Input, OperationName, Output } from "../../wire/operations.ts";
import { type Person, register, rest } from "../support/people.ts";
import { checkSides } from "./two_sided_checks.ts";
import type { Random } from "./random.ts";
import { untilAnswered } from "./until_answered.ts";

export interface TwoSidedRun {
  random: Random;
  url: string;
  rounds: number;
  /** Kills a process and has one in its place again. */
  kill: () => Promise<void>;
}

const PEOPLE = 5;
const DEEDS = 40;
/** A burst takes about so long; the kill comes at any moment of it. */
const BURST_MS = 120;

export type Call = <N extends OperationName>(who: Person, name: N, input: Input<N>) => Promise<Output<N>>;

/**
 * What changes two sides at once (friendships, groups, their owners) is done in bursts, in the midst of which a process
 * is killed. Afterwards both sides have it or neither: answers a sentence for each that has not.
 */
export async function runTwoSided(
  run: TwoSidedRun,
): Promise<{ broken: string[]; done: number; cut: number }> {
  const { random, url, rounds, kill } = run;
  const people = await Promise.all(Array.from({ length: PEOPLE }, () => untilAnswered(() => register(url))));
  const call: Call = (who, name, input) => rest(url, name, input, who.accessToken);
  const directs = new Map<string, string>();
  for (const [one, other] of pairsOf(people)) {
    const { id } = await untilAnswered(() => call(one, "conversation.openDirect", { userId: other.id }));
    directs.set(`${one.id} ${other.id}`, id);
  }
  const groups: string[] = [];
  const broken: string[] = [];
  let [done, cut] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    const deeds = Array.from({ length: DEEDS }, async () => {
      await delay(random.int(0, BURST_MS));
      await deed(random, people, groups, call).then(() => done++, (error) => {
        if (error instanceof ImError && error.code === "internal") throw error;
        if (!(error instanceof ImError) || error.code === "unavailable") cut++;
      });
    });
    await delay(random.int(BURST_MS / 4, BURST_MS));
    await Promise.all([kill(), ...deeds]);
    broken.push(...await checkSides(people, directs, call));
  }
  return { broken, done, cut };
}

/** One thing that somebody does to somebody else. */
async function deed(random: Random, people: Person[], groups: string[], call: Call): Promise<void> {
  const who = random.pick(people)!;
  const others = people.filter((one) => one !== who);
  const userId = random.pick(others)!.id;
  const conversationId = random.pick(groups);
  const luck = random.next();
  if (luck < 0.3) await call(who, "friend.request", { userId, note: `${luck}` });
  else if (luck < 0.5) await call(who, "friend.accept", { userId });
  else if (luck < 0.55) await call(who, "friend.reject", { userId });
  else if (luck < 0.6) await call(who, "friend.withdraw", { userId });
  else if (luck < 0.68) await call(who, "friend.remove", { userId });
  else if (luck < 0.72) await call(who, "block.add", { userId });
  else if (luck < 0.78) await call(who, "block.remove", { userId });
  else if (luck < 0.86 || !conversationId) {
    const memberIds = others.filter(() => random.next() < 0.7).map(({ id }) => id);
    groups.push((await call(who, "group.create", { title: "g", memberIds })).id);
  } else if (luck < 0.96) await call(who, "group.transfer", { conversationId, userId });
  else await call(who, "group.leave", { conversationId });
}

export function pairsOf<T>(all: readonly T[]): [T, T][] {
  return all.flatMap((one, i) => all.slice(i + 1).map((other): [T, T] => [one, other]));
}

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
