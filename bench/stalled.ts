import { setTimeout as delay } from "node:timers/promises";
import { Crowd } from "../tests/support/crowd.ts";
import { residentBytes, startServer, tempFolder } from "../tests/support/server.ts";

export interface StalledOptions {
  pairs: number;
  /** Sockets that read, of each person of a pair. */
  socketsEach: number;
  stalled: number;
  messagesPerSecond: number;
  /** How long each of the two measurements takes. */
  seconds: number;
}

export interface StalledResult {
  p50BeforeMs: number;
  p50DuringMs: number;
  p99BeforeMs: number;
  p99DuringMs: number;
  /** How much the 99th percentile grew while sockets stalled. */
  p99GrowthPercent: number;
  /** The first and last stalled socket, from when the kernel holds all it can for it to when it was cut off. */
  firstCutS: number;
  lastCutS: number;
  /** At most, over what it was before. */
  rssGrowthMiB: number;
}

/**
 * A steady flow of 1 KiB messages between readers, first by itself, then from when some sockets hold all the kernel
 * has for them until they are cut off. The
 * run is void (an exception) when a reader misses a message, gets one twice or out of order, or is cut off.
 */
export async function stalled(options: StalledOptions): Promise<StalledResult> {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, flavour: "dist", args: UNLIMITED });
  const crowd = await Crowd.gather({ url: server.url, ...options });
  await crowd.flow(options.messagesPerSecond, 3);
  const before = await measure(crowd, options);
  const rss = watchRss(server.pid);
  // Filling them is a load of its own, and so is no part of what is measured.
  const [cuts] = await Promise.all([crowd.stall(options.stalled), crowd.flow(options.messagesPerSecond, 10)]);
  const during = await measure(crowd, options);
  const tookMs = await Promise.all(cuts);
  await crowd.check();
  const rssGrowthMiB = await rss.stop();
  crowd.leave();
  return {
    p50BeforeMs: round(before.p50),
    p50DuringMs: round(during.p50),
    p99BeforeMs: round(before.p99),
    p99DuringMs: round(during.p99),
    p99GrowthPercent: Math.round((during.p99 / before.p99 - 1) * 100),
    firstCutS: round(Math.min(...tookMs) / 1000),
    lastCutS: round(Math.max(...tookMs) / 1000),
    rssGrowthMiB: Math.round(rssGrowthMiB),
  };
}

/** The crowd connects faster than a server would let it. */
const UNLIMITED = ["--max-connects-per-second=0", "--rate-limit-scale=1000"];

async function measure(crowd: Crowd, { messagesPerSecond, seconds }: StalledOptions) {
  crowd.startMeasuring();
  await crowd.flow(messagesPerSecond, seconds);
  return { p50: crowd.latencyMs(0.5), p99: crowd.latencyMs(0.99) };
}

/** Looks every half second; `stop` answers the most that it grew, in MiB. */
function watchRss(pid: number): { stop(): Promise<number> } {
  let over = false;
  const watching = (async () => {
    const before = await residentBytes(pid);
    let most = before;
    while (!over) {
      most = Math.max(most, await residentBytes(pid));
      await delay(500);
    }
    return (most - before) / 1024 / 1024;
  })();
  return { stop: () => (over = true, watching) };
}

const round = (value: number) => Math.round(value * 10) / 10;
