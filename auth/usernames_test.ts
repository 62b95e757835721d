import assert from "node:assert/strict";
import fc from "fast-check";
import { ImError } from "../wire/errors.ts";
import { parseUsername } from "./usernames.ts";

const good: Record<string, { username: string; key: string }> = {
  "bob": { username: "bob", key: "bob" },
  "Bob.Smith-2_x": { username: "Bob.Smith-2_x", key: "bob.smith-2_x" },
  "张三": { username: "张三", key: "张三" },
  "李_2": { username: "李_2", key: "李_2" },
  "ＡＢＣ": { username: "ABC", key: "abc" },
  "9lives": { username: "9lives", key: "9lives" },
  "Jose\u0301": { username: "José", key: "josé" },
  "हिन्दी": { username: "हिन्दी", key: "हिन्दी" },
  "たなか太郎": { username: "たなか太郎", key: "たなか太郎" },
  "김철수": { username: "김철수", key: "김철수" },
  "Владимир": { username: "Владимир", key: "владимир" },
  "محمد٤": { username: "محمد٤", key: "محمد٤" },
  ["ß".repeat(32)]: { username: "ß".repeat(32), key: "ss".repeat(32) },
  // 𠮷 is two UTF-16 units and one code point.
  ["𠮷".repeat(32)]: { username: "𠮷".repeat(32), key: "𠮷".repeat(32) },
  // 96 code points as typed, 32 in NFKC.
  ["\u1112\u1161\u11AB".repeat(32)]: { username: "한".repeat(32), key: "한".repeat(32) },
};
for (const [raw, expected] of Object.entries(good)) {
  Deno.test(`parseUsername: ${JSON.stringify(raw.slice(0, 20))} is a name`, () => {
    assert.deepEqual(parseUsername(raw), expected);
  });
}

const LENGTH = /2 to 32/;
const CHARACTERS = /only letters/;
const SPACE = /white space/;
const BEGINS = /begins with/;
const ENDS = /ends with/;
const ROW = /in a row/;
const MARKS = /marks follow a letter/;
const SCRIPTS = /scripts/;
const DIGITS = /kinds of digits/;

const bad: [what: string, raw: string, sentence: RegExp][] = [
  ["empty", "", LENGTH],
  ["one letter", "a", LENGTH],
  ["one letter, decomposed", "e\u0301", LENGTH],
  ["33 letters", "a".repeat(33), LENGTH],
  ["33 astral letters", "𠮷".repeat(33), LENGTH],
  ["one character that NFKC makes 18 with spaces", "\uFDFA", CHARACTERS],
  ["a novel", "a".repeat(1_000_000), LENGTH],
  ["a space before", " bob", SPACE],
  ["a space after", "bob ", SPACE],
  ["an ideographic space after", "张三\u3000", SPACE],
  ["a byte order mark before", "\uFEFFbob", SPACE],
  ["a line end after", "bob\n", SPACE],
  ["a space inside", "bob smith", CHARACTERS],
  ["a fullwidth space inside", "张\u3000三", CHARACTERS],
  ["zero-width space", "bo\u200Bb", CHARACTERS],
  ["zero-width joiner", "bo\u200Db", CHARACTERS],
  ["right-to-left override", "bo\u202Eb", CHARACTERS],
  ["soft hyphen", "bo\u00ADb", CHARACTERS],
  ["NUL", "bo\0b", CHARACTERS],
  ["combining grapheme joiner", "bo\u034Fb", CHARACTERS],
  ["variation selector", "bo\uFE0Fb", CHARACTERS],
  ["Hangul filler, an invisible letter", "bo\u3164b", CHARACTERS],
  ["halfwidth Hangul filler", "bo\uFFA0b", CHARACTERS],
  ["tag character", "bo\u{E0061}b", CHARACTERS],
  ["lone surrogate", "bo\uD800b", CHARACTERS],
  ["private use", "bo\uE000b", CHARACTERS],
  ["unassigned", "bo\u0378b", CHARACTERS],
  ["emoji", "bob😀", CHARACTERS],
  ["keycap emoji", "bob1\uFE0F\u20E3", CHARACTERS],
  ["enclosing circle", "boo\u20DDb", CHARACTERS],
  ["at sign", "bob@home", CHARACTERS],
  ["slash", "bob/me", CHARACTERS],
  ["a modifier letter that looks like a quote", "o\u02BBneil", CHARACTERS],
  ["a fraction that NFKC spells with a slash", "bob½", CHARACTERS],
  ["Roman numeral letter of no case pair, U+2180", "bo\u2180b", CHARACTERS],
  ["dot first", ".bob", BEGINS],
  ["hyphen first", "-bob", BEGINS],
  ["underscore first", "_bob", BEGINS],
  ["mark first", "\u0301bob", BEGINS],
  ["dot last", "bob.", ENDS],
  ["fullwidth hyphen last", "bob－", ENDS],
  ["two dots", "b..b", ROW],
  ["hyphen after underscore", "b_-b", ROW],
  ["ellipsis, three dots in NFKC", "b…b", ROW],
  ["mark on a digit", "bob1\u0301", MARKS],
  ["mark on a dot", "b.\u0301b", MARKS],
  ["five marks on one letter", "bx\u0300\u0301\u0302\u0303\u0304b", MARKS],
  ["the same mark twice", "bx\u0323\u0323b", MARKS],
  ["Cyrillic а in Latin", "pаypal", SCRIPTS],
  ["Greek ο in Latin", "gοogle", SCRIPTS],
  ["Cyrillic in Chinese", "张Иван", SCRIPTS],
  ["Arabic digit in Latin", "ali٤", SCRIPTS],
  ["two kinds of digits in Arabic", "محمد4٤", DIGITS],
];
for (const [what, raw, sentence] of bad) {
  Deno.test(`parseUsername: refuses ${what}`, () => {
    assert.throws(() => parseUsername(raw), (error: unknown) => {
      assert.ok(error instanceof ImError);
      assert.equal(error.code, "username_invalid");
      assert.match(error.message, sentence);
      assert.deepEqual(error.details, { field: "username" });
      return true;
    });
  });
}

