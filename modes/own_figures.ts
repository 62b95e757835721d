import type { GatewayFigures } from "../bus/bus.ts";
import type { Metrics, Reading } from "../kit/metrics.ts";
import { quantile } from "../kit/quantile.ts";

const SAMPLE_EVERY_MS = 1_000;
/** A rate is that of so many samples, what lies in between is that of all that are kept. */
const RATE_SAMPLES = 10;
const KEPT_SAMPLES = 60;

/** What is counted since the start; two of them tell what was in between. */
interface Sample {
  atMs: number;
  acks: number;
  deliveries: number;
  cpuSeconds: number;
  ackTimes: readonly number[];
  deliveryTimes: readonly number[];
  loopDelays: readonly number[];
}

interface Named {
  id: string;
  /** What the gateway is called; its port is known only when it is open. */
  name: () => string;
  version: string;
  now?: () => number;
}

/**
 * What this gateway is told of in the figures for admins: read once a second from the numbers that it keeps anyway, so
 * that a message costs nothing more.
 */
export function watchOwnFigures(metrics: Metrics, { id, name, version, now = Date.now }: Named) {
  const samples: Sample[] = [takeSample(metrics, now())];
  const timer = setInterval(() => {
    samples.push(takeSample(metrics, now()));
    if (samples.length > KEPT_SAMPLES) samples.shift();
  }, SAMPLE_EVERY_MS);

  function read(): GatewayFigures {
    const last = takeSample(metrics, now());
    const near = samples.at(-RATE_SAMPLES) ?? samples[0];
    const perSecond = (of: "acks" | "deliveries" | "cpuSeconds") =>
      (last[of] - near[of]) / Math.max(0.001, (last.atMs - near.atMs) / 1000);
    const ms = (series: string, of: "ackTimes" | "deliveryTimes" | "loopDelays", share: number) => {
      const counts = last[of].map((count, i) => count - (samples[0][of][i] ?? 0));
      const seconds = quantile(metrics.histogramOf(series)?.bounds ?? [], counts, share);
      return seconds === undefined ? undefined : seconds * 1000;
    };
    return {
      id,
      name: name(),
      version,
      startedAt: Math.round(sum(metrics.reading("process_start_time_seconds")) * 1000),
      connections: sum(metrics.reading("imserver_connections")),
      users: sum(metrics.reading("imserver_connected_users")),
      messagesPerSecond: perSecond("acks"),
      deliveriesPerSecond: perSecond("deliveries"),
      cpu: perSecond("cpuSeconds"),
      ackP50Ms: ms("imserver_ack_seconds", "ackTimes", 0.5),
      ackP99Ms: ms("imserver_ack_seconds", "ackTimes", 0.99),
      deliveryP50Ms: ms("imserver_delivery_seconds", "deliveryTimes", 0.5),
      deliveryP99Ms: ms("imserver_delivery_seconds", "deliveryTimes", 0.99),
      loopDelayP99Ms: ms("imserver_event_loop_delay_seconds", "loopDelays", 0.99),
      memoryBytes: sum(metrics.reading("process_resident_memory_bytes")),
      heapBytes: sum(metrics.reading("imserver_heap_used_bytes")),
      outboxBytes: sum(metrics.reading("imserver_outbox_bytes")),
      queues: queuesOf(metrics.reading("imserver_queue_length")),
    };
  }

  return { read, close: () => clearInterval(timer) };
}

function takeSample(metrics: Metrics, atMs: number): Sample {
  const counts = (name: string) => [...metrics.histogramOf(name)?.counts ?? []];
  return {
    atMs,
    acks: sum(metrics.reading("imserver_acks_total")),
    deliveries: sum(metrics.reading("imserver_deliveries_total")),
    cpuSeconds: sum(metrics.reading("process_cpu_seconds_total")),
    ackTimes: counts("imserver_ack_seconds"),
    deliveryTimes: counts("imserver_delivery_seconds"),
    loopDelays: counts("imserver_event_loop_delay_seconds"),
  };
}

/** A number that is not there (yet) is 0. */
function sum(reading: Reading | undefined): number {
  if (reading === undefined) return 0;
  return typeof reading === "number" ? reading : reading.reduce((total, [, value]) => total + value, 0);
}

function queuesOf(reading: Reading | undefined): GatewayFigures["queues"] {
  if (reading === undefined || typeof reading === "number") return [];
  return reading.map(([{ queue }, length]) => ({ name: queue, length }));
}
