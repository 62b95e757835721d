import assert from "node:assert/strict";
import { waveformOf } from "./waveform.ts";

Deno.test("a waveform has the loudest of each part, against the loudest of all", () => {
  assert.deepEqual(waveformOf([0, 0.1, 0, -0.2, 0.05, 0, 0.4, 0.1], 4), [64, 128, 32, 255]);
});

Deno.test("fewer levels than bars are drawn wider; silence is flat; of nothing there is none", () => {
  assert.deepEqual(waveformOf([0.5, 1], 4), [128, 128, 255, 255]);
  assert.deepEqual(waveformOf([0, 0, 0], 2), [0, 0]);
  assert.deepEqual(waveformOf([]), []);
  assert.equal(waveformOf(new Float32Array(10_000).fill(0.3)).length, 48);
});
