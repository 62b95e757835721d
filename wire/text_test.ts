import assert from "node:assert/strict";
import type * as z from "zod";
import { Content } from "./content.ts";
import { operations } from "./operations.ts";
import { line, note } from "./schemas.ts";

const UNSEEN = [
  "\u200b\u200d",
  "\u200c",
  "\u2060\ufeff",
  "\u00ad",
  "\u3164",
  "\u115f\u1160",
  "\uffa0",
  "\u2800",
  "\ufe0f",
  "\u{e0041}\u{e007f}",
  "\ufff9\ufffb",
  "\u200b \u00a0\u3000 \u200b",
];
const TURNED = [..."\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"];
/** Joiners and marks that people's names and words are written with. */
const WRITTEN = [
  "👩‍👩‍👧‍👦",
  "❤️",
  "🏳️‍🌈",
  "می‌خواهم",
  "ක්‍රිස්ටෝපර්",
  "क्‍ष",
  "שלום",
  "محمد",
  "好",
  "👍🏽",
  "é",
  "O’Neil",
  "·",
];

/** Where people give a name, and the rest of a valid input. */
const NAMES = {
  "auth.register": [{ username: "ann", password: "12345678" }, "displayName", "deviceName"],
  "auth.login": [{ username: "ann", password: "12345678" }, "deviceName"],
  "user.update": [{}, "displayName"],
  "group.create": [{ memberIds: ["1"] }, "title"],
  "group.update": [{ conversationId: "1" }, "title"],
  "group.setNickname": [{ conversationId: "1" }, "nickname"],
  "bot.create": [{ username: "robot" }, "displayName"],
  "file.create": [{ size: 1 }, "name"],
} as const;

for (const [operation, [rest, ...fields]] of Object.entries(NAMES)) {
  Deno.test(`${operation}: a name has something to see, and reads in the order it is written in`, () => {
    const { input }: { input: z.ZodType } = operations[operation as keyof typeof NAMES];
    for (const field of fields) {
      const wrong = (name: string) => {
        const parsed = input.safeParse({ ...rest, [field]: name });
        return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join("."));
      };
      for (const name of UNSEEN) assert.ok(wrong(name).includes(field), JSON.stringify(name));
      for (const turn of TURNED) assert.ok(wrong(`abc${turn}def`).includes(field), JSON.stringify(turn));
      assert.ok(wrong("a\u2028b").includes(field));
      for (const name of WRITTEN) assert.deepEqual(wrong(name), [], name);
    }
  });
}

Deno.test("a note may be empty and turn, but is not made of what nobody sees", () => {
  for (const text of ["", "  ", "a\n\u202eb", "שלום\u200f!"]) assert.ok(note(100).safeParse(text).success);
  for (const text of UNSEEN) assert.ok(!note(100).safeParse(text).success, JSON.stringify(text));
});

Deno.test("a message has something to see; a file's name does not turn around", () => {
  const text = (text: string) => Content.safeParse({ type: "text", text }).success;
  for (const one of [...UNSEEN, " \u200b ", "\u202e"]) assert.ok(!text(one), JSON.stringify(one));
  for (const one of [...WRITTEN, " a \u202e b\u200b"]) assert.ok(text(one), one);
  const file = (name: string) =>
    Content.safeParse({ type: "file", file: { url: "https://a.example/b", name, size: 1, mime: "a/b" } })
      .success;
  for (const one of [...UNSEEN, ...TURNED.map((turn) => `a${turn}gpj.exe`)]) {
    assert.ok(!file(one), JSON.stringify(one));
  }
  for (const one of WRITTEN) assert.ok(file(one), one);
});

Deno.test("a line is at most so long, and is trimmed before it is looked at", () => {
  assert.equal(line(3).parse("  abc  "), "abc");
  assert.ok(!line(3).safeParse("abcd").success);
});
