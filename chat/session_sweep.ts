import type { Bus } from "../bus/bus.ts";
import type { Sessions } from "../data/service.ts";
import type { Logger } from "../kit/log.ts";
import type { Hub } from "./hub.ts";
import { logFailedRound } from "./round_failed.ts";

/** A session that was ended elsewhere is cut off here within this, when the Bus lost the word of it. */
export const SESSION_SWEEP_MS = 30_000;
const PAGE = 1_000;

export interface SessionSweepParts {
  sessions: Pick<Sessions, "running">;
  hub: Pick<Hub, "sessionIds" | "endSessions">;
  log: Logger;
  /** Says when events may have been lost: then it looks at once. */
  onGap: Bus["onGap"];
  periodMs?: number;
}

/** Anti-entropy for who is connected: asks Data which of the sessions here still run, and ends the others. */
export function startSessionSweep(
  { sessions, hub, log, onGap, periodMs = SESSION_SWEEP_MS }: SessionSweepParts,
): { run(): Promise<number>; close(): void } {
  let last: Promise<unknown> = Promise.resolve();

  async function look(): Promise<number> {
    const ids = hub.sessionIds();
    let ended = 0;
    for (let from = 0; from < ids.length; from += PAGE) {
      const page = ids.slice(from, from + PAGE);
      const there = new Set((await sessions.running({ ids: page })).ids);
      const gone = page.filter((id) => !there.has(id));
      hub.endSessions(gone);
      ended += gone.length;
    }
    return ended;
  }

  /** One after the other: what was asked for while it looked is looked at after it. */
  function run(): Promise<number> {
    const next = last.then(look);
    last = next.catch(() => {});
    return next;
  }

  const tick = () => {
    run().catch((error) => logFailedRound(log, "sessions could not be looked at", error));
  };
  const timer = setInterval(tick, periodMs);
  const unlisten = onGap(tick);
  return {
    run,
    close() {
      clearInterval(timer);
      unlisten();
    },
  };
}
