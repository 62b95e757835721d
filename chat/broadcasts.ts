import type { Bus } from "../bus/bus.ts";
import type { Admin } from "../data/service.ts";
import type { Logger } from "../kit/log.ts";
import { announceInboxes } from "./announce.ts";
import { logFailedRound } from "./round_failed.ts";

/** People told in one transaction: some milliseconds, which others wait for. */
const AT_ONCE = 200;
/** And then others have their turn. */
const PAUSE_MS = 20;
/** A broadcast that nobody has gone on with for so long is gone on with here: its gateway may have ended. */
const STALE_MS = 10_000;
const LOOK_EVERY_MS = 10_000;

export interface Broadcasts {
  /** Tells everyone whom this broadcast is for, unless that is under way here. Does not wait for it. */
  begin(id: number): void;
  close(): Promise<void>;
}

export interface BroadcastParts {
  admin: Pick<Admin, "stepBroadcast" | "listBroadcasts">;
  bus: Bus;
  log: Logger;
  now: () => number;
  /** How often to look for those that were cut off, and how long one must have stood still. */
  lookEveryMs?: number;
  staleMs?: number;
}

/**
 * Carries out broadcasts, step by step. Each step is one transaction with how far it has come, so any gateway may go
 * on with what another began, and two that do the same only share the work.
 */
export function startBroadcasts(
  { admin, bus, log, now, lookEveryMs = LOOK_EVERY_MS, staleMs = STALE_MS }: BroadcastParts,
): Broadcasts {
  const running = new Map<number, Promise<void>>();
  let closed = false;

  async function run(id: number): Promise<void> {
    try {
      while (!closed) {
        const { broadcast, inboxes } = await admin.stepBroadcast({ id, limit: AT_ONCE });
        announceInboxes(bus, inboxes);
        if (!broadcast || broadcast.doneAt > 0) return;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    } catch (error) {
      logFailedRound(log, "a broadcast was cut off; it will be gone on with", error, { id });
    }
  }

  function begin(id: number): void {
    if (closed || running.has(id)) return;
    running.set(id, run(id).finally(() => running.delete(id)));
  }

  async function look(): Promise<void> {
    try {
      const { broadcasts } = await admin.listBroadcasts({
        staleBefore: now() - staleMs,
        beforeId: 0,
        limit: 10,
      });
      for (const { id } of broadcasts) begin(id);
    } catch (error) {
      logFailedRound(log, "broadcasts could not be looked for", error);
    }
  }

  const timer = setInterval(look, lookEveryMs);
  return {
    begin,
    async close() {
      closed = true;
      clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}
