import assert from "node:assert/strict";
import fc from "fast-check";
import { neededFor, placesOf, wordsOf } from "./words.ts";

const into = (fill: (text: string, into: Set<string>) => void) => (text: string) => {
  const words = new Set<string>();
  fill(text, words);
  return [...words].sort();
};
const kept = into(wordsOf);
const needed = into(neededFor);

Deno.test("words: beginnings of words, and of what has no spaces characters and neighbours", () => {
  assert.deepEqual(kept("hello"), ["h", "he", "hel", "hell", "hello"]);
  assert.deepEqual(kept("你好a1 😀!"), ["a", "a1", "你", "你好", "好", "😀"].sort());
  assert.deepEqual(needed("greetings"), ["greeting"]);
  assert.deepEqual(needed("你好世 好"), ["你好", "好", "好世"].sort());
  assert.deepEqual(needed("?! +"), []);
  assert.equal(kept("x".repeat(1_000)).length, 10);
});

Deno.test("words: the index has what is needed wherever a term stands", () => {
  const part = fc.constantFrom(
    "a",
    "b",
    "abcdefg",
    "7",
    "你",
    "好",
    "界",
    "😀",
    "é",
    "ก",
    " ",
    "-",
    "_",
    "'",
  );
  const text = fc.array(part, { maxLength: 14 }).map((parts) => parts.join(""));
  const slice = fc.tuple(text, fc.nat(20), fc.integer({ min: 1, max: 12 }));
  fc.assert(
    fc.property(slice, ([text, from, length]) => {
      const term = text.slice(from, from + length).trim();
      if (term === "" || !term.isWellFormed() || placesOf(term, text).next().done) return;
      const there = new Set(kept(text));
      for (const word of needed(term)) assert.ok(there.has(word), `${word} of ${term} in ${text}`);
    }),
    { numRuns: 2_000 },
  );
});
