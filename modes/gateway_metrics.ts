import type { Entry } from "../data/service.ts";
import { LATENCIES_S } from "../gateway/numbers.ts";
import type { RateLimits } from "../gateway/rate_limits.ts";
import type { Gateway } from "../gateway/server.ts";
import type { Metrics } from "../kit/metrics.ts";

/** What the hub is to call. An entry's time is the database half's clock; between machines that adds how far they are apart. */
export function showDeliveries(
  metrics: Metrics,
  now: () => number,
): (entries: readonly Entry[], to: number) => void {
  const deliveries = metrics.counter("imserver_deliveries_total", "Entries given to connections.");
  const seconds = metrics.histogram(
    "imserver_delivery_seconds",
    "From an entry's storing to its leaving for the connections here, all together.",
    LATENCIES_S,
  );
  return (entries, to) => {
    deliveries.add(entries.length * to);
    seconds.observe(Math.max(0, now() - entries[entries.length - 1].at) / 1000);
  };
}

export function showGateway(metrics: Metrics, gateway: Gateway, limits: RateLimits | undefined): void {
  metrics.gauge("imserver_client_connections", "Open TCP connections of clients.", () => gateway.clients);
  metrics.gauge(
    "imserver_outbox_bytes",
    "What waits to be read, of all WebSockets.",
    () => gateway.backlog,
  );
  metrics.counterOf(
    "imserver_rate_limited_total",
    "Calls that were refused by a rate limit.",
    () => Object.entries(limits?.refused ?? {}).map(([limit, count]) => [{ class: limit }, count] as const),
  );
}
