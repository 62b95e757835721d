import assert from "node:assert/strict";
import { type Outcome, runSeed } from "./checker.ts";

/**
 * P1 to P5 under everything that goes wrong, a thousand times (README.md explains). The seeds are fixed, so that
 * what fails here fails again; `deno task soak` looks for new ones.
 */
const CHUNKS = 20;
const SEEDS_A_CHUNK = 50;

for (let chunk = 0; chunk < CHUNKS; chunk++) {
  const from = chunk * SEEDS_A_CHUNK + 1;
  const to = from + SEEDS_A_CHUNK - 1;
  Deno.test(`the promises hold whatever happens: seeds ${from} to ${to}`, async () => {
    for (let seed = from; seed <= to; seed++) {
      const outcome = await runSeed(seed);
      assert.ok(outcome.broken.length === 0, report(outcome));
    }
  });
}

Deno.test("a seed replays: the same things happen at the same times", async () => {
  for (const seed of [1, 2, 3]) {
    const [first, second] = [await runSeed(seed), await runSeed(seed)];
    assert.equal(first.trace, second.trace);
    assert.equal(first.hash, second.hash);
  }
});

Deno.test("seeds differ from one another", async () => {
  assert.notEqual((await runSeed(1)).hash, (await runSeed(2)).hash);
});

function report({ seed, broken, trace }: Outcome): string {
  const last = trace.split("\n").slice(-40).join("\n");
  return `\n${broken.join("\n")}\n\nThe last things that happened:\n${last}\n\n` +
    `To see all of it again: deno task seed ${seed}\n`;
}
