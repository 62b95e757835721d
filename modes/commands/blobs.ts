import { createHash } from "node:crypto";
import type { BlobStore } from "../../blobs/store.ts";
import { thumbnailKey } from "../../chat/files.ts";
import { pagesOf } from "../../data/sql/digest.ts";
import { keptTables } from "../../data/sql/copy.ts";
import type { Snapshot } from "../../data/sql/snapshot.ts";

/** One file's bytes, as the database knows them. */
export interface KnownBlob {
  key: string;
  size: number;
  /** Hex; absent for a thumbnail, of which no hash is kept. */
  sha256?: string;
}

/** All bytes that a database refers to. */
export async function* knownBlobs(snapshot: Snapshot): AsyncGenerator<KnownBlob> {
  const table = (await keptTables(snapshot)).find(({ name }) => name === "blobs");
  if (!table) return;
  for await (const rows of pagesOf(snapshot, table)) {
    for (const row of rows) {
      const key = String(row.store_key);
      yield { key, size: Number(row.size), sha256: String(row.sha256) };
      if (row.thumbnail_mime !== "") yield { key: thumbnailKey(key), size: Number(row.thumbnail_size) };
    }
  }
}

export interface CopiedBlobs {
  count: number;
  bytes: number;
  /** Keys of those that could not be read, or were not what the database says. */
  damaged: string[];
}

/** Copies from store to store, of whatever kinds, and looks whether each is what was uploaded. */
export async function copyBlobs(
  blobs: AsyncIterable<KnownBlob>,
  from: BlobStore,
  to: BlobStore,
): Promise<CopiedBlobs> {
  const done: CopiedBlobs = { count: 0, bytes: 0, damaged: [] };
  for await (const blob of blobs) {
    if (await copyOne(blob, from, to)) {
      done.count++;
      done.bytes += blob.size;
    } else done.damaged.push(blob.key);
  }
  return done;
}

/** False: it is not there, or not what was uploaded; then the copy is not kept either. */
async function copyOne({ key, size, sha256 }: KnownBlob, from: BlobStore, to: BlobStore): Promise<boolean> {
  const hash = createHash("sha256");
  const whole = () => sha256 === undefined || hash.digest("hex") === sha256;
  const parts = partsOf(from.read(key, 0, size), to.partBytes, (bytes) => hash.update(bytes));
  try {
    if (size <= to.partBytes) {
      const { value } = await parts.next();
      if (!whole()) return false;
      await to.write(key, value ?? new Uint8Array());
      return true;
    }
    const upload = { key, storeId: await to.begin(key) };
    const tags: string[] = [];
    for await (const part of parts) tags.push(await to.put(upload, tags.length + 1, part));
    if (!whole()) return await to.abandon(upload), false;
    await to.finish(upload, { size, tags });
    return true;
  } catch (error) {
    if (isOfSource(error)) return false;
    throw error;
  }
}

/** The bytes are not there or end early, which is no fault of where they go. */
function isOfSource(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  return code === "file_not_found" || /ended early/.test(message ?? "");
}

async function* partsOf(
  bytes: AsyncIterable<Uint8Array>,
  partBytes: number,
  onBytes: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  let part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const chunk of bytes) {
    onBytes(chunk);
    for (let at = 0; at < chunk.length;) {
      const count = Math.min(chunk.length - at, partBytes - filled);
      part.set(chunk.subarray(at, at + count), filled);
      at += count;
      filled += count;
      if (filled < partBytes) continue;
      yield part;
      part = new Uint8Array(partBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
