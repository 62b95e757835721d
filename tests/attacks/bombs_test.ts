import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { createFile, putBytes, uploadFile } from "../support/files.ts";
import { register, rest } from "../support/people.ts";
import { Line, request, upgradeRequest } from "../support/raw.ts";
import { residentBytes, startProcess, tempFolder } from "../support/server.ts";

/** Little that becomes much when it is unpacked: nothing is. */

const MIB = 1024 * 1024;
/** Any one of them unpacked would be more. */
const MAY_GROW_BYTES = 200 * MIB;

const be32 = (value: number) => [value >>> 24, value >>> 16 & 255, value >>> 8 & 255, value & 255];
const le16 = (value: number) => [value & 255, value >>> 8];
const text = (words: string) => [...new TextEncoder().encode(words)];

/** The header of a picture of 50,000 by 50,000 (10 GB decoded), and a little behind it. */
const side = 50_000;
const pictures: Record<string, number[]> = {
  "image/png": [
    ...[0x89, ...text("PNG\r\n"), 0x1a, 0x0a, ...be32(13), ...text("IHDR"), ...be32(side), ...be32(side)],
    ...[8, 6, 0, 0, 0, 0, 0, 0, 0, ...be32(0), ...text("IDAT"), ...be32(0), ...be32(0), ...text("IEND")],
  ],
  "image/gif": [
    ...[...text("GIF89a"), ...le16(65_535), ...le16(65_535), 0xf0, 0, 0, 0, 0, 0, 255, 255, 255],
    ...[0x2c, 0, 0, 0, 0, ...le16(65_535), ...le16(65_535), 0, 2, 2, 0x4c, 1, 0, 0x3b],
  ],
  "image/jpeg": [
    ...[0xff, 0xd8, 0xff, 0xc0, 0, 17, 8, ...[side >>> 8, side & 255, side >>> 8, side & 255], 3],
    ...[1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xd9],
  ],
};

Deno.test("bombs: bodies that claim to be packed, pictures of billions of pixels and archives stay what they are", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const { url } = server;
  const ann = await register(url);
  const before = await residentBytes(server.pid);

  const packed = new Uint8Array(gzipSync(new Uint8Array(200 * MIB).fill(32)));
  assert.ok(packed.length < 256 * 1024, "it comes through the limit as it is");
  for (const encoding of ["gzip", "deflate", "br", "zstd", "gzip, gzip"]) {
    const headers = { "content-encoding": encoding };
    const body = packed;
    const answer = await request(url, "/api/v1/groups", { body, headers, accessToken: ann.accessToken });
    assert.ok([400, 415].includes(answer.status), `${encoding}: ${answer.status} ${answer.body}`);
  }

  // A socket is never unpacked either: what is offered is not taken.
  const offer = {
    "sec-websocket-extensions": "permessage-deflate",
    authorization: `Bearer ${ann.accessToken}`,
  };
  using line = await Line.open(url);
  await line.write(upgradeRequest(url, offer));
  const head = await line.readHead();
  assert.match(head!, /^HTTP\/1\.1 101 /);
  assert.doesNotMatch(head!, /extensions/i);

  for (const [mime, bytes] of Object.entries(pictures)) {
    const file = await uploadFile(url, ann, new Uint8Array(bytes), { name: "a", mime });
    assert.equal(file.thumbnail, undefined, mime);
  }
  const archive = await uploadFile(url, ann, packed, { name: "bomb.gz", mime: "application/gzip" });
  assert.equal(archive.size, packed.length, "it is kept as it came");
  // More than was announced is not taken.
  const { id } = await createFile(url, ann, 10);
  await assert.rejects(putBytes(url, ann, id, 0, new Uint8Array(MIB)));

  assert.equal((await rest(url, "user.me", {}, ann.accessToken)).id, ann.id);
  const grown = await residentBytes(server.pid) - before;
  assert.ok(grown < MAY_GROW_BYTES, `it grew by ${grown} bytes`);
});
