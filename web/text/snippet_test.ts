import assert from "node:assert/strict";
import { snippetOf } from "./snippet.ts";

const sketch = (text: string, ...found: [start: number, length: number][]) =>
  snippetOf(text, found.map(([start, length]) => ({ start, length })))
    .map(({ text, isFound }) => isFound ? `[${text}]` : text).join("");

Deno.test("snippet: finds are marked, in whatever order they come, and white space is a space", () => {
  assert.equal(sketch("the quick\nbrown fox", [10, 5], [0, 3]), "[the] quick [brown] fox");
  assert.equal(sketch("all of it"), "all of it");
  assert.equal(sketch("你好世界", [2, 2]), "你好[世界]");
});

Deno.test("snippet: of a long text it is the part around the first find, and no character is cut", () => {
  const long = `${"a".repeat(500)} needle ${"b".repeat(500)}`;
  const shown = sketch(long, [501, 6]);
  assert.match(shown, /^…a+ \[needle\] b+…$/);
  assert.ok(shown.length < 160);
  assert.ok(
    snippetOf("😀".repeat(200), [{ start: 100, length: 2 }]).every(({ text }) => text.isWellFormed()),
  );
});

Deno.test("snippet: what lies outside the text, or over another find, does no harm", () => {
  assert.equal(sketch("short", [90, 5]), "short");
  assert.equal(sketch("abcdef", [1, 3], [2, 3]), "a[bcd][e]f");
});
