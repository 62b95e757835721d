import assert from "node:assert/strict";
import { ImError } from "../wire/errors.ts";
import { uploadFile, type UploadSource } from "./upload.ts";

const MIB = 1024 * 1024;

/** A server that stores whole parts of 1 MiB, and does as the script says with each piece. */
function fakeServer(script: ("ok" | "cut" | "lost answer" | ImError)[] = []) {
  const stored: Uint8Array[] = [];
  const asked: string[] = [];
  let [offset, size] = [0, 0];
  const source = {
    backoff: { baseMs: 0, capMs: 0 },
    call: (name: string, input: Record<string, unknown>) => {
      asked.push(name);
      if (name === "file.create") size = Number(input.size);
      const file = { id: "7", url: "/api/v1/files/7", ...input };
      const upload = { offset, size, partBytes: MIB };
      return Promise.resolve(
        name === "file.create" ? { file, upload } : name === "file.upload" ? upload : file,
      );
    },
    async put(path: string, piece: Blob) {
      assert.equal(path, `/files/7/content?offset=${offset}`);
      const what = script.shift() ?? "ok";
      if (what instanceof ImError) throw what;
      const bytes = await piece.bytes();
      const kept = what === "cut" ? MIB : bytes.length;
      stored.push(bytes.slice(0, kept));
      offset += kept;
      if (what !== "ok") throw new ImError("unavailable");
      return { offset, size, partBytes: MIB };
    },
  };
  return { source: source as unknown as UploadSource, stored, asked };
}

const whole = async (parts: Uint8Array[]) => await new Blob(parts as Uint8Array<ArrayBuffer>[]).bytes();

function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => i * 31 + (i >> 10));
}

Deno.test("uploadFile: pieces that are cut, lost or refused for now are gone on with; progress never goes back", async () => {
  const busy = new ImError("overloaded", undefined, { retryAfterMs: 1 });
  const server = fakeServer(["cut", "lost answer", busy, "ok"]);
  const bytes = bytesOf(10 * MIB + 5);
  const progress: number[] = [];
  const file = await uploadFile(server.source, new Blob([bytes], { type: "image/png;x=y" }), {
    name: "a.png",
    onProgress: (stored) => progress.push(stored),
  });
  assert.equal((file as { id: string }).id, "7");
  assert.deepEqual(await whole(server.stored), bytes);
  assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
  assert.deepEqual([progress[0], progress.at(-1)], [0, bytes.length]);
  assert.equal(server.asked.at(-1), "file.complete");
});

Deno.test("uploadFile: what repeating cannot help ends it, and so does a server that never stores", async () => {
  const full = fakeServer([new ImError("quota_exceeded")]);
  await assert.rejects(uploadFile(full.source, new Blob(["x"])), { code: "quota_exceeded" });
  const away = fakeServer(Array.from({ length: 50 }, () => new ImError("unavailable")));
  await assert.rejects(uploadFile(away.source, new Blob(["x"])), { code: "unavailable" });
  assert.ok(away.asked.length < 20);
});

Deno.test("uploadFile: the signal ends it while it waits", async () => {
  const { source } = fakeServer([new ImError("overloaded", undefined, { retryAfterMs: 60_000 })]);
  const stop = new AbortController();
  const uploading = uploadFile(source, new Blob(["x"]), { signal: stop.signal });
  setTimeout(() => stop.abort(new Error("enough")), 10);
  await assert.rejects(uploading, /enough/);
});
