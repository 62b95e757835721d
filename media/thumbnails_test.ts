import assert from "node:assert/strict";
import { initPhoton, PhotonImage } from "photon/others";
import wasm from "photon/photon.wasm" with { type: "bytes" };
import { dimensionsOf } from "./dimensions.ts";
import { openThumbnails, type ThumbnailOptions } from "./thumbnails.ts";

const spawn = () =>
  new Worker(new URL("./testdata/thumbnail_worker.ts", import.meta.url), { type: "module" });

/** A picture whose left half is red and right half blue; see-through where asked. */
let started: Promise<unknown> | undefined;
async function picture(width: number, height: number, alpha = 255): Promise<PhotonImage> {
  await (started ??= initPhoton({ module_or_path: wasm }));
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    pixels.set(i % width < width / 2 ? [255, 0, 0, alpha] : [0, 0, 255, alpha], i * 4);
  }
  return new PhotonImage(pixels, width, height);
}

async function make(bytes: Uint8Array, mime: string, options: Partial<ThumbnailOptions> = {}) {
  const reasons: string[] = [];
  const thumbnails = openThumbnails({ spawn, onFailure: (reason) => reasons.push(reason), ...options });
  try {
    const dimensions = dimensionsOf(bytes)!;
    return { thumbnail: await thumbnails.make(bytes, mime, dimensions), reasons };
  } finally {
    thumbnails.close();
  }
}

Deno.test("a picture becomes a small JPEG, one with see-through parts a PNG, each in its proportions", async () => {
  const kinds: [string, Uint8Array, string][] = [
    ["image/jpeg", (await picture(1000, 500)).get_bytes_jpeg(90), "image/jpeg"],
    ["image/png", (await picture(1000, 500)).get_bytes(), "image/jpeg"],
    ["image/png", (await picture(1000, 500, 100)).get_bytes(), "image/png"],
    ["image/webp", (await picture(1000, 500)).get_bytes_webp(), "image/jpeg"],
  ];
  for (const [mime, bytes, expected] of kinds) {
    assert.deepEqual(dimensionsOf(bytes), { width: 1000, height: 500, orientation: 1 }, mime);
    const { thumbnail } = await make(bytes, mime);
    assert.equal(thumbnail?.mime, expected);
    assert.deepEqual(dimensionsOf(thumbnail!.bytes), { width: 320, height: 160, orientation: 1 });
    assert.ok(thumbnail!.bytes.length < 20_000);
  }
});

Deno.test("a picture that was taken on its side is shown upright", async () => {
  const plain = (await picture(400, 200)).get_bytes_jpeg(90);
  const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1];
  const orientation6 = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
  const bytes = new Uint8Array([...plain.slice(0, 2), ...exif, ...orientation6, ...plain.slice(2)]);
  assert.deepEqual(dimensionsOf(bytes), { width: 200, height: 400, orientation: 6 });
  const { thumbnail } = await make(bytes, "image/jpeg");
  const small = PhotonImage.new_from_byteslice(thumbnail!.bytes);
  assert.deepEqual([small.get_width(), small.get_height()], [160, 320]);
  // Turned by a quarter to the right: what was left is above.
  const pixels = small.get_raw_pixels();
  const at = (x: number, y: number) => pixels.slice((y * 160 + x) * 4, (y * 160 + x) * 4 + 3);
  assert.ok(at(80, 20)[0] > 200 && at(80, 20)[2] < 60, `${at(80, 20)}`);
  assert.ok(at(80, 300)[2] > 200 && at(80, 300)[0] < 60, `${at(80, 300)}`);
});

Deno.test("a bomb of pixels is not begun: its header says how large it is", async () => {
  const bytes = (await picture(8, 8)).get_bytes();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(16, 60_000);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(20, 60_000);
  let spawned = 0;
  const { thumbnail } = await make(bytes, "image/png", {
    spawn: () => {
      spawned++;
      return spawn();
    },
  });
  assert.deepEqual([thumbnail, spawned], [null, 0]);
});

Deno.test("a header that lies, a cut picture and noise have no thumbnail, and the next picture has one", async () => {
  const good = (await picture(64, 64)).get_bytes();
  const thumbnails = openThumbnails({ spawn });
  try {
    const lying = good.slice();
    new DataView(lying.buffer).setUint32(16, 1);
    const bad = [lying, good.slice(0, good.length / 2), new Uint8Array(good.length).fill(7)];
    const one = { width: 64, height: 64, orientation: 1 };
    for (const bytes of bad) assert.equal(await thumbnails.make(bytes, "image/png", one), null);
    assert.equal((await thumbnails.make(good, "image/png", one))?.mime, "image/jpeg");
  } finally {
    thumbnails.close();
  }
});

Deno.test("who waits too long or behind too many has none", async () => {
  const bytes = (await picture(64, 64)).get_bytes();
  const slow = await make(bytes, "image/png", { timeoutMs: 1 });
  assert.deepEqual(slow, { thumbnail: null, reasons: ["it took too long"] });
  const thumbnails = openThumbnails({ spawn, maxQueue: 2 });
  try {
    const one = { width: 64, height: 64, orientation: 1 };
    const all = await Promise.all(
      Array.from({ length: 6 }, () => thumbnails.make(bytes, "image/png", one)),
    );
    assert.equal(all.filter((thumbnail) => thumbnail !== null).length, 3);
  } finally {
    thumbnails.close();
  }
});
