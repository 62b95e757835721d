import assert from "node:assert/strict";
import { openS3Store } from "../../blobs/s3.ts";
import { startS3 } from "../support/s3.ts";
import { blobCases, bytesOf, read } from "./blob_cases.ts";
import { codeOf } from "./data_world.ts";

blobCases("blobs, S3", () => {
  const s3 = startS3();
  return Promise.resolve({ store: openS3Store(s3.url), close: () => s3[Symbol.asyncDispose]() });
});

blobCases("blobs, S3 under a prefix", () => {
  const s3 = startS3();
  const store = openS3Store(s3.url.replace("?", "/chat/one?"));
  return Promise.resolve({ store, close: () => s3[Symbol.asyncDispose]() });
});

Deno.test("blobs, S3: a wrong secret, a wrong region and a wrong bucket are unavailable", async () => {
  await using s3 = startS3();
  for (const [from, to] of [["secret", "secrex"], ["eu-test-1", "us-east-1"], ["/files?", "/other?"]]) {
    const store = openS3Store(s3.url.replace(from, to));
    assert.equal(await codeOf(store.write("k", bytesOf(1, 1))), "unavailable", to);
  }
  assert.equal(s3.objects.size, 0);
});

Deno.test("blobs, S3: a moment of trouble is passed over, a long one is unavailable", async () => {
  await using s3 = startS3();
  const store = openS3Store(s3.url);
  s3.failing = 2;
  await store.write("k", bytesOf(10, 1));
  s3.failing = 3;
  assert.equal(await codeOf(store.write("k", bytesOf(10, 1))), "unavailable");
});

Deno.test("blobs, S3: a part that was changed behind our back is damaged", async () => {
  await using s3 = startS3();
  const store = openS3Store(s3.url);
  const upload = { key: "k", storeId: await store.begin("k") };
  const tag = await store.put(upload, 1, bytesOf(store.partBytes, 1));
  await store.put(upload, 1, bytesOf(store.partBytes, 2));
  assert.equal(await codeOf(store.finish(upload, { size: store.partBytes, tags: [tag] })), "file_damaged");
});

Deno.test("blobs, S3: a link gives the bytes with the headers asked for, to anybody, and to nobody when changed", async () => {
  await using s3 = startS3();
  const store = openS3Store(s3.url);
  await store.write("k", bytesOf(100, 1));
  const contentDisposition = `attachment; filename="a b.html"; filename*=UTF-8''%E4%BD%A0.html`;
  const link = (await store.link("k", { seconds: 60, contentType: "text/html", contentDisposition }))!;
  const response = await fetch(link);
  assert.deepEqual(await response.bytes(), bytesOf(100, 1));
  assert.equal(response.headers.get("content-disposition"), contentDisposition);
  assert.equal(response.headers.get("content-type"), "text/html");
  const changed = [
    link.replace("/k?", "/l?"),
    link.replace("attachment", "inline"),
    link.replace("=60", "=600"),
  ];
  for (const url of changed) {
    const refused = await fetch(url);
    await refused.body?.cancel();
    assert.equal(refused.status, 403, url);
  }
  assert.deepEqual(await read(store, "k", 0, 100), bytesOf(100, 1));
});
