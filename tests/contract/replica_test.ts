import assert from "node:assert/strict";
import { createLocalData } from "../../data/local/mod.ts";
import { createReadLog } from "../../data/local/read_log.ts";
import { openMysql } from "../../data/sql/mysql.ts";
import { createIds } from "../../kit/ids.ts";
import { EmptiedDatabase } from "../support/emptied_database.ts";
import { MariadbPair } from "../support/mariadb_pair.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS, World } from "./data_world.ts";

/** A primary and a replica by GTID, both real: the whole suite, and a replica that is behind or dead. */

const pair = await MariadbPair.start({ fast: true });
Deno.test.afterAll(() => pair.remove());
const database = new EmptiedDatabase(() => pair.primary.database());

async function openPair() {
  const clock = { nowMs: START_MS };
  const now = () => clock.nowMs;
  const url = await database.url();
  // Each case has the same ids again, and what the last one wrote under them must not be found there.
  await pair.caughtUp();
  const replicaUrl = pair.replica.url(new URL(url).pathname.slice(1));
  const options = { connectTimeoutMs: 1_000, statementTimeoutMs: 1_000, acquireTimeoutMs: 200 };
  const [storage, replica] = [openMysql(url), openMysql(replicaUrl, options)];
  const states: string[] = [];
  const readLog = createReadLog(storage, [replica], { onChange: (_, state) => states.push(state) });
  const data = createLocalData(storage, { now, nextId: createIds(now) }, { readLog });
  const close = async () => void await Promise.all([storage.close(), replica.close()]);
  return { data, clock, states, close };
}

dataCases("data, MariaDB with a replica", openPair);

Deno.test("replica: it is read from, and while it is stopped what was just written is read all the same", async () => {
  const { data, clock, states, close } = await openPair();
  const world = new World({ data, clock });
  const [alice, bob] = await world.users(2);
  const id = await world.direct(alice, bob);
  await world.say(id, alice, "one");
  await pair.caughtUp();
  const reads = await pair.readsOfReplica();
  assert.deepEqual(await world.texts(id, bob), ["one"]);
  assert.ok(await pair.readsOfReplica() > reads, "the page came from the replica");

  await pair.replica.query("STOP SLAVE");
  for (const text of ["two", "three", "four"]) {
    await world.say(id, alice, text);
    assert.equal((await world.texts(id, bob)).at(-1), text, "P9 with a replica that stands still");
  }
  assert.deepEqual(states, ["lagging"]);
  await pair.replica.query("START SLAVE");
  await pair.caughtUp();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await world.texts(id, bob)).length, 4);
  assert.deepEqual(states, ["lagging", "used"]);
  await close();
});

Deno.test("replica: a dead one and a frozen one cost nobody an answer", async () => {
  const { data, clock, states, close } = await openPair();
  const world = new World({ data, clock });
  const [alice, bob] = await world.users(2);
  const id = await world.direct(alice, bob);
  await world.say(id, alice, "one");
  await pair.caughtUp();
  pair.replica.signal("SIGSTOP");
  assert.deepEqual(await world.texts(id, bob), ["one"]);
  assert.deepEqual(states.at(-1), "away");
  const started = performance.now();
  assert.deepEqual(await world.texts(id, bob), ["one"]);
  assert.ok(performance.now() - started < 900, "the second read does not wait for it");
  pair.replica.signal("SIGCONT");
  await pair.replica.kill();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.deepEqual(await world.texts(id, bob), ["one"]);
  await pair.replica.run();
  await close();
});
