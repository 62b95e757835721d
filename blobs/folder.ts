import { join } from "node:path";
import { ImError } from "../wire/errors.ts";
import { type BlobStore, type BlobUpload, requireKey, type StoredBlob } from "./store.ts";

const PART_BYTES = 1024 * 1024;
const READ_BYTES = 256 * 1024;
/** For the server's own user only. */
const PRIVATE = { file: 0o600, folder: 0o700 };

/**
 * Blobs in a folder: `blobs/3f/3f2a…` and, before they are whole, `uploads/…`. Several gateways may share it over a
 * network file system that keeps what POSIX says of rename.
 */
export async function openFolderStore(path: string): Promise<BlobStore> {
  const uploads = join(path, "uploads");
  await Deno.mkdir(uploads, { recursive: true, mode: PRIVATE.folder });
  await Deno.mkdir(join(path, "blobs"), { recursive: true, mode: PRIVATE.folder });
  const draftOf = (key: string) => join(uploads, requireKey(key));
  const blobOf = (key: string) => join(path, "blobs", requireKey(key).slice(0, 2), key);

  /** A name is in a folder for good when the folder is on disk, too. */
  async function settle(draft: string, key: string): Promise<void> {
    const folder = join(path, "blobs", key.slice(0, 2));
    await Deno.mkdir(folder, { recursive: true, mode: PRIVATE.folder });
    await Deno.rename(draft, blobOf(key));
    await syncFile(folder);
    await syncFile(join(path, "blobs"));
  }

  async function* list(folder: string, isUpload: boolean): AsyncGenerator<StoredBlob> {
    for await (const { name, isFile } of Deno.readDir(folder)) {
      if (!isFile) continue;
      const info = await Deno.stat(join(folder, name)).catch(ifMissing(undefined));
      if (!info) continue;
      // A draft of `write` is named after its key.
      const key = name.split(".", 1)[0];
      yield { key, at: info.mtime?.getTime() ?? 0, ...(isUpload && { storeId: "" }) };
    }
  }

  return {
    partBytes: PART_BYTES,

    write: (key, bytes) =>
      orUnavailable(async () => {
        const draft = `${draftOf(key)}.${crypto.randomUUID()}`;
        await Deno.writeFile(draft, bytes, { mode: PRIVATE.file });
        await syncFile(draft);
        await settle(draft, key);
      }),

    begin: () => Promise.resolve(""),

    put: ({ key }, number, bytes) =>
      orUnavailable(async () => {
        using file = await Deno.open(draftOf(key), { write: true, create: true, mode: PRIVATE.file });
        await file.seek((number - 1) * PART_BYTES, Deno.SeekMode.Start);
        for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
        return "";
      }),

    finish: ({ key }, { size }) =>
      orUnavailable(async () => {
        const draft = await Deno.stat(draftOf(key)).catch(ifMissing(undefined));
        const there = draft ?? await Deno.stat(blobOf(key)).catch(ifMissing(undefined));
        if (there?.size !== size) throw new ImError("file_damaged");
        if (!draft) return;
        await syncFile(draftOf(key));
        await settle(draftOf(key), key);
      }),

    abandon: ({ key }: BlobUpload) =>
      orUnavailable(() => Deno.remove(draftOf(key)).catch(ifMissing(undefined))),

    async *read(key, from, to) {
      using file = await orUnavailable(() =>
        Deno.open(blobOf(key)).catch((error) => {
          throw error instanceof Deno.errors.NotFound ? new ImError("file_not_found") : error;
        })
      );
      await file.seek(from, Deno.SeekMode.Start);
      for (let left = to - from; left > 0;) {
        const buffer = new Uint8Array(Math.min(READ_BYTES, left));
        const count = await file.read(buffer);
        if (count === null) throw new ImError("unavailable", "The blob ended early");
        left -= count;
        yield buffer.subarray(0, count);
      }
    },

    remove: (key) => orUnavailable(() => Deno.remove(blobOf(key)).catch(ifMissing(undefined))),

    async *list() {
      yield* list(uploads, true);
      for await (const { name, isDirectory } of Deno.readDir(join(path, "blobs"))) {
        if (isDirectory) yield* list(join(path, "blobs", name), false);
      }
    },

    link: () => Promise.resolve(undefined),
  };
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}

function ifMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Deno.errors.NotFound) return value;
    throw error;
  };
}

async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ImError || error instanceof TypeError) throw error;
    throw Object.assign(new ImError("unavailable", "The files cannot be reached"), { cause: error });
  }
}
