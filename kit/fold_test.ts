import assert from "node:assert/strict";
import fc from "fast-check";
import { foldName } from "./fold.ts";

const sameName: [string, string[]][] = [
  ["strasse", ["Straße", "STRASSE", "STRAẞE", "ſtrasse"]],
  ["kelvin", ["Kelvin", "\u212Aelvin", "ＫＥＬＶＩＮ", "ｋｅｌｖｉｎ"]],
  ["istanbul", [
    "İstanbul",
    "ISTANBUL",
    "ıstanbul",
    "i\u0307stanbul",
    "I\u0307STANBUL",
    "i\u0307\u0307stanbul",
  ]],
  ["ångström", ["\u212Bngström", "A\u030AngstrO\u0308m", "ÅNGSTRÖM"]],
  ["οδος", ["ΟΔΟΣ", "οδοσ", "Οδος"]],
  ["file", ["ﬁle", "FILE"]],
  ["張三", ["張三"]],
  ["한글", ["\u1112\u1161\u11AB\u1100\u1173\u11AF"]],
];
for (const [folded, spellings] of sameName) {
  Deno.test(`foldName: ${spellings.join(", ")} are ${folded}`, () => {
    for (const spelling of spellings) assert.equal(foldName(spelling), folded);
  });
}

Deno.test("foldName: names that differ in more than case and width stay apart", () => {
  const names = ["jose", "josé", "張三", "张三", "ali", "a1i", "аli", "ö", "o"];
  assert.equal(new Set(names.map(foldName)).size, names.length);
});

Deno.test("foldName: every letter, mark and digit folds to a fixed point, whatever its case, at most twice as long", () => {
  for (let code = 0; code < 0x110000; code++) {
    const text = String.fromCodePoint(code).normalize("NFKC");
    if (!/^[\p{L}\p{M}\p{Nd}]+$/u.test(text)) continue;
    const folded = foldName(text);
    const name = `U+${code.toString(16)}`;
    assert.equal(foldName(folded), folded, name);
    assert.equal(foldName(text.toUpperCase()), folded, name);
    assert.equal(foldName(text.toLowerCase()), folded, name);
    assert.ok([...folded].length <= 2 * [...text].length, name);
  }
});

Deno.test("foldName: folding twice is folding once, for any text", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(..."iİıIjjſßΣςσǅŉΐᾳ\u0307\u0301\u0323\u0345\u0308Aa.")).map((parts) =>
      parts.join("")
    ),
  );
  fc.assert(fc.property(text, (any) => foldName(foldName(any)) === foldName(any)), { numRuns: 5000 });
});
