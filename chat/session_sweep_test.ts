import assert from "node:assert/strict";
import { silent } from "../kit/log.ts";
import { startSessionSweep } from "./session_sweep.ts";

Deno.test("sessions that were ended elsewhere are cut off, by page, and at once after a gap", async () => {
  const ended = new Set([7, 1_500]);
  const here = Array.from({ length: 2_001 }, (_, i) => i + 1);
  const cut: number[] = [];
  const asked: number[] = [];
  let gap = () => {};
  const sweep = startSessionSweep({
    sessions: {
      running: ({ ids }) => {
        asked.push(ids.length);
        return Promise.resolve({ ids: ids.filter((id) => !ended.has(id)) });
      },
    },
    hub: { sessionIds: () => here, endSessions: (ids) => void cut.push(...ids) },
    log: silent,
    onGap: (listener) => {
      gap = listener;
      return () => gap = () => {};
    },
  });
  assert.equal(await sweep.run(), 2);
  assert.deepEqual([cut, asked], [[7, 1_500], [1_000, 1_000, 1]]);
  ended.add(9);
  gap();
  await sweep.run();
  assert.equal(cut.filter((id) => id === 9).length, 2, "the gap's round and ours");
  sweep.close();
});

Deno.test("where Data does not answer nobody is cut off, and the next round looks again", async () => {
  let away = true;
  const cut: number[] = [];
  const sweep = startSessionSweep({
    sessions: { running: () => away ? Promise.reject(new Error("away")) : Promise.resolve({ ids: [] }) },
    hub: { sessionIds: () => [1], endSessions: (ids) => void cut.push(...ids) },
    log: silent,
    onGap: () => () => {},
  });
  await assert.rejects(sweep.run());
  assert.deepEqual(cut, []);
  away = false;
  assert.equal(await sweep.run(), 1);
  assert.deepEqual(cut, [1]);
  sweep.close();
});
