import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { addPrecache } from "./precache.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** What the worker of a build is told. */
function shellOf(files: Record<string, string>): { version: string; files: [string, string][] } {
  const built = new Map(Object.entries(files).map(([name, text]) => [name, bytes(text)] as const));
  addPrecache(built, "sw.js");
  const [line, ...rest] = new TextDecoder().decode(built.get("sw.js")).split("\n");
  assert.equal(rest.join("\n"), files["sw.js"], "the script is behind it, as it was");
  return JSON.parse(line.replace(/^self\.SHELL=/, "").replace(/;$/, ""));
}

Deno.test("precache: the page with its scripts, styles and icons, by their contents, and no other page", () => {
  const page = {
    "index.html": "<title>a</title>",
    "main-1a2b3c4d.js": "main",
    "chunk-ABCDEFGH.js": "later",
    "style-1a2b3c4d.css": "",
    "icon-192.png": "png",
    "docs.html": "docs",
    "docs.js": "docs",
    ".stamp": "x",
    "sw.js": "worker",
  };
  const shell = shellOf(page);
  assert.deepEqual(
    shell.files.map(([path]) => path),
    ["/", "/chunk-ABCDEFGH.js", "/icon-192.png", "/main-1a2b3c4d.js", "/style-1a2b3c4d.css"],
  );
  const integrity = `sha256-${createHash("sha256").update("<title>a</title>").digest("base64")}`;
  assert.equal(shell.files[0][1], integrity);
  assert.equal(shellOf({ ...page }).version, shell.version);
  assert.equal(shellOf({ ...page, "docs.js": "more docs" }).version, shell.version);
  assert.notEqual(shellOf({ ...page, "index.html": "<title>b</title>" }).version, shell.version);
  assert.notEqual(shellOf({ ...page, "sw.js": "another worker" }).version, shell.version);
});
