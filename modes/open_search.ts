import { createSearch } from "../data/local/search/mod.ts";
import { SearchThread } from "../data/local/search/thread.ts";
import type { Searches } from "../data/service.ts";
import type { Storage } from "../data/sql/driver.ts";
import type { Logger } from "../kit/log.ts";
import type { Config } from "./config.ts";
import { SEARCH_WORKER, spawnWorker } from "./workers.ts";

/** The words of messages lie in a SQLite file beside the database's: imserver.db, imserver-search.db. */
export function wordsFile(database: string): string {
  return `${database.replace(/\.(?:db|sqlite3?)$/, "")}-search.db`;
}

/**
 * Search over the logs of a database. On a SQLite file it has a thread of its own, and a file that may be deleted at
 * any time when no server runs; on MySQL it is a matter of waiting, and runs here.
 */
export function openSearch(
  { database }: Config,
  storage: Storage,
  log: Logger,
): Searches & { close(): void } {
  if (database.kind === "sqlite" && database.target !== ":memory:") {
    const places = { database: database.target, words: wordsFile(database.target) };
    return new SearchThread({ spawn: () => spawnWorker(SEARCH_WORKER), places, log });
  }
  const search = createSearch(storage, { now: Date.now });
  search.follow(log);
  return search;
}
