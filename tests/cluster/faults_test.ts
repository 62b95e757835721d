import assert from "node:assert/strict";
import { runPeople } from "../faults/processes.ts";
import { Cluster, type ClusterOptions, type Link } from "../support/cluster.ts";
import { openTcpProxy, type TcpProxy } from "../support/tcp_proxy.ts";

/** Faults of every part of a cluster, under load: P1 to P5 hold after each, and how long it took is printed. */

const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

let seed = 0;

/** Runs people against a cluster while something is done to it. */
function fault(what: string, options: ClusterOptions, disturb: (cluster: Cluster) => Promise<void>): void {
  Deno.test(`cluster: ${what}`, async () => {
    await using cluster = await Cluster.start({ ...options, args: ["--rate-limit-scale=0"] });
    const { broken, acked, recoveredMs } = await runPeople({
      seed: ++seed,
      url: cluster.url,
      writes: 200,
      paceMs: 30,
      disturb: () => disturb(cluster),
    }).catch((error) => {
      console.error(cluster.output().slice(-8_000));
      throw error;
    });
    console.log(`  ${what}: recovered in ${recoveredMs} ms, ${acked} acked`);
    if (broken.length > 0) console.error(cluster.output().slice(-8_000));
    assert.deepEqual(broken, []);
    assert.ok(acked > 50);
  });
}

for (const kind of ["gateways", "dbproxies"] as const) {
  fault(`kill -9 of one of the two ${kind}, then of the other`, {}, async (cluster) => {
    for (const member of cluster[kind]) {
      await member.stop("SIGKILL");
      await delay(1_000);
      await member.start();
      await delay(1_000);
    }
  });
}

fault("kill -9 of MariaDB", {}, async ({ mariadb }) => {
  await mariadb.kill();
  await mariadb.run();
});

fault("kill -9 of Redis, which comes back empty", {}, async ({ redis }) => {
  await redis!.kill();
  await delay(500);
  await redis!.run();
});

fault("kill -9 of each node of a Redis Cluster", { ground: "redis-cluster" }, async ({ redisCluster }) => {
  for (const node of redisCluster!.nodes) {
    await node.kill();
    await delay(1_000);
    await node.run();
    await delay(1_000);
  }
});

fault("kill -9 of nginx", {}, async ({ nginx }) => {
  await nginx.stop();
  await nginx.run();
});

fault("Redis stopped for 20 s and started again, empty", {}, async ({ redis }) => {
  await redis!.kill();
  await delay(20_000);
  await redis!.run();
});

fault("MariaDB stopped for 20 s", {}, async ({ mariadb }) => {
  await mariadb.stop();
  await delay(20_000);
  await mariadb.run();
});

/** A cluster whose connections of one kind pass through proxies of ours. */
function between(kind: Link): { options: ClusterOptions; proxies: TcpProxy[] } {
  const proxies: TcpProxy[] = [];
  const options: ClusterOptions = {
    between: (what, port) => {
      if (what !== kind) return port;
      const proxy = openTcpProxy(port);
      proxies.push(proxy);
      return proxy.port;
    },
  };
  return { options, proxies };
}

for (const kind of ["gateway", "dbproxy", "database", "replica", "redis"] as const) {
  const { options, proxies } = between(kind);
  if (kind === "replica") options.ground = "replica";
  fault(`connections to the ${kind} cut five times, then frozen for 8 s`, options, async () => {
    for (let i = 0; i < 5; i++) {
      for (const proxy of proxies) proxy.cut();
      await delay(300);
    }
    for (const proxy of proxies) proxy.freeze();
    await delay(8_000);
    for (const proxy of proxies) proxy.thaw();
    await delay(500);
  });
  Deno.test(`cluster: the proxies before the ${kind} are closed`, async () => {
    for (const proxy of proxies) await proxy.close();
  });
}

fault("the replica stopped, lagging and killed", { ground: "replica" }, async ({ pair }) => {
  await pair!.replica.query("STOP SLAVE");
  await delay(3_000);
  await pair!.replica.query("START SLAVE");
  pair!.replica.signal("SIGSTOP");
  await delay(3_000);
  pair!.replica.signal("SIGCONT");
  await pair!.replica.kill();
  await delay(1_000);
  await pair!.replica.run();
  await pair!.replica.query("START SLAVE").catch(() => {});
});

fault("a rolling restart of everything", {}, async (cluster) => {
  for (const member of [...cluster.dbproxies, ...cluster.gateways]) {
    const { code } = await member.stop();
    assert.equal(code, 0, "an orderly end");
    await member.start();
  }
  await cluster.nginx.stop("SIGQUIT");
  await cluster.nginx.run();
});
