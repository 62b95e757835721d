import type { AppendRequest, Log } from "../service.ts";
import type { Tracer } from "../../kit/tracer.ts";
import type { Storage } from "../sql/driver.ts";
import { appendBatch } from "./append.ts";
import { changeMessage } from "./change.ts";
import type { Clock } from "./clock.ts";
import { createFeed } from "./feed.ts";
import { createGroupCommit } from "./group_commit.ts";
import type { ReadLog } from "./read_log.ts";
import { createReading } from "./reading.ts";

const MAX_BATCH = 1024;
const MAX_WAITING = 20_000;

export interface LogOptions {
  readLog?: ReadLog;
  onSends?: (count: number) => void;
  /** Given what tells how many sends wait. */
  onQueue?: (waiting: () => number) => void;
  tracer?: Tracer;
}

export function createLog(db: Storage, clock: Clock, options: LogOptions = {}): Log {
  const { readLog, onSends = () => {}, onQueue, tracer } = options;
  const { now } = clock;
  const store = (batch: readonly AppendRequest[]) => {
    onSends(batch.length);
    return db.transaction((tx) => appendBatch(tx, batch, now()));
  };
  return {
    append: createGroupCommit({
      commit: store,
      maxBatch: MAX_BATCH,
      maxWaiting: MAX_WAITING,
      writers: db.writers,
      keyOf: ({ conversationId }) => conversationId,
      onOpen: onQueue,
      tracer,
    }),
    change: (request) => db.transaction((tx) => changeMessage(tx, request, now())),
    ...createReading(db, clock, readLog),
    ...createFeed(db, clock),
  };
}
