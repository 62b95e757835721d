import assert from "node:assert/strict";
import { Metrics } from "./metrics.ts";

Deno.test("metrics: counters, gauges and histograms, as Prometheus reads them", () => {
  const metrics = new Metrics();
  const sends = metrics.counter("sends_total", "Sends.\nAcked \\ stored");
  const calls = metrics.counters("calls_total", "Calls", "method");
  let open = 0;
  metrics.gauge("open", "Open", () => open);
  metrics.gauge("parts", "Parts", () => [[{ part: 'a "quoted"\n\\' }, 1], [{ part: "b" }, Infinity]]);
  const sizes = metrics.histogram("sizes", "Sizes", [1, 10]);
  sends.add();
  sends.add(4);
  calls.of("x").add();
  calls.of("y").add(2);
  calls.of("x").add();
  open = 0.5;
  for (const size of [1, 1, 2, 10, 11]) sizes.observe(size);
  assert.equal(
    metrics.text(),
    `# HELP sends_total Sends.\\nAcked \\\\ stored
# TYPE sends_total counter
sends_total 5
# HELP calls_total Calls
# TYPE calls_total counter
calls_total{method="x"} 2
calls_total{method="y"} 2
# HELP open Open
# TYPE open gauge
open 0.5
# HELP parts Parts
# TYPE parts gauge
parts{part="a \\"quoted\\"\\n\\\\"} 1
parts{part="b"} +Inf
# HELP sizes Sizes
# TYPE sizes histogram
sizes_bucket{le="1"} 2
sizes_bucket{le="10"} 4
sizes_bucket{le="+Inf"} 5
sizes_sum 25
sizes_count 5
`,
  );
});

Deno.test("metrics: several parts have a gauge each under one name", () => {
  const metrics = new Metrics();
  metrics.gauges("up", "Up", "part").of("a", () => 1);
  metrics.gauges("up", "Up", "part").of("b", () => 0);
  assert.equal(metrics.text(), '# HELP up Up\n# TYPE up gauge\nup{part="a"} 1\nup{part="b"} 0\n');
});

Deno.test("metrics: histograms of one name, told apart by a label", () => {
  const metrics = new Metrics();
  const seconds = metrics.histograms("seconds", "Seconds", "class", [1]);
  seconds.of("read").observe(0.5);
  seconds.of("send").observe(2);
  assert.equal(
    metrics.text(),
    `# HELP seconds Seconds
# TYPE seconds histogram
seconds_bucket{class="read",le="1"} 1
seconds_bucket{class="read",le="+Inf"} 1
seconds_sum{class="read"} 0.5
seconds_count{class="read"} 1
seconds_bucket{class="send",le="1"} 0
seconds_bucket{class="send",le="+Inf"} 1
seconds_sum{class="send"} 2
seconds_count{class="send"} 1
`,
  );
  for (let i = 0; i < 200; i++) seconds.of(`user${i}`).observe(1);
  assert.ok(metrics.text().includes('seconds_count{class="other"} 102'));
});

Deno.test("metrics: labels are bounded, and what is above is counted together", () => {
  const metrics = new Metrics();
  const counters = metrics.counters("calls_total", "Calls", "user");
  for (let i = 0; i < 1_000; i++) counters.of(`user${i}`).add();
  const lines = metrics.text().split("\n").filter((line) => line.startsWith("calls_total{"));
  assert.equal(lines.length, 101);
  assert.equal(lines.at(-1), 'calls_total{user="other"} 900');
});

Deno.test("metrics: one that cannot be read does not take the others away; a name is given once", () => {
  const metrics = new Metrics();
  metrics.gauge("broken", "Broken", () => {
    throw new Error("no");
  });
  metrics.gauge("good", "Good", () => 1);
  assert.equal(metrics.text(), "# HELP good Good\n# TYPE good gauge\ngood 1\n");
  assert.throws(() => metrics.gauge("good", "Again", () => 1), /no new name/);
  assert.throws(() => metrics.gauge("Good-1", "Bad", () => 1), /no new name/);
  assert.throws(() => metrics.counter("sends", "Sends"), /_total/);
  assert.throws(() => metrics.histogram("sizes", "Sizes", [2, 1]), /rise/);
});
