import assert from "node:assert/strict";
import { BUGS } from "./bugs.ts";
import { Mutants } from "./mutants.ts";

/**
 * The checker proves itself: each bug of bugs.ts, made in a copy of the source, is found, and the promise it
 * breaks is named. Those whose mechanism is switched off are the proof that P1 to P5 rest on it.
 */
const OTHERS = 400;

const mutants = new Mutants();

Deno.test("without a bug, the seeds that find the bugs find nothing", async () => {
  const seeds = [...new Set(BUGS.map(({ seed }) => seed))];
  assert.equal(await mutants.run(null, seeds.map((seed) => [seed, 1])), null);
});

for (const bug of BUGS) {
  const { name, promise, mechanism, seed } = bug;
  Deno.test(`${mechanism ? `${promise} fails without its mechanism` : `a bug is found (${promise})`}: ${name}`, async () => {
    const found = await mutants.run(bug, [[seed, 1], [1, OTHERS]]);
    assert.ok(found, `${1 + OTHERS} seeds did not find it`);
    // Chance falls differently since the code has changed. That is no failure, only slower.
    if (found.seed !== seed) console.log(`tests/faults/bugs.ts may say seed ${found.seed} for: ${name}`);
  });
}

Deno.test("each promise has a mechanism whose absence is noticed", () => {
  const proven = new Set(BUGS.filter(({ mechanism }) => mechanism).map(({ promise }) => promise));
  assert.deepEqual([...proven].sort(), ["P1", "P2", "P3", "P4", "P5"]);
});

Deno.test("a bug that can no longer be made is reported", async () => {
  const patches = [{ file: "data/local/log.ts", find: "no such text", replace: "" }];
  await assert.rejects(mutants.run({ name: "", promise: "P1", seed: 1, patches }, [[1, 1]]), /out of date/);
});

addEventListener("unload", () => mutants[Symbol.dispose]());
