import assert from "node:assert/strict";
import { mediaOf } from "./media_content.ts";

const file = { url: "/api/v1/files/7", name: "a.png", size: 5, mime: "image/png" };

Deno.test("a picture is shown small; one without a small copy itself, or as a file when it is large", () => {
  const image = { type: "image", file, width: 30, height: 20 };
  const small = "/api/v1/files/7/thumbnail";
  const picture = { kind: "picture", url: file.url, name: "a.png", width: 30, height: 20 };
  assert.deepEqual(mediaOf({ ...image, thumbnail: small }), { ...picture, small });
  assert.deepEqual(mediaOf(image), { ...picture, small: file.url });
  assert.equal(mediaOf({ ...image, file: { ...file, size: 2 ** 21 } })?.kind, "file");
  assert.equal(mediaOf({ ...image, width: "30" })?.kind, "file");
});

Deno.test("sound and film are known by their types, a waveform by its levels", () => {
  const voice = { type: "voice", file, durationMs: 1200, waveform: [0, 255] };
  const shown = {
    kind: "voice",
    url: file.url,
    name: "a.png",
    size: 5,
    durationMs: 1200,
    waveform: [0, 255],
  };
  assert.deepEqual(mediaOf(voice), shown);
  for (const waveform of [undefined, "x", [1, "2"], [256], Array(257).fill(1)]) {
    assert.deepEqual(mediaOf({ ...voice, waveform }), { ...shown, waveform: [] });
  }
  const kinds = ["audio/mpeg", "video/mp4", "text/plain"]
    .map((mime) => mediaOf({ type: "file", file: { ...file, mime } })?.kind);
  assert.deepEqual(kinds, ["sound", "film", "file"]);
  assert.equal(mediaOf({ type: "video", file, durationMs: 1, width: 2, height: 3 })?.kind, "film");
});

Deno.test("nothing of another server is media, nor what has no name", () => {
  for (
    const url of [
      "https://example.org/a.png",
      "javascript:alert(1)",
      "//example.org/a",
      "/api/v1/files/7/../8",
    ]
  ) {
    assert.equal(mediaOf({ type: "image", file: { ...file, url }, width: 1, height: 1 }), undefined);
  }
  const elsewhere = { type: "image", file, width: 1, height: 1, thumbnail: "https://example.org/a.png" };
  assert.partialDeepStrictEqual(mediaOf(elsewhere), { small: file.url });
  assert.equal(mediaOf({ type: "file", file: { ...file, name: " " } }), undefined);
  assert.equal(mediaOf({ type: "text", text: "x" }), undefined);
});
