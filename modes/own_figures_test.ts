import assert from "node:assert/strict";
import { Metrics } from "../kit/metrics.ts";
import { watchOwnFigures } from "./own_figures.ts";

Deno.test("own figures: rates and times are of what has just been, and nothing is 0 or absent before anything was", () => {
  const metrics = new Metrics();
  let at = 1_000_000;
  const named = { id: "n", name: () => "host:8080", version: "1", now: () => at };
  const own = watchOwnFigures(metrics, named);
  try {
    const before = own.read();
    assert.deepEqual([before.name, before.messagesPerSecond, before.ackP99Ms], ["host:8080", 0, undefined]);
    // The numbers come when their parts do.
    const acks = metrics.counter("imserver_acks_total", "");
    const seconds = metrics.histogram("imserver_ack_seconds", "", [0.001, 0.01, 0.1]);
    metrics.gauge("imserver_connections", "", () => 7);
    metrics.gauges("imserver_queue_length", "", "queue").of("append", () => 3);
    for (let i = 0; i < 100; i++) {
      acks.add();
      seconds.observe(i < 98 ? 0.0005 : 0.05);
    }
    at += 5_000;
    const { messagesPerSecond, ackP50Ms, ackP99Ms, connections, queues } = own.read();
    assert.deepEqual([messagesPerSecond, connections], [20, 7]);
    assert.deepEqual(queues, [{ name: "append", length: 3 }]);
    assert.ok(ackP50Ms! < 1 && ackP99Ms! > 10 && ackP99Ms! <= 100, `${ackP50Ms} ${ackP99Ms}`);
  } finally {
    own.close();
  }
});
