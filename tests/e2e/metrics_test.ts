import assert from "node:assert/strict";
import { documentedMetrics, scrape } from "../support/metrics.ts";
import { register, Wire } from "../support/people.ts";
import { startServer, tempFolder } from "../support/server.ts";

/** One process; a cluster's are in tests/cluster/metrics_test.ts. */

Deno.test("metrics: a server exposes what docs/operations.md says, with the types and labels it says", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { kinds } = await scrape(server.opsUrl);
  const documented = documentedMetrics();
  for (const [name, { type, labels }] of kinds) {
    const row = documented.get(name);
    assert.ok(row, `${name} is not documented`);
    assert.equal(type, row.type, name);
    assert.deepEqual(labels.filter((label) => !row.labels.includes(label)), [], name);
  }
  // Those of no other part than it has.
  const mine = [...documented].filter(([, { where }]) => ["all", "gateway", "data"].includes(where));
  assert.deepEqual(mine.map(([name]) => name).filter((name) => !kinds.has(name)), []);
});

Deno.test("metrics: connections come and go, and the process has its figures", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path });
  const { accessToken } = await register(server.url);
  const wire = await Wire.open(server.url, accessToken);
  const during = await scrape(server.opsUrl);
  assert.equal(during.value("imserver_connections"), 1);
  assert.ok(during.value("process_resident_memory_bytes") > 10e6);
  assert.ok(during.value("process_cpu_seconds_total") > 0);
  const startedMs = during.value("process_start_time_seconds") * 1000;
  assert.ok(Math.abs(Date.now() - startedMs) < 60_000);
  await wire.close();
  while ((await scrape(server.opsUrl)).value("imserver_connections") !== 0) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
