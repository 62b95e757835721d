import assert from "node:assert/strict";
import { dimensionsOf } from "./dimensions.ts";

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(
    parts.flatMap((part) => typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part),
  );

const cases: [what: string, bytes: Uint8Array, expected: [number, number] | null][] = [
  ["GIF", bytes("GIF89a", [44, 1, 200, 0]), [300, 200]],
  ["PNG", bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 1, 44, 0, 0, 0, 200]), [300, 200]],
  ["WebP, lossy", bytes("RIFF....WEBPVP8 ", [0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 44, 1, 200, 0]), [300, 200]],
  ["WebP, extended", bytes("RIFF....WEBPVP8X", [10, 0, 0, 0, 0, 0, 0, 0, 43, 1, 0, 199, 0, 0]), [300, 200]],
  ["WebP, lossless", bytes("RIFF....WEBPVP8L", [0, 0, 0, 0, 0x2f, 0x2b, 0xc1, 0x31, 0]), [300, 200]],
  ["JPEG", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xff, 0xc2, 0, 11, 8, 0, 200, 1, 44, 0, 0]), [
    300,
    200,
  ]],
  ["a JPEG whose segment has no length", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0]), null],
  ["a JPEG without a frame", bytes([0xff, 0xd8, 0xff, 0xda, 0, 4, 0, 0]), null],
  ["a JPEG that ends early", bytes([0xff, 0xd8, 0xff, 0xe0, 0, 200]), null],
  ["a PNG of no width", bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 0, 0, 0, 0, 0, 200]), null],
  ["a PNG that ends early", bytes("\x89PNG\r\n\x1a\n"), null],
  ["text", bytes("hello, this is no picture at all"), null],
  ["nothing", new Uint8Array(), null],
];
for (const [what, data, expected] of cases) {
  Deno.test(`the size of ${what} is ${expected?.join(" by ") ?? "unknown"}`, () => {
    const found = dimensionsOf(data);
    assert.deepEqual(found && [found.width, found.height], expected);
  });
}
