import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type IPolicy,
  wrap,
} from "cockatiel";
import type { Cluster, Redis } from "ioredis";
import { closeRedis, openRedis } from "./redis.ts";
import type { RedisPlace } from "./redis_url.ts";
import type { Logger } from "./log.ts";
import { SpanKind, type Tracer } from "./tracer.ts";

export type BreakerState = "closed" | "open" | "half-open";

export interface SharedRedisOptions {
  place: RedisPlace;
  log: Logger;
  /** So long a command may take. */
  commandTimeoutMs?: number;
  /** After so many failures one after the other nobody is let through. */
  failures?: number;
  /** So long; then one is let through to try. */
  restMs?: number;
  /** So many commands may be under way; one more fails at once. */
  maxInFlight?: number;
  onState?: (state: BreakerState) => void;
  tracer?: Tracer;
}

/**
 * A Redis for what processes share and can do without for a while. A time limit for each command, a bound for those
 * under way, and a breaker before them: one that hangs costs a few commands their time, and the others an error at
 * once, so that who asks can go on with what it knows itself.
 */
export class SharedRedis {
  readonly client: Redis | Cluster;
  #policy: IPolicy;
  #tracer: Tracer | undefined;
  #state: BreakerState = "closed";

  constructor(options: SharedRedisOptions) {
    const { place, log, commandTimeoutMs = 500, failures = 3, restMs = 1_000, maxInFlight = 1_000 } = options;
    this.#tracer = options.tracer;
    this.client = openRedis(place, log, { commandTimeoutMs });
    const breaker = circuitBreaker(handleWhen(isOutage), {
      halfOpenAfter: restMs,
      breaker: new ConsecutiveBreaker(failures),
    });
    breaker.onStateChange((state) => {
      if (state === CircuitState.Isolated) return;
      this.#state = STATES[state];
      options.onState?.(this.#state);
    });
    // The bulkhead outside: that many are under way is no sign that Redis is away.
    this.#policy = wrap(bulkhead(maxInFlight, 0), breaker);
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Calls as soon as commands can be sent: now, or when it is connected, and each time it is connected anew. */
  onReady(listener: () => void): void {
    this.client.on("ready", listener);
    if (this.client.status === "ready") listener();
  }

  /** Runs commands. Rejects with what they reject with, or at once with an Error when they are not even tried. */
  run<T>(commands: (redis: Redis | Cluster) => Promise<T>): Promise<T> {
    const run = () => this.#policy.execute(() => commands(this.client));
    return this.#tracer ? this.#tracer.part("redis commands", SpanKind.CLIENT, run) : run();
  }

  async close(): Promise<void> {
    await closeRedis(this.client);
  }
}

const STATES: Record<Exclude<CircuitState, CircuitState.Isolated>, BreakerState> = {
  [CircuitState.Closed]: "closed",
  [CircuitState.Open]: "open",
  [CircuitState.HalfOpen]: "half-open",
};

/** What Redis itself answers (a script that is wrong) shows that it is there; so does what is no error at all. */
function isOutage(error: unknown): boolean {
  return error instanceof Error && error.name !== "ReplyError";
}
