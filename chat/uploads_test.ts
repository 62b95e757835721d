import assert from "node:assert/strict";
import type { BlobStore } from "../blobs/store.ts";
import type { Data, FileUpload } from "../data/service.ts";
import { createUploads, UPLOAD_LIMITS } from "./uploads.ts";

const PART = 4;

/** Uploads of ten bytes each, kept in memory; `stored` has the parts in the order they came. */
function fixture() {
  const stands = new Map<number, number>();
  const stored: string[] = [];
  const upload = (id: number): FileUpload => ({
    id,
    offset: stands.get(id) ?? 0,
    size: 10,
    key: `k${id}`,
    storeId: "s",
    parts: [],
    purpose: 0,
    name: "",
    mime: "",
  });
  const files = {
    upload: ({ id }: { id: number }) => Promise.resolve(upload(id)),
    advance: ({ id, toOffset }: { id: number; toOffset: number }) => {
      stands.set(id, toOffset);
      return Promise.resolve(upload(id));
    },
  };
  const blobs = {
    partBytes: PART,
    put: (_: unknown, number: number, bytes: Uint8Array) => {
      stored.push(`${number}:${new TextDecoder().decode(bytes)}`);
      return Promise.resolve("");
    },
  };
  const uploads = createUploads({ files } as unknown as Data, blobs as unknown as BlobStore);
  return { uploads, stored };
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text));
}

async function* until(end: Promise<void>): AsyncGenerator<Uint8Array> {
  await end;
  yield* pieces();
}

const refused = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

Deno.test("whatever pieces come, whole parts are stored; what is over is left for the next time", async () => {
  const { uploads, stored } = fixture();
  const request = { id: 1, userId: 1 };
  assert.deepEqual(await uploads.receive(request, 0, pieces("a", "bcdefg", "", "h9")), {
    offset: 8,
    size: 10,
  });
  assert.deepEqual(await uploads.receive(request, 8, pieces("8", "9")), { offset: 10, size: 10 });
  assert.deepEqual(stored, ["1:abcd", "2:efgh", "3:89"]);
  await assert.rejects(uploads.receive(request, 8, pieces("89")), refused("conflict"));
  await assert.rejects(uploads.receive(request, 10, pieces("!")), refused("too_large"));
});

Deno.test("more bytes than the file has never end it: whole parts before the last are kept, the last is not", async () => {
  const { uploads, stored } = fixture();
  const request = { id: 1, userId: 1 };
  for (const body of [["0123456789abcde"], ["89!"], ["8", "9", "!"], ["89", "", "!"]]) {
    const offset = stored.length * PART;
    await assert.rejects(uploads.receive(request, offset, pieces(...body)), refused("too_large"));
    assert.deepEqual(stored, ["1:0123", "2:4567"]);
  }
  assert.deepEqual(await uploads.receive(request, 8, pieces("8", "", "9")), { offset: 10, size: 10 });
});

Deno.test("a body that breaks off leaves its whole parts", async () => {
  const { uploads, stored } = fixture();
  async function* broken() {
    yield* pieces("abcdef");
    throw new Error("gone");
  }
  await assert.rejects(uploads.receive({ id: 1, userId: 1 }, 0, broken()), /gone/);
  assert.deepEqual(stored, ["1:abcd"]);
  assert.deepEqual(await uploads.receive({ id: 1, userId: 1 }, 4, pieces("efghij")), {
    offset: 10,
    size: 10,
  });
});

Deno.test("one at a time to an upload, a few of a user, so many in all: the others come again later (P6)", async () => {
  const { uploads } = fixture();
  const end = Promise.withResolvers<void>();
  const receive = (id: number, userId: number) => uploads.receive({ id, userId }, 0, until(end.promise));
  const running = [receive(1, 1)];
  await assert.rejects(receive(1, 1), refused("conflict"));
  for (let id = 2; id <= UPLOAD_LIMITS.receivingOfUser; id++) running.push(receive(id, 1));
  await assert.rejects(receive(99, 1), refused("overloaded"));
  for (let n = running.length; n < UPLOAD_LIMITS.receiving; n++) running.push(receive(1000 + n, 1000 + n));
  await assert.rejects(receive(5000, 5000), refused("overloaded"));
  end.resolve();
  await Promise.all(running);
  await receive(99, 1);
});
