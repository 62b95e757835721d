import type { Reads, Row, Storage } from "../sql/driver.ts";

/** Runs a read of these logs where it is as good as on the primary. */
export type ReadLog = <T>(logIds: readonly number[], read: (db: Reads) => Promise<T>) => Promise<T>;

export interface ReadLogOptions {
  /** A clock for durations, ms. */
  monotonicNow?: () => number;
  /** Told when a replica is left out, and when it is asked again. */
  onChange?: (replica: number, state: "used" | "lagging" | "away") => void;
}

/** So long a replica that was behind is not asked. */
const LAG_PAUSE_MS = 250;
const AWAY_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 30_000;

/**
 * Reads logs from replicas, and never from one that is behind: everything that happens in a conversation is an entry
 * of its log, so a replica whose head of a log is where the primary's was when we asked has all of it, and what a
 * user has been told is written, that user reads back (P9). It takes one look at the primary's heads, by their keys;
 * the pages come from the replicas. One that is behind, or does not answer, is left out for a while by itself.
 */
export function createReadLog(
  primary: Storage,
  replicas: readonly Storage[] = [],
  { monotonicNow = () => performance.now(), onChange = () => {} }: ReadLogOptions = {},
): ReadLog {
  if (replicas.length === 0) return (_, read) => read(primary);
  const states = replicas.map(() => ({ pausedUntilMs: 0, failures: 0, state: "used" }));
  let turn = 0;

  function pick(): number | null {
    const now = monotonicNow();
    for (let i = 0; i < replicas.length; i++) {
      const index = turn++ % replicas.length;
      if (states[index].pausedUntilMs <= now) return index;
    }
    return null;
  }

  function note(index: number, state: "used" | "lagging" | "away"): void {
    const known = states[index];
    known.failures = state === "away" ? known.failures + 1 : 0;
    const pauseMs = state === "used"
      ? 0
      : state === "lagging"
      ? LAG_PAUSE_MS
      : Math.min(AWAY_PAUSE_MS * 2 ** (known.failures - 1), MAX_PAUSE_MS);
    known.pausedUntilMs = monotonicNow() + pauseMs;
    if (known.state !== state) onChange(index, state);
    known.state = state;
  }

  return async (logIds, read) => {
    const index = pick();
    if (index === null) return await read(primary);
    const wanted = await headsOf(primary, logIds);
    try {
      const there = await headsOf(replicas[index], logIds);
      const complete = logIds.every((id) => (there.get(id) ?? 0) >= (wanted.get(id) ?? 0));
      note(index, complete ? "used" : "lagging");
      if (complete) return await read(replicas[index]);
    } catch {
      note(index, "away");
    }
    return await read(primary);
  };
}

async function headsOf(db: Reads, logIds: readonly number[]): Promise<Map<number, number>> {
  const rows = await db.allIn<Row & { conversation_id: number; last_seq: number }>(
    "SELECT conversation_id, last_seq FROM heads WHERE conversation_id IN {keys}",
    logIds.map((id) => [id]),
  );
  return new Map(rows.map((row) => [row.conversation_id, row.last_seq]));
}
