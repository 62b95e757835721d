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
export async function openSearch(
  { database }: Config,
  storage: Storage,
  log: Logger,
): Promise<Searches & { close(): void | Promise<void> }> {
  if (database.kind === "sqlite" && database.target !== ":memory:") {
    const places = { database: database.target, words: wordsFile(database.target) };
    return new SearchThread({ spawn: () => spawnWorker(SEARCH_WORKER), places, log });
  }
  const words = database.kind === "mysql" ? await openWords(database.target) : undefined;
  const search = createSearch(storage, { now: Date.now, words });
  search.follow(log);
  return {
    messages: (request) => search.messages(request),
    close: async () => {
      search.close();
      await words?.close();
    },
  };
}

/**
 * A few connections for the words alone, with a limit of their own: a word that takes too long holds up no message,
 * and says nothing about whether the database answers (data/sql/guarded.ts).
 */
async function openWords(url: string): Promise<Storage> {
  const { openMysql } = await import("../data/sql/mysql.ts");
  return openMysql(url, { maxConnections: 3, statementTimeoutMs: 3_000 });
}
