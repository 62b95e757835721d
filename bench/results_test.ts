import assert from "node:assert/strict";
import { compare, mediansOf, type Result } from "./results.ts";

const result = (commit: string, figures: Record<string, number>, scenario = "direct"): Result => ({
  at: "2026-11-27T00:00:00Z",
  commit,
  machine: "2 × some processor, 24 GiB",
  scenario,
  on: "embedded",
  figures,
});

Deno.test("bench results: the median of each figure that all runs have", () => {
  assert.deepEqual(mediansOf([{ a: 3, b: 1 }, { a: 1, b: 2 }, { a: 2 }]), { a: 2 });
});

Deno.test("bench results: two commits beside each other, where both have run", () => {
  const results = [
    result("aaaaaaa", { perSecond: 100 }),
    result("aaaaaaa", { perSecond: 300 }),
    result("aaaaaaa", { perSecond: 200 }),
    result("bbbbbbb+", { perSecond: 400 }),
    result("bbbbbbb+", { p50Ms: 1 }, "rate"),
  ];
  assert.equal(
    compare(results, "aaa", "bbbbbbb"),
    "| scenario | figure | aaa | bbbbbbb | ratio |\n| --- | --- | ---: | ---: | ---: |\n" +
      "| direct, embedded | perSecond | 200 | 400 | 2.00 |",
  );
  assert.throws(() => compare(results, "aaa", "ccc"), /no results of "ccc"/);
});
