import type { Tracer } from "../../kit/tracer.ts";
import type { Data, Searches } from "../service.ts";
import type { Storage } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { createAdmin } from "./admin.ts";
import { createBots } from "./bots.ts";
import { createConversations } from "./conversations.ts";
import { createFactors } from "./factors.ts";
import { createFiles } from "./files.ts";
import { createGroups } from "./groups/mod.ts";
import { createInboxes } from "./inbox.ts";
import { createLog } from "./log.ts";
import type { ReadLog } from "./read_log.ts";
import { createProfiles } from "./profiles.ts";
import { createRelations } from "./relations.ts";
import { createSessions } from "./sessions.ts";
import { bounded } from "./search/bounded.ts";
import { createSearch } from "./search/mod.ts";
import { createUsers } from "./users.ts";

export interface LocalDataOptions {
  /** By way of the storage's replicas. */
  readLog?: ReadLog;
  /** Where they are not to run in this thread over words that lie in the same storage. */
  searches?: Searches;
  /** Told of each transaction of sends: how many it holds. */
  onSends?: (count: number) => void;
  /** Given what tells how many sends wait. */
  onQueue?: (waiting: () => number) => void;
  /** Absent: nothing is traced. */
  tracer?: Tracer;
}

/** The Data services in this process, over a storage that is migrated. */
export function createLocalData(db: Storage, clock: Clock, options: LocalDataOptions = {}): Data {
  const { searches = createSearch(db, clock) } = options;
  return {
    users: createUsers(db, clock),
    sessions: createSessions(db, clock),
    profiles: createProfiles(db, clock),
    factors: createFactors(db, clock),
    relations: createRelations(db, clock),
    conversations: createConversations(db, clock, options.tracer),
    groups: createGroups(db, clock),
    log: createLog(db, clock, options),
    inboxes: createInboxes(db),
    files: createFiles(db, clock),
    admin: createAdmin(db, clock),
    bots: createBots(db, clock),
    searches: bounded(searches),
  };
}
