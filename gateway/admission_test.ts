import assert from "node:assert/strict";
import { Admission } from "./admission.ts";

/** Replayable numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32;
}

function open(perSecond: number, random: () => number = () => 0) {
  const clock = { ms: 1_000 };
  return { clock, admission: new Admission({ perSecond, nowMs: () => clock.ms, random }) };
}

/** All come at `arrivalsMs`, obey what they are told, and need up to `latenessMs` more to come back. */
function herd(perSecond: number, arrivalsMs: number[], latenessMs = 0) {
  const random = seeded(7);
  const { clock, admission } = open(perSecond, random);
  const coming = arrivalsMs.map((atMs) => ({ atMs: 1_000 + atMs, refusals: 0 }));
  const all = [...coming];
  let lastInMs = 0;
  while (coming.length > 0) {
    coming.sort((a, b) => b.atMs - a.atMs);
    const next = coming.pop()!;
    clock.ms = next.atMs;
    const waitMs = admission.admit();
    assert.ok(waitMs <= 60_000);
    if (waitMs === 0) lastInMs = Math.max(lastInMs, clock.ms - 1_000);
    else {
      next.refusals += 1;
      next.atMs += waitMs + random() * latenessMs;
      coming.push(next);
    }
  }
  return { lastInMs, maxRefusals: Math.max(...all.map(({ refusals }) => refusals)) };
}

Deno.test("two seconds' worth come in at once, then at the rate; the others get slots one behind the other", () => {
  const { clock, admission } = open(10);
  assert.deepEqual(Array.from({ length: 23 }, () => admission.admit()), [
    ...Array(20).fill(0),
    100,
    200,
    300,
  ]);
  clock.ms += 100;
  assert.equal(admission.admit(), 0, "whose slot it is");
  clock.ms += 50;
  assert.equal(admission.admit(), 250, "behind those who have a slot");
});

Deno.test("after a quiet time there is no more than one burst", () => {
  const { clock, admission } = open(10);
  clock.ms += 3_600_000;
  const waits = Array.from({ length: 21 }, () => admission.admit());
  assert.equal(waits.filter((waitMs) => waitMs === 0).length, 20);
});

Deno.test("a herd is in after N / rate seconds, each refused at most once", () => {
  const { lastInMs, maxRefusals } = herd(200, Array(5_000).fill(0), 100);
  assert.equal(maxRefusals, 1);
  // 400 at once, 4,600 at 200 a second.
  assert.ok(lastInMs >= 23_000 && lastInMs < 23_500, `${lastInMs} ms`);
});

Deno.test("newcomers amid a herd delay it by their number, and nobody is refused for ever", () => {
  const newcomers = Array.from({ length: 1_000 }, (_, i) => i * 20);
  const { lastInMs, maxRefusals } = herd(200, [...Array(4_000).fill(0), ...newcomers], 100);
  assert.ok(lastInMs < 24_500, `${lastInMs} ms`);
  assert.ok(maxRefusals <= 8, `${maxRefusals} refusals`);
});

Deno.test("a herd of more than a minute's worth comes in at the rate, too, and nobody waits over a minute at once", () => {
  const { lastInMs, maxRefusals } = herd(10, Array(2_000).fill(0), 100);
  assert.ok(lastInMs < 230_000, `${lastInMs} ms`);
  assert.ok(maxRefusals <= 12, `${maxRefusals} refusals`);
});

Deno.test("slots nobody came back for do not keep newcomers out", () => {
  const { clock, admission } = open(10);
  for (let i = 0; i < 500; i++) admission.admit();
  clock.ms += 2_000;
  assert.equal(Array.from({ length: 20 }, () => admission.admit()).filter((waitMs) => waitMs > 0).length, 0);
});

Deno.test("0 is no limit", () => {
  const { admission } = open(0);
  for (let i = 0; i < 10_000; i++) assert.equal(admission.admit(), 0);
});
