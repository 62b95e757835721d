import assert from "node:assert/strict";
import { isHighlyRestrictive, mixesDigits } from "./scripts.ts";

const oneVoice = [
  "",
  "123",
  "paypal",
  "张三",
  "張三Lee",
  "たなかタロウ田中",
  "tanaka田中たろう",
  "ㄓㄤ張zhang",
  "김철수金kim",
  "Владимир",
  "Ελένη",
  "محمد",
  "דוד",
  "हिन्दी",
  "สมชาย",
  "வணக்கம்",
  "ᏣᎳᎩ",
  "éa\u0301",
];
for (const text of oneVoice) {
  Deno.test(`isHighlyRestrictive: ${JSON.stringify(text)} keeps to one script or a real mix`, () => {
    assert.equal(isHighlyRestrictive(text), true);
  });
}

const mixed = {
  "Latin with a Cyrillic а": "pаypal",
  "Latin with a Greek ο": "gοogle",
  "Cyrillic with a Latin o": "Мoсква",
  "Han with Cyrillic": "张Иван",
  "Han with Greek": "张α",
  "Hangul with kana": "김さくら",
  "kana with Bopomofo": "さㄓ",
  "Hangul with Bopomofo": "김ㄓ",
  "Latin with Arabic digits": "ali٤",
  "Latin with Devanagari digits": "ali४",
  "Armenian with Latin": "աa",
  "Latin with Cherokee": "aᎪ",
};
for (const [what, text] of Object.entries(mixed)) {
  Deno.test(`isHighlyRestrictive: refuses ${what}`, () => assert.equal(isHighlyRestrictive(text), false));
}

Deno.test("isHighlyRestrictive: every letter, mark and digit of this Unicode belongs to a script in the list", () => {
  const orphans: string[] = [];
  for (let code = 0; code < 0x110000; code++) {
    const text = String.fromCodePoint(code);
    if (/[\p{L}\p{M}\p{Nd}]/u.test(text) && !isHighlyRestrictive(text)) orphans.push(code.toString(16));
  }
  assert.deepEqual(orphans, []);
});

Deno.test("mixesDigits: one set of digits is fine, two are not", () => {
  for (const text of ["", "abc", "0123456789", "٠١٢٣٤٥٦٧٨٩", "०१२३४५६७८९", "\u{116D0}\u{116D9}"]) {
    assert.equal(mixesDigits(text), false, text);
  }
  // The last pair stands side by side in the code charts, U+116D9 and U+116DA.
  for (const text of ["1١", "০0", "٠۰", "\u{116D9}\u{116DA}"]) assert.equal(mixesDigits(text), true, text);
});
