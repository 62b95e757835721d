import type { Data } from "../service.ts";
import type { Storage } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { createConversations } from "./conversations.ts";
import { createInboxes } from "./inbox.ts";
import { createLog } from "./log.ts";
import type { ReadLog } from "./read_log.ts";
import { createRelations } from "./relations.ts";
import { createSessions } from "./sessions.ts";
import { createUsers } from "./users.ts";

export interface LocalDataOptions {
  /** By way of the storage's replicas. */
  readLog?: ReadLog;
  /** Told of each transaction of sends: how many it holds. */
  onSends?: (count: number) => void;
}

/** The Data services in this process, over a storage that is migrated. */
export function createLocalData(db: Storage, clock: Clock, options: LocalDataOptions = {}): Data {
  return {
    users: createUsers(db, clock),
    sessions: createSessions(db, clock),
    relations: createRelations(db, clock),
    conversations: createConversations(db, clock),
    log: createLog(db, clock, options),
    inboxes: createInboxes(db),
  };
}
