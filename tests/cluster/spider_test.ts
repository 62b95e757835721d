import assert from "node:assert/strict";
import { openMysql } from "../../data/sql/mysql.ts";
import { dataCases } from "../contract/data_cases.ts";
import { START_MS } from "../contract/data_world.ts";
import { runPeople } from "../faults/processes.ts";
import { Cluster } from "../support/cluster.ts";
import { EmptiedDatabase } from "../support/emptied_database.ts";
import { openLocalData } from "../support/local_data.ts";
import { register } from "../support/people.ts";
import { Spider } from "../support/spider.ts";

/** The same program on two databases that MariaDB's Spider engine makes one of. */

const spider = await Spider.start({ fast: true });
const database = new EmptiedDatabase(() => spider.database("cases"), () => spider.stores("cases"));
dataCases("data, Spider over two nodes", async () => {
  return openLocalData(openMysql(await database.url()), START_MS);
}, { without: /\ba thousand\b|whatever three people/ });
Deno.test.afterAll(() => spider.remove());

Deno.test("two data nodes: a cluster of ours on them keeps the promises, and both hold rows", async () => {
  await using cluster = await Cluster.start({ ground: "spider", args: ["--rate-limit-scale=0"] });
  const { broken, acked } = await runPeople({ seed: 1, url: cluster.url, writes: 300 });
  assert.deepEqual(broken, []);
  assert.ok(acked > 100);
  // An inbox each, on either node by the parity of its id.
  for (let i = 0; i < 20; i++) await register(cluster.url);
  const [first, second] = await cluster.spider!.rows("chat", "heads");
  assert.ok(first > 0 && second > 0, `${first} and ${second}`);
});

for (const which of ["front", 0, 1] as const) {
  const name = which === "front" ? "front" : `node ${which}`;
  Deno.test(`two data nodes: kill -9 of the ${name} under load, and the promises hold`, async () => {
    await using cluster = await Cluster.start({ ground: "spider", args: ["--rate-limit-scale=0"] });
    const { front, nodes } = cluster.spider!;
    const disturb = async () => {
      await (which === "front" ? front : nodes[which]).kill();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      if (which !== "front") await nodes[which].run();
      await cluster.spider!.recover();
    };
    const { broken, recoveredMs, acked } = await runPeople({
      seed: 2,
      url: cluster.url,
      writes: 200,
      paceMs: 30,
      disturb,
    });
    console.log(`  kill -9 of the ${name}: recovered in ${recoveredMs} ms, ${acked} acked`);
    if (broken.length > 0) console.error(cluster.output().slice(-8_000));
    assert.deepEqual(broken, []);
  });
}
