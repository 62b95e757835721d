import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import { documentedMetrics, type Kinds, scrape } from "../support/metrics.ts";
import { register, rest, Wire } from "../support/people.ts";
import { until } from "../support/processes.ts";

/** What a cluster says of itself, and what is seen of each part that goes. */

const members = (cluster: Cluster) => [...cluster.gateways, ...cluster.dbproxies];

Deno.test("metrics: a cluster with a replica exposes exactly what docs/operations.md says", async () => {
  await using cluster = await Cluster.start({ ground: "replica", fast: true });
  const all: Kinds = new Map();
  for (const { server } of members(cluster)) {
    for (const [name, { type, labels }] of (await scrape(server.opsUrl)).kinds) {
      const known = all.get(name) ?? { type, labels: [] };
      assert.equal(known.type, type, name);
      all.set(name, { type, labels: [...new Set([...known.labels, ...labels])] });
    }
  }
  const documented = documentedMetrics();
  assert.deepEqual([...all.keys()].sort(), [...documented.keys()].sort());
  for (const [name, { type, labels }] of all) {
    assert.equal(type, documented.get(name)!.type, name);
    assert.deepEqual(labels.sort(), documented.get(name)!.labels.sort(), name);
  }
});

Deno.test("metrics: each part that goes is seen to go, and to come back; hits, sends and connections count", async () => {
  await using cluster = await Cluster.start({ fast: true });
  const [one, two] = cluster.gateways.map(({ server }) => server);
  const ann = await register(one.url);
  const bob = await register(two.url);
  const wire = await Wire.open(one.url, ann.accessToken);
  const { id: conversationId } = await wire.call("conversation.openDirect", { userId: bob.id });
  const send = (clientId: string) =>
    wire.call("message.send", { conversationId, clientId, content: { type: "text", text: "hello" } });
  for (let i = 0; i < 10; i++) await send(`c${i}`);
  for (let i = 0; i < 10; i++) await rest(two.url, "conversation.list", {}, bob.accessToken);

  const read = async (which: { server: { opsUrl: string } }, series: string) =>
    (await scrape(which.server.opsUrl)).value(series);
  const sum = async (series: string) => {
    const values = await Promise.all(cluster.dbproxies.map((dbproxy) => read(dbproxy, series)));
    return values.reduce((total, value) => total + value, 0);
  };
  assert.equal(await sum("imserver_sends_in_transaction_sum"), 10);
  assert.ok(await sum('imserver_cache_hits_total{kind="user",level="process"}') >= 8);
  const [gateway, other] = cluster.gateways;
  assert.equal(await read(gateway, "imserver_connections"), 1);
  assert.ok(await read(gateway, "imserver_client_connections") >= 1);
  for (const name of ["imserver_acks_total", "imserver_ack_seconds_count"]) {
    assert.equal(await read(gateway, name), 10, name);
  }
  assert.equal(await read(gateway, 'imserver_operation_seconds_count{class="send"}'), 10);
  await assert.rejects(wire.call("conversation.get", { conversationId: "1" }));
  assert.equal(await read(gateway, 'imserver_errors_total{code="conversation_not_found"}'), 1);
  // Ann's own connection hears of the ten as well; Bob has none.
  assert.equal(await read(gateway, "imserver_deliveries_total"), 10);
  assert.equal(await read(other, "imserver_deliveries_total"), 0);
  const bobs = await Wire.open(other.server.url, bob.accessToken);
  await send("one-more");
  await until(
    "the other gateway delivers",
    async () =>
      await read(other, "imserver_deliveries_total") === 1 &&
      await read(other, "imserver_delivery_seconds_count") === 1,
  );
  await until("the bus measures itself", async () => await read(other, "imserver_bus_lag_seconds_count") > 0);
  bobs.socket.terminate();

  const dbproxy = cluster.dbproxies[0];
  const states: [which: typeof gateway, series: string, up: number][] = [
    [gateway, 'imserver_redis_connected{link="bus"}', 1],
    [gateway, 'imserver_redis_connected{link="shared"}', 1],
    [dbproxy, 'imserver_redis_connected{link="cache"}', 1],
    [gateway, `imserver_dbproxy_connected{dbproxy="localhost:${cluster.dbproxies[1].port}"}`, 1],
    [dbproxy, 'imserver_breaker_state{part="database"}', 0],
  ];
  const all = (up: boolean) => async () =>
    (await Promise.all(states.map(([which, series]) => read(which, series))))
      .every((value, i) => (value === states[i][2]) === up);
  await until("all is well", all(true));
  await cluster.redis!.kill();
  await cluster.dbproxies[1].stop("SIGKILL");
  await cluster.mariadb.kill();
  // Its own watch asks the database once a second, and the fifth failure opens the breaker.
  await until("all is seen to be away", all(false), 30_000);
  await cluster.mariadb.run();
  await cluster.redis!.run();
  await cluster.dbproxies[1].start();
  await until("all is well again", all(true), 30_000);
  wire.socket.terminate();
});
