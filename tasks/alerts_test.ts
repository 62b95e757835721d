import assert from "node:assert/strict";
import { documentedMetrics } from "../tests/support/metrics.ts";
import { runToEnd } from "../tests/support/processes.ts";

/** The dashboard, the alerts and the runbooks speak of metrics that exist: those that docs/operations.md lists. */

const read = (path: string) => Deno.readTextFileSync(new URL(`../${path}`, import.meta.url));
const ALERTS = "deploy/prometheus/alerts.yml";
const alerts = read(ALERTS);
const names = [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name);

/** Labels that Prometheus adds, and that of a histogram's buckets. */
const GIVEN = ["job", "instance", "le"];

/** What an expression asks for that no process says of itself. */
function unknownIn(expression: string): string[] {
  const documented = documentedMetrics();
  const uses = expression.matchAll(/\b((?:imserver|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g);
  return [...uses].flatMap(([, used, matchers = ""]) => {
    // A histogram has no value of its own, only those of its parts.
    const [plain, whole] = [used, used.replace(/_(bucket|sum|count)$/, "")].map((name) =>
      documented.get(name)
    );
    const row = plain && plain.type !== "histogram" ? plain : whole;
    if (!row || (row.type === "histogram") !== (plain === undefined)) return [used];
    const labels = [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label);
    return labels.filter((label) => !row.labels.includes(label) && !GIVEN.includes(label))
      .map((label) => `${used}{${label}}`);
  });
}

const expressionsOf = (dashboard: string): string[] =>
  JSON.parse(dashboard).panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
    targets.map(({ expr }) => expr)
  );

Deno.test("alerts: what they and the dashboard ask for exists, and what does not is noticed", () => {
  const expressions = expressionsOf(read("deploy/grafana/imserver.json"));
  assert.ok(expressions.length > 30);
  assert.deepEqual(unknownIn(alerts), []);
  for (const expression of expressions) {
    assert.ok(/(imserver|process)_/.test(expression), expression);
    assert.deepEqual(unknownIn(expression), [], expression);
  }
  assert.deepEqual(unknownIn('rate(imserver_acks[5m]) + imserver_acks_total{user="1"}'), [
    "imserver_acks",
    "imserver_acks_total{user}",
  ]);
  // What is no histogram has no buckets.
  assert.deepEqual(unknownIn("imserver_ack_seconds + imserver_acks_total_bucket"), [
    "imserver_ack_seconds",
    "imserver_acks_total_bucket",
  ]);
});

Deno.test("alerts: each has a runbook of its name, which it names, and there are no others", () => {
  assert.ok(names.length > 10);
  const sections = [...read("docs/runbooks.md").matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
  assert.deepEqual(sections, names);
  const named = [...alerts.matchAll(/^ +runbook: docs\/runbooks\.md#(\w+)$/gm)].map(([, anchor]) => anchor);
  assert.deepEqual(named, names.map((name) => name.toLowerCase()));
  const texts = read("docs/runbooks.md").split(/^## /m).slice(1);
  for (const text of texts) assert.match(text, /\*\*Means\*\*[^]+\*\*Look\*\*[^]+\*\*Do\*\*/);
});

Deno.test("alerts: promtool finds the rules good; they speak when something is wrong and only then", async () => {
  const promtool = Deno.env.get("IMSERVER_PROMTOOL") || "/usr/bin/promtool";
  const path = (name: string) => new URL(`../deploy/prometheus/${name}`, import.meta.url).pathname;
  assert.match(await runToEnd(promtool, ["check", "rules", path("alerts.yml")]), /SUCCESS/);
  assert.match(await runToEnd(promtool, ["check", "config", path("prometheus.yml")]), /SUCCESS/);
  assert.match(await runToEnd(promtool, ["test", "rules", path("alerts_test.yml")]), /SUCCESS/);
});
