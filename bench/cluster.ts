import { Cluster } from "../tests/support/cluster.ts";
import { type DirectResult, exchange } from "./direct.ts";
import { median } from "./proc.ts";

/**
 * Pairs on a cluster of two gateways and two dbproxies over MariaDB (every commit with its fsync) and Redis, mTLS in
 * between: with everybody on one gateway, and with each pair's two people on different ones. Without nginx, which
 * would be measured too. The CPU is that of all processes, the database's and Redis's included; all of them and the
 * clients share the machine.
 */
export async function cluster(): Promise<Record<string, number>> {
  await using ground = await Cluster.start({ flavour: "dist", args: ["--rate-limit-scale=1000"] });
  const [one, two] = ground.gateways.map(({ server }) => server.url);
  const ours = [...ground.gateways, ...ground.dbproxies].map(({ server }) => server.pid);
  const pids = [...ours, ground.mariadb.pid, ground.redis!.pid];
  const load = { pairs: 100, window: 8, seconds: 6, pids };
  const runs: { one: DirectResult; two: DirectResult }[] = [];
  for (let i = 0; i < 3; i++) {
    runs.push({
      one: await exchange({ ...load, from: [one], to: [one] }),
      two: await exchange({ ...load, from: [one, two], to: [two, one] }),
    });
  }
  const of = (gateways: "one" | "two", pick: (run: DirectResult) => number) =>
    median(runs.map((run) => pick(run[gateways])));
  return {
    oneGatewayPerSecond: of("one", (run) => run.messagesPerSecond),
    oneGatewayCpuMsPer1000: of("one", (run) => run.cpuMsPer1000),
    oneGatewayP50Ms: of("one", (run) => run.p50Ms),
    oneGatewayP99Ms: of("one", (run) => run.p99Ms),
    twoGatewaysPerSecond: of("two", (run) => run.messagesPerSecond),
    twoGatewaysCpuMsPer1000: of("two", (run) => run.cpuMsPer1000),
    twoGatewaysP50Ms: of("two", (run) => run.p50Ms),
    twoGatewaysP99Ms: of("two", (run) => run.p99Ms),
  };
}
