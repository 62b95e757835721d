import assert from "node:assert/strict";
import { openMysql } from "../../data/sql/mysql.ts";
import { nameOf, rename } from "../support/cached_data.ts";
import { connectData } from "../../data/remote/client.ts";
import type { Data } from "../../data/service.ts";
import { Cluster } from "../support/cluster.ts";
import { scrape } from "../support/metrics.ts";
import { register } from "../support/people.ts";

/** P9 with two real dbproxies, each with its cache, and a real Redis beneath both. */

/** A gateway's end of the wire to each dbproxy alone, so that a test chooses who answers. */
async function dial(cluster: Cluster): Promise<{ datas: Data[]; close(): void }> {
  const { ca, cert, key } = cluster.certificates;
  const tls = {
    ca: Deno.readTextFileSync(ca),
    cert: Deno.readTextFileSync(cert),
    key: Deno.readTextFileSync(key),
  };
  const links = cluster.dbproxies.map(({ port }) =>
    connectData({ dbproxies: [{ host: "localhost", port }], tls })
  );
  for (const link of links) assert.ok(await link.untilReady(10_000));
  return { datas: links.map(({ data }) => data), close: () => links.forEach((link) => link.close()) };
}

Deno.test("cache: what is changed through one process is read through both dbproxies at once, with Redis and without", async () => {
  await using cluster = await Cluster.start({ fast: true, gateways: 1 });
  const { datas, close } = await dial(cluster);
  const people: number[] = [];
  for (let i = 0; i < 5; i++) people.push(Number((await register(cluster.gateways[0].server.url)).id));
  const writer = openMysql(cluster.mariadb.url("chat"));
  let changes = 0;
  const rounds = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const id = people[changes++ % people.length];
      await rename(writer, id, `Name ${changes}`);
      for (const data of datas) {
        assert.equal(await nameOf(data, id), `Name ${changes}`);
        assert.equal((await data.users.get({ ids: people })).users.length, people.length);
      }
    }
  };
  await rounds(50);
  await cluster.redis!.kill();
  await rounds(50);
  await cluster.redis!.run();
  await rounds(50);
  // By operations of our own: what one dbproxy has written, the other one's cache knows.
  const names = { username: "helper", usernameKey: "helper", displayName: "Helper", displayKey: "helper" };
  const bot = await datas[0].bots.create({ ownerId: people[0], maxBots: 1, ...names });
  for (let i = 0; i < 20; i++) {
    const displayName = `Helper ${i}`;
    const [writing, reading] = [datas[i % 2], datas[(i + 1) % 2]];
    await writing.bots.rename({ ownerId: people[0], botId: bot.id, displayName, displayKey: displayName });
    assert.equal(await nameOf(reading, bot.id), displayName);
  }
  for (const { server } of cluster.dbproxies) {
    const metrics = await scrape(server.opsUrl);
    assert.ok(metrics.value('imserver_cache_hits_total{kind="user",level="process"}') > 500);
    assert.ok(metrics.value('imserver_cache_invalidations_total{kind="user"}') > 100);
  }
  await writer.close();
  close();
});
