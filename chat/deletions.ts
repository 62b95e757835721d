import type { Bus } from "../bus/bus.ts";
import type { Profiles } from "../data/service.ts";
import type { Logger } from "../kit/log.ts";
import { announceEntry, announceInboxes } from "./announce.ts";
import { logFailedRound } from "./round_failed.ts";

/** Between two steps others have their turn. */
const PAUSE_MS = 20;
/** An account whose erasing nobody has gone on with for so long is gone on with here: its gateway may have ended. */
const STALE_MS = 10_000;
const LOOK_EVERY_MS = 10_000;
const AT_ONCE = 10;

export interface Deletions {
  /** Erases what is left of these deleted accounts, unless that is under way here. Does not wait for it. */
  begin(userIds: Iterable<number>): void;
  close(): Promise<void>;
}

export interface DeletionParts {
  profiles: Pick<Profiles, "erase" | "erasing">;
  bus: Bus;
  log: Logger;
  now: () => number;
  /** Removes some of a user's files; answers whether there are more. */
  eraseFiles: (userId: number) => Promise<boolean>;
  lookEveryMs?: number;
  staleMs?: number;
}

/**
 * Erases deleted accounts, step by step. How far each has come is in the database, so that any gateway goes on with
 * what another began, also after all of them ended at once.
 */
export function startDeletions(
  { profiles, bus, log, now, eraseFiles, lookEveryMs = LOOK_EVERY_MS, staleMs = STALE_MS }: DeletionParts,
): Deletions {
  const running = new Map<number, Promise<void>>();
  let closed = false;
  const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

  async function run(userId: number): Promise<void> {
    try {
      while (!closed && await eraseFiles(userId)) await pause();
      while (!closed) {
        const { done, inboxes, entries } = await profiles.erase({ userId });
        announceInboxes(bus, inboxes);
        for (const { conversationId, entry } of entries) announceEntry(bus, conversationId, [], entry!);
        if (done) return;
        await pause();
      }
    } catch (error) {
      logFailedRound(log, "an account's erasing was cut off; it will be gone on with", error, { userId });
    }
  }

  function begin(userIds: Iterable<number>): void {
    for (const userId of userIds) {
      if (closed || running.has(userId)) continue;
      running.set(userId, run(userId).finally(() => running.delete(userId)));
    }
  }

  async function look(): Promise<void> {
    try {
      begin((await profiles.erasing({ staleBefore: now() - staleMs, limit: AT_ONCE })).userIds);
    } catch (error) {
      logFailedRound(log, "accounts to erase could not be looked for", error);
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
