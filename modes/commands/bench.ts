import { setTimeout as delay } from "node:timers/promises";
import { reasonOf, UsageError } from "../config.ts";
import { baseUrl } from "../places.ts";
import { Counts, Lane, type LogReport } from "./bench/lane.ts";
import { makePerson, type Person, unmake, whoHas } from "./bench/person.ts";
import { showProgress, summarise, summaryText } from "./bench/show.ts";
import type { Command } from "./command.ts";

/** An access token is good for a quarter of an hour, and nothing here asks for another. */
const MAX_SECONDS = 600;
const MAX_USERS = 10_000;
const MAX_RATE = 100_000;
const AT_ONCE = 8;
/** What is under way at the end is waited for so long. */
const ANSWERED_MS = 10_000;
const PUSHED_MS = 2_000;
const TICK_MS = 5;

export const bench: Command = async ({ settings: { config }, flags, terminal }) => {
  const url = flags.url ? String(flags.url).replace(/\/$/, "") : baseUrl(config, config.port);
  if (!/^https?:\/\//.test(url)) {
    throw new UsageError(`--url must be an http:// or https:// address, not "${url}"`);
  }
  const seconds = wholeNumber("seconds", flags.seconds, 1, MAX_SECONDS);
  const rate = wholeNumber("rate", flags.rate, 1, MAX_RATE);
  const tokens = flags.tokens ? await readTokens(String(flags.tokens)) : null;
  const users = tokens?.length ?? wholeNumber("users", flags.users, 2, MAX_USERS);
  const people: Person[] = [];
  const lanes: Lane[] = [];
  const counts = new Counts();
  try {
    await someAtOnce(users - users % 2, terminal.signal, async (index) => {
      people[index] = tokens ? await whoHas(url, tokens[index]) : await makePerson(url, terminal.signal);
    });
    const run = crypto.randomUUID().slice(0, 8);
    await someAtOnce(people.length / 2, terminal.signal, async (index) => {
      lanes[index] = await Lane.open(url, counts, [people[2 * index], people[2 * index + 1]], run);
    });
    const stopShowing = showProgress(terminal, counts, seconds);
    const took = await sendAll(lanes, { rate, seconds, signal: terminal.signal });
    await settled(lanes);
    stopShowing();
    const log = sum(await Promise.all(lanes.map((lane) => lane.check())));
    const summary = summarise(counts, { url, users: people.length, seconds: took, log });
    terminal.print(flags.json ? JSON.stringify(summary, null, 2) + "\n" : summaryText(summary));
    return summary.good ? 0 : 1;
  } finally {
    for (const lane of lanes) lane?.close();
    await removeAll(url, people.filter(Boolean)).catch((error) => {
      terminal.tell(`imserver: some accounts named bench-… are left (${reasonOf(error)})\n`);
    });
  }
};

/** At the rate of all lanes together, whether or not answers come; answers how many seconds it took. */
async function sendAll(
  lanes: readonly Lane[],
  { rate, seconds, signal }: { rate: number; seconds: number; signal: AbortSignal },
): Promise<number> {
  const from = performance.now();
  const all = rate * seconds;
  for (let sent = 0; sent < all && !signal.aborted;) {
    const due = Math.min(all, Math.floor((performance.now() - from) / 1000 * rate) + 1);
    for (; sent < due; sent++) lanes[sent % lanes.length].send(from + sent / rate * 1000);
    await delay(TICK_MS);
  }
  return (performance.now() - from) / 1000;
}

/** The last may still be on their way. */
async function settled(lanes: readonly Lane[]): Promise<void> {
  await within(ANSWERED_MS, () => lanes.every((lane) => lane.isAnswered));
  await within(PUSHED_MS, () => lanes.every((lane) => lane.isPushed));
}

async function within(timeMs: number, holds: () => boolean): Promise<void> {
  const end = performance.now() + timeMs;
  while (!holds() && performance.now() < end) await delay(50);
}

function sum(reports: readonly LogReport[]): LogReport {
  const total = { lost: 0, doubled: 0, disordered: 0, notPushed: 0, reconnects: 0 };
  for (const report of reports) {
    for (const key of Object.keys(total) as (keyof LogReport)[]) total[key] += report[key];
  }
  return total;
}

async function removeAll(url: string, people: readonly Person[]): Promise<void> {
  await someAtOnce(people.length, new AbortController().signal, (index) => unmake(url, people[index]));
}

async function someAtOnce(
  count: number,
  signal: AbortSignal,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      signal.throwIfAborted();
      await work(next++);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, worker));
}

function wholeNumber(flag: string, value: string | true | undefined, least: number, most: number): number {
  const number = /^\d{1,7}$/.test(String(value)) ? Number(value) : NaN;
  if (!(number >= least && number <= most)) {
    throw new UsageError(`--${flag} must be a whole number from ${least} to ${most}, not "${value}"`);
  }
  return number;
}

async function readTokens(path: string): Promise<string[]> {
  const text = await Deno.readTextFile(path).catch((error) => {
    throw new UsageError(
      `--tokens ${path} cannot be read (${reasonOf(error)}); name a file with a token on each line`,
    );
  });
  const tokens = text.split("\n").map((line) => line.trim()).filter(Boolean);
  if (tokens.length < 2) throw new UsageError(`--tokens ${path} has fewer than two tokens; two make a pair`);
  return tokens;
}
