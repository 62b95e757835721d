import assert from "node:assert/strict";
import { Random } from "../faults/random.ts";
import { runTwoSided } from "../faults/two_sided.ts";
import { Cluster } from "../support/cluster.ts";

Deno.test("cluster: both sides or neither: friendships, groups and their owners under kill -9 of dbproxies", async () => {
  await using cluster = await Cluster.start({ args: ["--rate-limit-scale=0"] });
  const random = new Random(7);
  const { broken, done, cut } = await runTwoSided({
    random,
    url: cluster.url,
    rounds: 6,
    kill: async () => {
      const member = cluster.dbproxies[random.int(0, cluster.dbproxies.length - 1)];
      await member.stop("SIGKILL");
      await member.start();
    },
  });
  assert.deepEqual(broken, []);
  console.log(`  6 kills: ${done} done, ${cut} cut off`);
  assert.ok(done > 20, `${done} done`);
});
