import type { Logger } from "../../../kit/log.ts";
import { ImError } from "../../../wire/errors.ts";
import type { Searches } from "../../service.ts";
import type { Storage } from "../../sql/driver.ts";
import { Indexer } from "./indexer.ts";
import { mysqlIndex } from "./mysql_index.ts";
import { searchMessages } from "./search.ts";
import { sqliteIndex } from "./sqlite_index.ts";

export interface SearchOptions {
  now: () => number;
  /** Where the words are kept, if not beside the logs: a SQLite file that may be lost. */
  words?: Storage;
  /** Entries indexed at a time. The thread does nothing else meanwhile: a few where it serves sockets. */
  batch?: number;
}

/** Search over the logs of a storage, in this thread. */
export interface Search extends Searches {
  /** Indexes what moved, from time to time, until it is closed. */
  follow(log: Pick<Logger, "warn">): void;
  /** Indexes what was committed before the call; answers whether that is all done. For tests and tools. */
  catchUp(budgetMs: number): Promise<boolean>;
  close(): void;
}

const LOOK_EVERY_MS = 500;
const TRY_AGAIN_MS = 5_000;
const BUDGET_MS = 5_000;

export function createSearch(db: Storage, { now, words = db, batch = 128 }: SearchOptions): Search {
  const index = words.dialect === "mysql" ? mysqlIndex(words) : sqliteIndex(words);
  const indexer = new Indexer({ db, index, now, batch });
  let closed = false;
  let failed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    messages: (request) => searchMessages({ db, index, indexer }, request),
    catchUp: (budgetMs) => indexer.catchUp(budgetMs),
    follow(log) {
      const look = async () => {
        let waitMs = LOOK_EVERY_MS;
        try {
          await indexer.open();
          if (await index.leads(now()) && !await indexer.catchUp(BUDGET_MS, "gently")) waitMs = 0;
          failed = false;
        } catch (error) {
          waitMs = TRY_AGAIN_MS;
          // Once, until it goes well again; that the database is away is said elsewhere.
          const known = error instanceof ImError && error.code === "unavailable";
          if (!closed && !known && !failed) {
            failed = true;
            log.warn("messages are not indexed", { because: (error as Error).message });
          }
        }
        if (!closed) timer = setTimeout(look, waitMs);
      };
      timer = setTimeout(look, LOOK_EVERY_MS);
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}
