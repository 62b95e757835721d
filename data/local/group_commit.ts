import { currentTraceparent } from "../../kit/trace.ts";
import type { Tracer } from "../../kit/tracer.ts";
import { ImError } from "../../wire/errors.ts";

export interface GroupCommitOptions<Q, A> {
  /** Stores a batch in one transaction; an answer for each request, in order. */
  commit: (batch: readonly Q[]) => Promise<(A | ImError)[]>;
  /** At most so many in one transaction. */
  maxBatch: number;
  /** At most so many waiting; one more is `overloaded`. */
  maxWaiting: number;
  /** Given, once, what tells how many wait. */
  onOpen?: (waiting: () => number) => void;
  tracer?: Tracer;
}

/**
 * Gathers requests into transactions: while one commits (an fsync), whatever arrives waits for the next. The
 * batch grows with the load by itself, and a lone request waits for nobody. Order is kept.
 */
export function createGroupCommit<Q, A>(options: GroupCommitOptions<Q, A>): (request: Q) => Promise<A> {
  const { commit, maxBatch, maxWaiting, tracer } = options;
  const waiting: Waiting<Q, A>[] = [];
  options.onOpen?.(() => waiting.length);
  let running = false;

  async function run(): Promise<void> {
    running = true;
    // One turn later, so that what arrives in the same message or frame shares the first transaction.
    await Promise.resolve();
    while (waiting.length > 0) {
      const batch = waiting.splice(0, maxBatch);
      const store = () => settle(batch, commit);
      await (tracer ? tracer.shared("group commit", batch.map((one) => one.traceparent), store) : store());
    }
    running = false;
  }

  return (request) =>
    new Promise((resolve, reject) => {
      if (waiting.length >= maxWaiting) {
        reject(new ImError("overloaded", undefined, { retryAfterMs: 500 }));
        return;
      }
      waiting.push({ request, resolve, reject, traceparent: tracer && currentTraceparent() });
      if (!running) run();
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

/**
 * So many of one thing side by side, each request to the one that its key says: those of one key stay in order,
 * and where a storage lets several transactions proceed at once, one's fsync does not hold up the others.
 */
export function inLanes<Q, A>(
  count: number,
  keyOf: (request: Q) => number,
  open: () => (request: Q) => Promise<A>,
): (request: Q) => Promise<A> {
  const lanes = Array.from({ length: count }, open);
  return (request) => lanes[keyOf(request) % count](request);
}
