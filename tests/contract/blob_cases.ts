import assert from "node:assert/strict";
import type { BlobStore, StoredBlob } from "../../blobs/store.ts";
import { codeOf } from "./data_world.ts";

export type OpenBlobStore = () => Promise<{ store: BlobStore; close(): Promise<void> }>;

/** What every BlobStore must do: a case for each sentence of blobs/store.ts. */
export function blobCases(name: string, open: OpenBlobStore): void {
  const test = (what: string, body: (store: BlobStore) => Promise<void>) =>
    Deno.test(`${name}: ${what}`, async () => {
      const { store, close } = await open();
      try {
        await body(store);
      } finally {
        await close();
      }
    });

  test("a small blob is written whole, read in parts, replaced and removed", async (store) => {
    await store.write("k-1", bytesOf(1000, 1));
    assert.deepEqual(await read(store, "k-1", 0, 1000), bytesOf(1000, 1));
    assert.deepEqual(await read(store, "k-1", 10, 20), bytesOf(1000, 1).slice(10, 20));
    assert.deepEqual(await read(store, "k-1", 999, 1000), bytesOf(1000, 1).slice(999));
    await store.write("k-1", bytesOf(500, 2));
    assert.deepEqual(await read(store, "k-1", 0, 500), bytesOf(500, 2));
    await store.remove("k-1");
    await store.remove("k-1");
    assert.equal(await codeOf(read(store, "k-1", 0, 500)), "file_not_found");
  });

  test("an empty blob is one, too", async (store) => {
    await store.write("empty", new Uint8Array());
    assert.equal((await read(store, "empty", 0, 0)).length, 0);
    assert.deepEqual(await keys(store, (blob) => blob.storeId === undefined), ["empty"]);
  });

  test("parts make a blob, in whatever order and however often they are put", async (store) => {
    const whole = bytesOf(store.partBytes * 2 + 100, 3);
    const upload = { key: "big", storeId: await store.begin("big") };
    const part = (n: number) => whole.slice((n - 1) * store.partBytes, n * store.partBytes);
    const third = await store.put(upload, 3, part(3));
    await store.put(upload, 1, bytesOf(store.partBytes, 9));
    const first = await store.put(upload, 1, part(1));
    const second = await store.put(upload, 2, part(2));
    assert.equal(await codeOf(read(store, "big", 0, 1)), "file_not_found", "it is no blob before its end");
    const parts = { size: whole.length, tags: [first, second, third].filter((tag) => tag !== "") };
    await store.finish(upload, parts);
    await store.finish(upload, parts);
    assert.deepEqual(await read(store, "big", 0, whole.length), whole);
    const [from, to] = [store.partBytes - 5, store.partBytes + 5];
    assert.deepEqual(await read(store, "big", from, to), whole.slice(from, to));
    assert.deepEqual(await keys(store, () => true), ["big"]);
  });

  test("an upload that lacks bytes is damaged, and never a blob", async (store) => {
    const upload = { key: "short", storeId: await store.begin("short") };
    const tag = await store.put(upload, 1, bytesOf(store.partBytes, 1));
    const tags = tag === "" ? [] : [tag];
    assert.equal(
      await codeOf(store.finish(upload, { size: store.partBytes * 2, tags })),
      "file_damaged",
    );
    assert.equal(await codeOf(read(store, "short", 0, 1)), "file_not_found");
  });

  test("an abandoned upload leaves nothing; what never was is no error", async (store) => {
    const upload = { key: "given-up", storeId: await store.begin("given-up") };
    await store.put(upload, 1, bytesOf(store.partBytes, 1));
    assert.deepEqual(await keys(store, (blob) => blob.storeId === upload.storeId), ["given-up"]);
    await store.abandon(upload);
    await store.abandon(upload);
    assert.deepEqual(await keys(store, () => true), []);
    await store.abandon({ key: "never-was", storeId: "" });
  });

  test("all that lies here is listed with its time", async (store) => {
    const before = Date.now() - 2000;
    for (let n = 0; n < 25; n++) await store.write(`k-${n}`, bytesOf(1, n));
    const found: StoredBlob[] = [];
    for await (const blob of store.list()) found.push(blob);
    assert.equal(new Set(found.map(({ key }) => key)).size, 25);
    for (const { at } of found) assert.ok(at >= before && at <= Date.now() + 2000, `${at}`);
  });

  test("who stops reading early frees what was open", async (store) => {
    await store.write("long", bytesOf(store.partBytes, 1));
    for (let n = 0; n < 50; n++) {
      for await (const chunk of store.read("long", 0, store.partBytes)) {
        assert.ok(chunk.length > 0);
        break;
      }
    }
  });

  test("a key that is a path is refused", async (store) => {
    for (const key of ["", "../x", "a/b", "A", "a.b", "\0", "x".repeat(65)]) {
      await assert.rejects(async () => await store.write(key, new Uint8Array(1)), /no key/);
      await assert.rejects(async () => await store.remove(key), /no key/);
      await assert.rejects(async () => await read(store, key, 0, 1), /no key/);
    }
  });
}

export function bytesOf(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let x = seed * 2654435761 >>> 0;
  for (let i = 0; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

export async function read(store: BlobStore, key: string, from: number, to: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of store.read(key, from, to)) parts.push(chunk);
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

async function keys(store: BlobStore, which: (blob: StoredBlob) => boolean): Promise<string[]> {
  const found: string[] = [];
  for await (const blob of store.list()) if (which(blob)) found.push(blob.key);
  return found.sort();
}
