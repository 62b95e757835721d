import assert from "node:assert/strict";
import fc from "fast-check";
import { foldLetters, foldText } from "./fold_text.ts";

Deno.test("foldText: case, accents, width, ligatures and white space", () => {
  const cases: [string, string][] = [
    ["Crème BRÛLÉE", "creme brulee"],
    ["Cre\u0300me", "creme"],
    ["Ｈｅｌｌｏ　世界", "hello 世界"],
    ["Straße ﬁn", "strasse fin"],
    ["a \n\t b", "a b"],
    ["ΟΔΟΣ Ὁδός", "οδοσ οδοσ"],
    ["❤️ 👨‍👩‍👧", "❤ 👨👩👧"],
    ["がぎ", "がぎ"],
    ["हिन्दी", "हिन्दी"],
    ["\u1112\u1161\u11ab", "한"],
    ["ёлка йод", "ёлка йод"],
  ];
  for (const [text, folded] of cases) assert.equal(foldText(text).text, folded);
});

Deno.test("foldText: a place in the folded text leads back to the original", () => {
  const of = (text: string, part: string) => {
    const folded = foldText(text);
    const at = folded.text.indexOf(part);
    return text.slice(folded.original(at), folded.original(at + part.length, "end"));
  };
  assert.equal(of("ein  Straßenﬁlm", "strassenf"), "Straßenﬁ");
  assert.equal(of("Cre\u0300me brûlée", "creme"), "Cre\u0300me");
  assert.equal(of("x ❤️ y", "❤"), "❤️");
  assert.equal(of("我说：你好世界", "你好"), "你好");
  assert.equal(of("a \n b", "a b"), "a \n b");
});

Deno.test("foldText: folding twice changes nothing, and places never run backwards", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const folded = foldText(text);
      assert.equal(foldText(folded.text).text, folded.text);
      let last = 0;
      for (let at = 0; at <= folded.text.length; at++) {
        assert.ok(folded.original(at) >= last && folded.original(at) <= text.length);
        last = folded.original(at);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("foldText: a text of ASCII alone is folded as letter by letter", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.nat(0x7f).map((code) => String.fromCharCode(code)) }), (text) => {
      const [folded, same] = [foldText(text), foldLetters(text)];
      assert.equal(folded.text, same.text);
      for (let at = 0; at <= same.text.length; at++) assert.equal(folded.original(at), same.original(at));
    }),
  );
});
