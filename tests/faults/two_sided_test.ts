import assert from "node:assert/strict";
import { freePort, startServer, tempFolder } from "../support/server.ts";
import { Random } from "./random.ts";
import { runTwoSided } from "./two_sided.ts";

for (const seed of [1, 2]) {
  Deno.test(`both sides or neither: friendships, groups and their owners under kill -9, seed ${seed}`, async () => {
    using folder = tempFolder();
    const [port, opsPort] = [freePort(), freePort()];
    const args = ["--rate-limit-scale=0"];
    const start = () => startServer({ dataDir: folder.path, flavour: "dist", port, opsPort, args });
    let server = await start();
    try {
      const { broken, done, cut } = await runTwoSided({
        random: new Random(seed),
        url: server.url,
        rounds: 8,
        kill: async () => {
          await server.stop("SIGKILL");
          server = await start();
        },
      });
      assert.deepEqual(broken, []);
      console.log(`  8 kills: ${done} done, ${cut} cut off`);
      assert.ok(done > 20 && cut > 8, `${done} done, ${cut} cut off`);
    } finally {
      await server.stop("SIGKILL");
    }
  });
}
