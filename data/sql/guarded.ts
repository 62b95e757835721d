import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type IPolicy,
} from "cockatiel";
import { ImError } from "../../wire/errors.ts";
import type { Storage } from "./driver.ts";

export interface GuardOptions {
  /** After so many failures one after the other nobody is let through. */
  failures?: number;
  /** So long; then one is let through to try. */
  restMs?: number;
  /** `open`: every call fails at once. `half-open`: one tries. `closed`: all is well. */
  onState?: (state: "open" | "half-open" | "closed") => void;
}

/**
 * A circuit breaker before a storage: one that does not answer costs a few calls their time, and the others an answer
 * at once (`unavailable`), instead of every call its whole time limit. What the work of a transaction throws, or a
 * statement that is wrong, is no sign that the database is away.
 */
export function guarded(storage: Storage, options: GuardOptions = {}): Storage {
  const { failures = 5, restMs = 1_000, onState = () => {} } = options;
  const breaker = circuitBreaker(
    handleWhen((error) => error instanceof ImError && error.code === "unavailable"),
    {
      halfOpenAfter: restMs,
      breaker: new ConsecutiveBreaker(failures),
    },
  );
  breaker.onStateChange((state) => {
    if (state === CircuitState.Open) onState("open");
    else if (state === CircuitState.HalfOpen) onState("half-open");
    else if (state === CircuitState.Closed) onState("closed");
  });
  const through = <T>(call: () => Promise<T>) => execute(breaker, call, restMs);
  return {
    dialect: storage.dialect,
    writers: storage.writers,
    all: (sql, params) => through(() => storage.all(sql, params)),
    allIn: (sql, keys) => through(() => storage.allIn(sql, keys)),
    transaction: (work) => through(() => storage.transaction(work)),
    schemaChange: (work) => storage.schemaChange(work),
    script: (sql) => storage.script(sql),
    close: () => storage.close(),
  };
}

async function execute<T>(breaker: IPolicy, call: () => Promise<T>, restMs: number): Promise<T> {
  try {
    return await breaker.execute(call);
  } catch (error) {
    if (!(error instanceof BrokenCircuitError)) throw error;
    throw new ImError("unavailable", "The database is away", { retryAfterMs: restMs });
  }
}
