import assert from "node:assert/strict";
import { Cluster } from "../support/cluster.ts";
import { register } from "../support/people.ts";
import { until } from "../support/processes.ts";

/**
 * Gateways that have rested so long see their dbproxies stop in an orderly way (HTTP/2's GOAWAY) and come back: every
 * gateway lives and serves. On Deno 2.9.6 an idle gRPC client aborted or crashed here (denoland/deno#36788), so this
 * guards every upgrade. Answers how long until a gateway served again, ms.
 */
export async function idleThenGoAway(idleMs: number): Promise<number> {
  await using cluster = await Cluster.start({ fast: true });
  const urls = cluster.gateways.map(({ server }) => server.url);
  for (const url of urls) await register(url);
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  for (const dbproxy of cluster.dbproxies) assert.equal((await dbproxy.stop()).code, 0);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const dbproxy of cluster.dbproxies) await dbproxy.start();
  const from = performance.now();
  for (const url of urls) await until("the gateway serves again", () => register(url).then(() => true));
  const tookMs = Math.round(performance.now() - from);
  for (const { server } of cluster.gateways) {
    const ended = await Promise.race([server.ended, Promise.resolve(null)]);
    assert.equal(ended, null, `a gateway has died:\n${server.output()}`);
  }
  return tookMs;
}
