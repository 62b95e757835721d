import assert from "node:assert/strict";
import { runProcesses } from "./processes.ts";

for (const seed of [1, 2, 3]) {
  Deno.test(`real processes, killed three times under load, keep the promises: seed ${seed}`, async () => {
    const broken = await runProcesses({ seed, flavour: "dist", writes: 250, kills: 3 });
    assert.deepEqual(broken, []);
  });
}
