import assert from "node:assert/strict";
import { Percentiles } from "./percentiles.ts";

Deno.test("percentiles are right within two per cent, from microseconds to minutes", () => {
  const times = new Percentiles();
  assert.deepEqual([times.at(0.5), times.max, times.count], [0, 0, 0]);
  for (let ms = 1; ms <= 10_000; ms++) times.add(ms);
  for (const share of [0.01, 0.5, 0.95, 0.99, 0.999]) {
    const found = times.at(share);
    assert.ok(Math.abs(found / (share * 10_000) - 1) < 0.02, `${share}: ${found}`);
  }
  assert.deepEqual([times.at(1), times.max, times.count], [times.at(1), 10_000, 10_000]);
  assert.ok(times.at(1) <= 10_000);
  const one = new Percentiles();
  one.add(0.0001);
  one.add(120_000);
  assert.ok(one.at(0.5) <= 0.0102 && one.at(0.99) > 117_000);
});
