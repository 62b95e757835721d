import type { Bus } from "../bus/bus.ts";
import type { Log, MovedLog } from "../data/service.ts";
import type { Logger } from "../kit/log.ts";
import type { Hub } from "./hub.ts";
import { GRACE_MS } from "./ordered_log.ts";
import { logFailedRound } from "./round_failed.ts";

/** A push that the Bus lost is found within this, and the time a sweep takes (P4). */
export const SWEEP_MS = 5_000;
const PAGE = 1_000;
/** Data remembers what moved for longer than this; after a longer time without an answer nobody knows. */
const MAX_AWAY_MS = 300_000;
/** Repairs that run at once. */
const AT_ONCE = 8;

export interface Sweep {
  /** One round: tells whoever is connected here what the Bus has lost; answers how many logs were behind. */
  run(): Promise<number>;
  /** How many logs were behind, in all rounds. */
  readonly repaired: number;
  close(): void;
}

export interface SweepParts {
  feed: Pick<Log, "moved">;
  hub: Hub;
  log: Logger;
  /** Says when events may have been lost: then a round begins at once. */
  onGap?: Bus["onGap"];
  periodMs?: number;
  /** A clock for durations, ms. */
  monotonicNow?: () => number;
}

/**
 * Anti-entropy: asks Data every few seconds which logs moved, and compares with what the hub has told. So
 * delivery never rests on the Bus, which is only ever a hint.
 */
export function startSweep(
  { feed, hub, log, onGap = () => () => {}, periodMs = SWEEP_MS, monotonicNow = () => performance.now() }:
    SweepParts,
): Sweep {
  let since = 0;
  let epoch = 0;
  let answeredAt = monotonicNow();
  let repaired = 0;
  let closed = false;
  let running = false;
  let again = false;
  let timer = setTimeout(tick, 0);

  async function run(): Promise<number> {
    const behind: MovedLog[] = [];
    let next = 0;
    for (let afterId = 0, more = true; more;) {
      const page = await feed.moved({ since, afterId, limit: PAGE });
      noteEpoch(page.epoch);
      behind.push(...page.logs.filter((moved) => hub.isBehind(moved)));
      more = page.more;
      afterId = page.logs.at(-1)?.logId ?? 0;
      // The first page's, since what moves between two pages may lie before the second.
      next ||= page.nextSince;
    }
    since = next;
    if (monotonicNow() - answeredAt > MAX_AWAY_MS) hub.tellToSync();
    answeredAt = monotonicNow();
    if (behind.length === 0) return 0;
    // What was stored just now is still on its way.
    await new Promise((resolve) => setTimeout(resolve, GRACE_MS));
    const lost = behind.filter((moved) => hub.isBehind(moved));
    for (let i = 0; i < lost.length; i += AT_ONCE) {
      await Promise.all(lost.slice(i, i + AT_ONCE).map((moved) => hub.repair(moved)));
    }
    repaired += lost.length;
    if (lost.length > 0) log.debug("the sweep found lost pushes", { logs: lost.length });
    return lost.length;
  }

  /** 0: a dbproxy that does not say. */
  function noteEpoch(next: number): void {
    if (next === 0 || next === epoch) return;
    if (epoch !== 0) {
      log.warn("the database was restored: every client begins anew", { epoch: next });
      hub.renew();
    }
    epoch = next;
  }

  async function tick(): Promise<void> {
    running = true;
    try {
      await run();
    } catch (error) {
      logFailedRound(log, "the sweep failed; the next one looks back as far", error);
    }
    running = false;
    if (!closed) timer = setTimeout(tick, again ? 0 : periodMs);
    again = false;
  }

  // A round that has begun already may have looked before the events were lost, so another follows it.
  const unlisten = onGap(() => {
    if (running) again = true;
    else {
      clearTimeout(timer);
      timer = setTimeout(tick, 0);
    }
  });

  return {
    run,
    get repaired() {
      return repaired;
    },
    close() {
      closed = true;
      unlisten();
      clearTimeout(timer);
    },
  };
}
