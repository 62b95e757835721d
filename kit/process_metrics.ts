import type { Metrics } from "./metrics.ts";

const LOOK_EVERY_MS = 500;
const DELAYS_S = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** What every process says of itself. The answer ends the looking. */
export function watchProcess(metrics: Metrics, info: Record<string, string>): () => void {
  metrics.gauge("imserver_info", "Always 1; the labels say what runs.", () => [[info, 1]]);
  metrics.gauge(
    "process_start_time_seconds",
    "When it started, in seconds since 1970.",
    () => performance.timeOrigin / 1000,
  );
  metrics.counterOf("process_cpu_seconds_total", "CPU time of all its threads.", () => {
    // Of Node's own object, because Deno has no other way to ask; nothing of the environment is read.
    // deno-lint-ignore no-process-global
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gauge("process_resident_memory_bytes", "Resident memory.", () => Deno.memoryUsage().rss);
  metrics.gauge(
    "imserver_heap_used_bytes",
    "Memory of JavaScript objects.",
    () => Deno.memoryUsage().heapUsed,
  );
  return watchEventLoop(metrics);
}

/** A timer that is late has waited for whatever held the thread. */
function watchEventLoop(metrics: Metrics): () => void {
  const delays = metrics.histogram(
    "imserver_event_loop_delay_seconds",
    "How late a timer was that is due twice a second.",
    DELAYS_S,
  );
  let dueMs = performance.now() + LOOK_EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    delays.observe(Math.max(0, now - dueMs) / 1000);
    dueMs = now + LOOK_EVERY_MS;
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}