Deno.test("parseUsername: reserved names are refused in any case and width unless allowed", () => {
  for (const raw of ["admin", "ADMIN", "ａｄｍｉｎ", "Adm\u0131n", "im-server", "管理员", "客服"]) {
    assert.throws(() => parseUsername(raw), /reserved/, raw);
    assert.throws(() => parseUsername(raw, { allowReserved: false }), /reserved/, raw);
    assert.ok(parseUsername(raw, { allowReserved: true }));
  }
  assert.throws(() => parseUsername("..", { allowReserved: true }), ImError);
});

/** Good names of one script each, at most 12 letters, so that no case of theirs is too long. */
const name = fc.constantFrom(
  "abcXYZßſİıǅéÅﬁ",
  "жЯёЇ",
  "ΣσςΆΐω",
  "张三李四𠮷",
  "かナー田ｶ",
  "김한글",
  "աԱև",
  "აႠᲐ",
).chain((letters) => {
  const letter = fc.constantFrom(...letters);
  const tail = fc.tuple(fc.constantFrom("", "", "_", "-", "."), fc.oneof(letter, fc.constantFrom(..."0189")));
  return fc.tuple(letter, fc.array(tail, { minLength: 1, maxLength: 11 })).map(([head, rest]) =>
    head + rest.flat().join("")
  );
}).filter((raw) => !/^[\p{M}]/u.test(raw.normalize("NFKC")));

function keyOf(raw: string): string {
  return parseUsername(raw, { allowReserved: true }).key;
}

function widen(text: string): string {
  return text.replace(/[!-~]/g, (ascii) => String.fromCharCode(ascii.charCodeAt(0) + 0xFEE0));
}

Deno.test("parseUsername: what it gives back it takes again, with the same key", () => {
  fc.assert(fc.property(name, (raw) => {
    const { username, key } = parseUsername(raw, { allowReserved: true });
    assert.deepEqual(parseUsername(username, { allowReserved: true }), { username, key });
    assert.equal(keyOf(key), key);
  }));
});

Deno.test("parseUsername: case, width and composition do not make another name", () => {
  fc.assert(fc.property(name, (raw) => {
    const key = keyOf(raw);
    for (const variant of [raw.toUpperCase(), raw.toLowerCase(), widen(raw), raw.normalize("NFD")]) {
      assert.equal(keyOf(variant), key, variant);
    }
  }));
});

Deno.test("parseUsername: any text is either refused with username_invalid or safe to show", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.array(fc.constantFrom(..."ab1._-аα张\u0301\u200D\uFE0F "), { maxLength: 8 }).map((parts) =>
      parts.join("")
    ),
  );
  fc.assert(
    fc.property(text, (raw) => {
      try {
        const { username, key } = parseUsername(raw);
        assert.match(username, /^[\p{L}\p{Nd}][\p{L}\p{M}\p{Nd}_.-]*[\p{L}\p{M}\p{Nd}]$/u);
        assert.equal(username, username.normalize("NFKC"));
        assert.ok([...key].length <= 64);
      } catch (error) {
        assert.ok(error instanceof ImError && error.code === "username_invalid", String(error));
      }
    }),
    { numRuns: 3000 },
  );
});
