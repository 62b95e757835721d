import { currentTraceparent } from "../../kit/trace.ts";
import type { Tracer } from "../../kit/tracer.ts";
import { ImError } from "../../wire/errors.ts";

export interface GroupCommitOptions<Q, A> {
  /** Stores a batch in one transaction; an answer for each request, in order. */
  commit: (batch: readonly Q[]) => Promise<(A | ImError)[]>;
  /** At most so many in one transaction. */
  maxBatch: number;
  /** Transactions that make progress at once. */
  writers?: number;
  /** What must be stored in order; with one writer everything is. */
  keyOf?: (request: Q) => number;
  /** At most so many waiting; one more is `overloaded`. */
  maxWaiting: number;
  /** Given, once, what tells how many wait. */
  onOpen?: (waiting: () => number) => void;
  tracer?: Tracer;
}

/** So many waiting are worth a transaction beside the others: fewer get less than it costs. */
const WORTH_ANOTHER = 64;

/**
 * Gathers requests into transactions: while one commits (an fsync), whatever arrives waits for the next. The
 * batch grows with the load by itself, and a lone request waits for nobody. Where the storage lets several
 * transactions proceed at once, more than one run when many requests wait. Requests of one key are stored in the order
 * of their calls.
 */
export function createGroupCommit<Q, A>(options: GroupCommitOptions<Q, A>): (request: Q) => Promise<A> {
  const { commit, maxBatch, maxWaiting, writers = 1, keyOf = () => 0, tracer } = options;
  let waiting: Waiting<Q, A>[] = [];
  options.onOpen?.(() => waiting.length);
  let running = 0;
  /** Keys of what is being stored beside others: what comes for them waits. */
  const busy = new Set<number>();

  async function run(): Promise<void> {
    running++;
    // One turn later, so that what arrives in the same message or frame shares the first transaction.
    await Promise.resolve();
    for (let batch = take(); batch.length > 0; batch = take()) {
      if (mayRunAnother()) void run();
      const store = () => settle(batch, commit);
      await (tracer ? tracer.shared("group commit", batch.map((one) => one.traceparent), store) : store());
      if (writers > 1) { for (const { request } of batch) busy.delete(keyOf(request)); }
    }
    running--;
  }

  const mayRunAnother = () => running < writers && waiting.length >= WORTH_ANOTHER;

  function take(): Waiting<Q, A>[] {
    if (writers === 1) return waiting.splice(0, maxBatch);
    const batch: Waiting<Q, A>[] = [];
    const left: Waiting<Q, A>[] = [];
    for (const one of waiting) {
      (batch.length < maxBatch && !busy.has(keyOf(one.request)) ? batch : left).push(one);
    }
    for (const { request } of batch) busy.add(keyOf(request));
    waiting = left;
    return batch;
  }

  return (request) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) {
        reject(new ImError("overloaded", undefined, { retryAfterMs: 500 }));
        return;
      }
      waiting.push({ request, resolve, reject, traceparent: tracer && currentTraceparent() });
      if (running === 0 || mayRunAnother()) void run();
    });
}

interface Waiting<Q, A> {
  request: Q;
  resolve: (answer: A) => void;
  reject: (error: unknown) => void;
  /** The trace it belongs to: a batch belongs to those of all its requests. */
  traceparent?: string;
}

async function settle<Q, A>(
  batch: Waiting<Q, A>[],
  commit: GroupCommitOptions<Q, A>["commit"],
): Promise<void> {
  try {
    const answers = await commit(batch.map((one) => one.request));
    batch.forEach((one, i) => {
      const answer = answers[i];
      if (answer instanceof ImError) one.reject(answer);
      else one.resolve(answer);
    });
  } catch (error) {
    // The database's trouble is everyone's. Anything else may be one request's fault: each is tried alone.
    const shared = error instanceof ImError || batch.length === 1;
    if (shared) batch.forEach((one) => one.reject(error));
    else for (const one of batch) await settle([one], commit);
  }
}
