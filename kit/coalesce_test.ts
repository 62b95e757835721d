import assert from "node:assert/strict";
import { coalesced } from "./coalesce.ts";

Deno.test("coalesced: who asks while it runs shares the next run, also when one fails", async () => {
  const runs: PromiseWithResolvers<number>[] = [];
  let atOnce = 0;
  const ask = coalesced(async () => {
    assert.equal(++atOnce, 1);
    const run = Promise.withResolvers<number>();
    runs.push(run);
    try {
      return await run.promise;
    } finally {
      atOnce--;
    }
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const first = ask();
  const [second, third] = [ask(), ask()];
  assert.equal(runs.length, 1);
  runs[0].reject(new Error("first"));
  await assert.rejects(first, /first/);
  await turn();
  assert.equal(runs.length, 2);
  const fourth = ask();
  runs[1].resolve(2);
  assert.deepEqual(await Promise.all([second, third]), [2, 2]);
  await turn();
  assert.equal(runs.length, 3);
  runs[2].resolve(3);
  assert.equal(await fourth, 3);
  const fifth = ask();
  runs[3].resolve(4);
  assert.equal(await fifth, 4);
});
