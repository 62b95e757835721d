import type { Logger } from "../kit/log.ts";
import type { Gauges, Metrics } from "../kit/metrics.ts";

/** The states of what a process stands on, each visible as a number. */

type Breaker = "closed" | "half-open" | "open";
const BREAKER: Record<Breaker, number> = { closed: 0, "half-open": 1, open: 2 };
type Replica = "used" | "lagging" | "away";
const REPLICA: Record<Replica, number> = { used: 0, lagging: 1, away: 2 };

export function showBreaker(metrics: Metrics, part: string, state: () => Breaker): void {
  metrics.gauges(
    "imserver_breaker_state",
    "0: closed, all is well; 1: half-open, one tries; 2: open.",
    "part",
  )
    .of(part, () => BREAKER[state()]);
}

/** One line when it opens and one when all is well again, however often it tries in between. */
export function tellBreaker(log: Pick<Logger, "info" | "warn">, of: string): (state: Breaker) => void {
  let told: Breaker = "closed";
  return (state) => {
    if (state === "half-open" || state === told) return;
    told = state;
    if (state === "open") log.warn("redis breaker", { of, state });
    else log.info("redis breaker", { of, state });
  };
}

export function showReplica(metrics: Metrics, number: number, state: () => Replica): void {
  metrics.gauges("imserver_replica_state", "0: read from; 1: lagging; 2: away.", "replica")
    .of(`${number}`, () => REPLICA[state()]);
}

/** A connection to Redis: `bus` hears others, `shared` is what gateways count in, `cache` is the cache's. */
export function showRedis(metrics: Metrics, link: string, connected: () => boolean): void {
  redisLinks(metrics).of(link, () => connected() ? 1 : 0);
}

const redisLinks = (metrics: Metrics): Gauges =>
  metrics.gauges("imserver_redis_connected", "1: connected; 0: away.", "link");

/** Those that take calls, of all that were named. */
export function showDbproxies(
  metrics: Metrics,
  remote: { readonly names: readonly string[]; healthy(): string[] },
): void {
  metrics.gauge("imserver_dbproxy_connected", "1: takes calls; 0: away or leaving.", () => {
    const healthy = new Set(remote.healthy());
    return remote.names.map((dbproxy) => [{ dbproxy }, healthy.has(dbproxy) ? 1 : 0]);
  });
}

/** What waits, in things: `append` sends for their transaction, `bus` hints for Redis, `calls` to dbproxies, `data` in a dbproxy. */
export function showQueue(metrics: Metrics, queue: string, length: () => number): void {
  metrics.gauges("imserver_queue_length", "What waits, or is under way.", "queue").of(queue, length);
}
