import assert from "node:assert/strict";
import { highest, seedOf } from "./rendezvous.ts";

const nodes = ["a:1", "b:1", "c:1", "d:1"].map((name) => ({ name, seed: seedOf(name) }));
const keys = Array.from({ length: 20_000 }, (_, i) => i % 2 === 0 ? i + 1 : 2 ** 40 + i * 4_194_304);

Deno.test("rendezvous: each of four has about a quarter of the keys", () => {
  const counts = new Map<string, number>();
  for (const key of keys) {
    const { name } = highest(key, nodes)!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const { name } of nodes) {
    const share = (counts.get(name) ?? 0) / keys.length;
    assert.ok(share > 0.23 && share < 0.27, `${name} ${share}`);
  }
});

Deno.test("rendezvous: only the keys of who goes move, to all the others, and come back", () => {
  const left = nodes.filter(({ name }) => name !== "b:1");
  const heirs = new Set<string>();
  for (const key of keys) {
    const [before, after] = [highest(key, nodes)!.name, highest(key, left)!.name];
    if (before === "b:1") heirs.add(after);
    else assert.equal(after, before);
  }
  assert.equal(heirs.size, 3);
});

Deno.test("rendezvous: the order of the list decides nothing, and ids that differ in their high half differ", () => {
  const reversed = nodes.toReversed();
  for (const key of keys) assert.equal(highest(key, nodes), highest(key, reversed));
  const high = new Set(Array.from({ length: 64 }, (_, i) => highest(2 ** 32 * i + 7, nodes)!.name));
  assert.equal(high.size, 4);
  assert.equal(highest(1, []), undefined);
});
