import assert from "node:assert/strict";
import fc from "fast-check";
import { type Block, type Inline, parseMarkup, withoutMarkup } from "./markup.ts";

/** A tree in one line: `b(…)` for bold and so on. */
const sketch = (inside: readonly Inline[]): string =>
  inside.map((one) =>
    "inside" in one
      ? `${one.kind[0]}(${sketch(one.inside)})`
      : one.kind === "text"
      ? one.text
      : `${one.kind}<${one.text}>`
  ).join("");
const inline = (text: string, names?: string[]) => {
  const [block, ...others] = parseMarkup(text, names);
  assert.equal(others.length, 0);
  return sketch((block as { inside: Inline[] }).inside);
};
const outline = (blocks: readonly Block[]) =>
  blocks.map((block) =>
    block.kind === "list"
      ? `${block.isNumbered ? block.first : "-"}[${block.items.map(sketch).join("|")}]`
      : block.kind === "code"
      ? `code<${block.text}>`
      : `${block.kind}<${sketch(block.inside)}>`
  );

for (
  const [text, expected] of [
    ["**bold** and *italic*, _too_, ~~gone~~", "b(bold) and i(italic), i(too), s(gone)"],
    ["**a *b* c**", "b(a i(b) c)"],
    ["很**重要**的", "很b(重要)的"],
    ["`a *b* c` *d*", "code<a *b* c> i(d)"],
    ["snake_case_name and 2*3*4 and a * b * c", "snake_case_name and 2*3*4 and a * b * c"],
    ["** not bold ** nor **", "** not bold ** nor **"],
    ["see https://example.org/a_b_c *now*", "see link<https://example.org/a_b_c> i(now)"],
    ["*across\nlines*", "*across\nlines*"],
    ["***", "***"],
    ["<b>no</b> &amp;", "<b>no</b> &amp;"],
  ]
) {
  Deno.test(`markup: ${JSON.stringify(text)}`, () => assert.equal(inline(text), expected));
}

Deno.test("markup: who is mentioned, the longest name first, and nobody else", () => {
  const names = ["Ann", "Anna Bell"];
  assert.equal(
    inline("@Anna Bell and @Ann, not @Bob or Ann", names),
    "mention<@Anna Bell> and mention<@Ann>, not @Bob or Ann",
  );
});

Deno.test("markup: blocks of code, quotations and lists, between lines", () => {
  const text =
    "hello\n```ts\nconst a = *1*;\n```\n> quoted *so*\n> on\nbye\n- one\n- **two**\n3. three\n4. four\n- alone";
  assert.deepEqual(outline(parseMarkup(text)), [
    "lines<hello>",
    "code<const a = *1*;>",
    "quote<quoted i(so)\non>",
    "lines<bye>",
    "-[one|b(two)]",
    "3[three|four]",
    "lines<- alone>",
  ]);
  assert.deepEqual(outline(parseMarkup("```\nnever closed")), ["lines<```\nnever closed>"]);
});

Deno.test("markup: nothing that was written is lost, and without marks it is the same", () => {
  const signs = fc.constantFrom(
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```",
    "\n",
    "> ",
    "- ",
    "1. ",
    " ",
    "a",
    "b",
    "中",
    "@",
    "http://x.y/",
  );
  fc.assert(
    fc.property(fc.array(signs, { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      const letters = (words: string) => words.replaceAll(/[^ab中]/g, "");
      // What stands behind an opening fence is the name of a language.
      if (!text.includes("```")) assert.equal(letters(withoutMarkup(text)), letters(text));
    }),
    { numRuns: 2_000 },
  );
  assert.equal(withoutMarkup("**a** `b`\n> c"), "a b\nc");
  assert.equal(withoutMarkup("plain text"), "plain text");
});

Deno.test("markup: the longest message that nobody sane would write is read in no time", () => {
  for (const part of ["*", "**a", "_a ", "`", "~~", "> ", "- ", "[", "@", "***a ", "```\n", "*a_"]) {
    const text = part.repeat(16_000 / part.length);
    const began = performance.now();
    parseMarkup(text, ["a", "b"]);
    assert.ok(performance.now() - began < 2_000, part);
  }
});
