import assert from "node:assert/strict";
import { runPeople } from "../faults/processes.ts";
import { Cluster } from "../support/cluster.ts";

const CHANGES = 5;
const delay = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

Deno.test("cluster: gateways come and go every second under load: nothing acked is lost, and waits are short", async () => {
  await using cluster = await Cluster.start({ args: ["--rate-limit-scale=0"] });
  const ends: { code: number; tookMs: number }[] = [];
  const started = new Set(cluster.gateways.map(({ port }) => port));
  const { broken, acked, longestWaitMs } = await runPeople({
    seed: 8,
    url: cluster.url,
    writes: 200,
    paceMs: 20,
    // Out by one, in by one: in the end nobody is where they were at first.
    disturb: async () => {
      for (let i = 0; i < CHANGES; i++) {
        await cluster.addGateway();
        started.add(cluster.gateways.at(-1)!.port);
        await delay(1_000);
        ends.push(await cluster.removeGateway());
        await delay(1_000);
      }
    },
  });
  console.log(
    `  ${CHANGES} gateways added and removed: ${acked} acked, longest wait for an ack ${longestWaitMs} ms`,
  );
  console.log(`  a gateway left within ${Math.max(...ends.map(({ tookMs }) => Math.round(tookMs)))} ms`);
  if (broken.length > 0) console.error(cluster.output().slice(-8_000));
  assert.deepEqual(broken, []);
  assert.ok(acked > 100);
  assert.equal(started.size, 2 + CHANGES);
  assert.deepEqual(ends.map(({ code }) => code), Array(CHANGES).fill(0));
  // Far above what it is: a message that waits so long was forgotten, and found by a sweep or a timeout.
  assert.ok(longestWaitMs < 15_000, `somebody waited ${longestWaitMs} ms`);
});
