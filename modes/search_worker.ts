import { createSearch } from "../data/local/search/mod.ts";
import { type SearchWorkerScope, serveSearchWorker } from "../data/local/search/worker.ts";
import type { Storage } from "../data/sql/driver.ts";
import { openSqlite } from "../data/sql/sqlite.ts";

/** Entries indexed in one go; nobody else waits on this thread but searches. */
const BATCH = 1_000;

/** The thread that indexes and searches, over connections of its own (ADR 3). */
export function startSearchWorker(scope: SearchWorkerScope): void {
  serveSearchWorker(
    scope,
    ({ database, words }) =>
      createSearch(openSqlite(database), { now: Date.now, words: openWords(words), batch: BATCH }),
  );
}

/** What a power cut takes of this file is made again from the logs: it need not wait for the disk. */
function openWords(path: string): Storage {
  const open = () => openSqlite(path, { synchronous: "NORMAL" });
  // For its owner only, as the database is.
  Deno.openSync(path, { create: true, append: true, mode: 0o600 }).close();
  try {
    return open();
  } catch (error) {
    if (!/not a database|malformed/.test((error as Error).message)) throw error;
    for (const suffix of ["", "-wal", "-shm"]) removeIfThere(path + suffix);
    return open();
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
