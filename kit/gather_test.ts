import assert from "node:assert/strict";
import { gathered } from "./gather.ts";

/** Runs that end when the test says so, and what each was asked. */
function stage(options: { atOnce?: number; max?: number } = {}) {
  const runs: { keys: readonly number[]; end: PromiseWithResolvers<readonly number[]> }[] = [];
  const ask = gathered((keys: readonly number[]) => {
    const end = Promise.withResolvers<readonly number[]>();
    runs.push({ keys, end });
    return end.promise;
  }, options);
  const answer = (run: number) => runs[run].end.resolve(runs[run].keys.map((key) => key * 10));
  return { ask, runs, answer };
}

/** Until everything that can go on has gone on. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("gather: who asks in one turn is answered by one run, each of their own", async () => {
  const { ask, runs, answer } = stage();
  const asked = [ask(1), ask(2), ask(3)];
  await settled();
  assert.deepEqual(runs.map(({ keys }) => keys), [[1, 2, 3]]);
  answer(0);
  assert.deepEqual(await Promise.all(asked), [10, 20, 30]);
});

Deno.test("gather: nobody waits while a run is free, and who waits shares the next", async () => {
  const { ask, runs, answer } = stage({ atOnce: 2 });
  const asked = [ask(1)];
  await settled();
  asked.push(ask(2));
  await settled();
  for (const key of [3, 4, 5]) asked.push(ask(key));
  await settled();
  assert.deepEqual(runs.map(({ keys }) => keys), [[1], [2]], "no run takes up what was asked after it began");
  answer(1);
  await settled();
  assert.deepEqual(runs.map(({ keys }) => keys), [[1], [2], [3, 4, 5]]);
  answer(0);
  answer(2);
  assert.deepEqual(await Promise.all(asked), [10, 20, 30, 40, 50]);
  const later = ask(6);
  await settled();
  answer(3);
  assert.equal(await later, 60, "a run after a rest");
});

Deno.test("gather: a run has so many and not more; one that fails fails for its own askers only", async () => {
  const { ask, runs, answer } = stage({ atOnce: 1, max: 2 });
  const asked = [1, 2, 3].map((key) => ask(key).catch((error: Error) => error.message));
  await settled();
  runs[0].end.reject(new Error("away"));
  await settled();
  answer(1);
  assert.deepEqual(await Promise.all(asked), ["away", "away", 30]);
});
