import assert from "node:assert/strict";
import { splitLinks } from "./links.ts";

const links = (text: string) => {
  const pieces = splitLinks(text);
  assert.equal(pieces.map((piece) => piece.text).join(""), text, "nothing is lost");
  return pieces.filter(({ href }) => href !== undefined).map((piece) => piece.text);
};

Deno.test("splitLinks: an address, without the sentence around it", () => {
  assert.deepEqual(
    links("See https://example.org/a?b=c#d, (http://x.example/y_(z)) and HTTPS://A.EXAMPLE."),
    [
      "https://example.org/a?b=c#d",
      "http://x.example/y_(z)",
      "HTTPS://A.EXAMPLE",
    ],
  );
  assert.deepEqual(links("看https://example.org/路，再看（http://b.example）。"), [
    "https://example.org/",
    "http://b.example",
  ]);
  assert.deepEqual(links('<a href="https://example.org/x">'), ["https://example.org/x"]);
});

Deno.test("splitLinks: nothing but http and https leads anywhere", () => {
  for (
    const text of [
      "",
      "javascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "//example.org",
      "http://",
      "https://?",
      "xhttps://example.org",
      "vbscript:x mailto:a@b.c ftp://example.org example.org",
    ]
  ) assert.deepEqual(links(text), [], text);
});

Deno.test("splitLinks: a long text without an end is quick", () => {
  const start = performance.now();
  links("https://" + "(".repeat(8000) + ")".repeat(8000));
  links("https://a.example/" + ")".repeat(15_000));
  links("http://".repeat(2000));
  assert.ok(performance.now() - start < 500);
});
