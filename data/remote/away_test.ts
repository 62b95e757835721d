import assert from "node:assert/strict";
import { afterAttempts, openDbproxies, stubData } from "../../tests/support/dbproxies.ts";
import { until } from "../../tests/support/processes.ts";
import type { Fields, Logger } from "../../kit/log.ts";
import { connectData } from "./client.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A log that keeps each line as `level message why`. */
function keeping(): { lines: string[]; log: Logger } {
  const lines: string[] = [];
  const note = (level: string) => (message: string, { why }: Fields = {}) =>
    void lines.push([level, message, why].filter((part) => part !== undefined).join(" "));
  return {
    lines,
    log: { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
  };
}

const stored = { seq: 1, messageNo: 1, at: 1, duplicate: false, directUserIds: [] };
const stub = () => stubData({ log: { append: () => Promise.resolve(stored) } });
const append = { conversationId: 1, senderId: 1, clientId: "a", body: "{}" };

Deno.test("away: dbproxies whose database is away are told of as that, by one line each way", async () => {
  const { lines, log } = keeping();
  await using world = await openDbproxies([stub(), stub()], { client: { log } });
  const { client, nodes } = world;
  assert.equal(client.trouble(), null);
  nodes[0].server.setServing(false);
  await until("one has no database", () => client.healthy().length === 1);
  assert.equal(client.trouble(), null);
  assert.deepEqual(await world.data.log.append(append), stored, "the other one has");
  nodes[1].server.setServing(false);
  await until("none has one", () => client.healthy().length === 0);
  assert.equal(client.trouble(), "The database is away");
  await assert.rejects(world.data.log.append(append), {
    code: "unavailable",
    message: "The database is away",
  });
  for (const { server } of nodes) server.setServing(true);
  await client.untilReady(5_000, 2);
  const connected = "info dbproxy connected";
  const lost = "warn dbproxy has lost its database";
  assert.deepEqual(lines, [connected, connected, lost, lost, connected, connected]);
});

Deno.test("away: who connects to a dbproxy that has no database hears so at once", async () => {
  await using world = await openDbproxies([stub()]);
  const [{ server, network }] = world.nodes;
  server.setServing(false);
  await until("it has none", () => world.client.healthy().length === 0);
  const { lines, log } = keeping();
  const late = connectData({ dbproxies: [{ host: "127.0.0.1", port: network.port }], log });
  await until("the database is called away", () => late.trouble() === "The database is away");
  assert.deepEqual(lines, ["warn dbproxy has lost its database"]);
  late.close();
});

Deno.test("away: one that leaves is not called one without a database", async () => {
  const { lines, log } = keeping();
  await using world = await openDbproxies([stub()], { client: { log } });
  await world.nodes[0].server.drain(1_000);
  await until("it is gone", () => world.client.trouble() === "No dbproxy is there");
  assert.deepEqual(lines.filter((line) => /database/.test(line)), []);
});

Deno.test("away: one that is not there yet is one line, however often it is tried, without the library's notes", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const { lines, log } = keeping();
  const client = connectData({ dbproxies: [{ host: "127.0.0.1", port }], log });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  client.close();
  await afterAttempts();
  assert.equal(lines.length, 1, lines.join("\n"));
  assert.match(lines[0], /^warn dbproxy away .*ECONNREFUSED/);
  assert.doesNotMatch(lines[0], /Resolution note|No connection established|"/);
  assert.equal(client.trouble(), "No dbproxy is there");
});
