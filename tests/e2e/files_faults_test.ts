import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { residentBytes } from "../support/server.ts";
import { createFile, fileContent, getFile, PIXEL, putBytes, uploadFile } from "../support/files.ts";
import { type Person, register, rest } from "../support/people.ts";
import { startS3 } from "../support/s3.ts";
import { startProcess, tempFolder } from "../support/server.ts";

/** Files when things go wrong, when they are large, and when time passes. */

const MIB = 1024 * 1024;
const NO_LIMIT = "--rate-limit-scale=0";
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

/** Begins to send, and says when so many bytes are stored; the rest of the body never comes. */
async function stall(
  url: string,
  person: Person,
  id: string,
  bytes: Uint8Array<ArrayBuffer>,
  stored: number,
) {
  const cut = new AbortController();
  const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(bytes) });
  const sending = putBytes(url, person, id, 0, body, cut.signal).catch(() => {});
  for (;;) {
    const { offset } = await rest(url, "file.upload", { fileId: id }, person.accessToken);
    if (offset >= stored) return { cut, sending };
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const kind of ["folder", "S3"] as const) {
  Deno.test(`an upload outlives kill -9 of the server: ${kind}`, async () => {
    using data = tempFolder();
    await using s3 = startS3();
    const args = [NO_LIMIT, ...(kind === "S3" ? ["--files", s3.url] : [])];
    const bytes = bytesOf(11 * MIB + 3);
    await using first = await startProcess({ dataDir: data.path, args });
    const ann = await register(first.url);
    const { id } = await createFile(first.url, ann, bytes.length);
    const { sending } = await stall(first.url, ann, id, bytes.slice(0, 10 * MIB + 100), 10 * MIB);
    await first.stop("SIGKILL");
    await sending;

    await using second = await startProcess({ dataDir: data.path, args });
    const { offset } = await rest(second.url, "file.upload", { fileId: id }, ann.accessToken);
    assert.equal(offset, 10 * MIB);
    assert.equal(await putBytes(second.url, ann, id, offset, bytes.slice(offset)), bytes.length);
    const complete = { fileId: id, sha256: sha256(bytes) };
    const file = await rest(second.url, "file.complete", complete, ann.accessToken);
    assert.deepEqual(await (await getFile(second.url, ann, file.url)).bytes(), bytes);
    const part = await getFile(second.url, ann, file.url, { headers: { range: "bytes=-5" } });
    assert.deepEqual(await part.bytes(), bytes.slice(-5));
  });
}

Deno.test("a file that nothing refers to is swept away with its thumbnail, and one in a message is not", async () => {
  using data = tempFolder();
  const args = [NO_LIMIT, "--file-retention=2"];
  await using server = await startProcess({ dataDir: data.path, args });
  const { url } = server;
  const [ann, bob] = [await register(url), await register(url)];
  const files = async () => {
    const names: string[] = [];
    for (const folder of ["uploads", "blobs"]) {
      for await (const name of filesIn(`${data.path}/files/${folder}`)) names.push(name);
    }
    return names;
  };
  const sent = await uploadFile(url, ann, bytesOf(1000));
  const { id } = await rest(url, "conversation.openDirect", { userId: bob.id }, ann.accessToken);
  const send = (file: typeof sent, clientId: string) =>
    rest(url, "message.send", { conversationId: id, clientId, content: fileContent(file) }, ann.accessToken);
  const kept = await send(sent, "a");
  await uploadFile(url, ann, PIXEL, { name: "unsent.png" });
  const half = await createFile(url, ann, 3 * MIB);
  await putBytes(url, ann, half.id, 0, bytesOf(MIB));
  // As a crash leaves them, long ago.
  const stray = `${data.path}/files/uploads/stray-1`;
  await Deno.writeFile(stray, new Uint8Array(5));
  await Deno.utime(stray, 1, 1);
  assert.equal((await files()).length, 5, "sent, picture, thumbnail, half, stray");
  await until(async () => (await files()).length === 1);
  assert.equal((await getFile(url, bob, sent.url)).status, 200);
  await rest(url, "message.recall", { conversationId: id, seq: kept.seq }, ann.accessToken);
  await until(async () => (await files()).length === 0);
});

Deno.test("with links on, downloads go to S3, and what a page shows does not", async () => {
  using data = tempFolder();
  await using s3 = startS3();
  const args = [NO_LIMIT, "--files", s3.url, "--file-link-seconds=60"];
  await using server = await startProcess({ dataDir: data.path, args });
  const ann = await register(server.url);
  const html = await uploadFile(server.url, ann, new TextEncoder().encode("<html>"), { name: "a.html" });
  const redirect = await getFile(server.url, ann, html.url);
  assert.equal(redirect.status, 302);
  const direct = await fetch(redirect.headers.get("location")!);
  assert.equal(await direct.text(), "<html>");
  assert.match(direct.headers.get("content-disposition")!, /^attachment; filename="a\.html"/);
  const picture = await uploadFile(server.url, ann, PIXEL, { name: "p.png" });
  for (const path of [picture.url, picture.thumbnail!]) {
    const shown = await getFile(server.url, ann, path);
    assert.equal(shown.status, 200);
    await shown.body?.cancel();
  }
});

Deno.test("1 GiB up and down: the server's memory stays flat", async () => {
  using data = tempFolder();
  const args = [NO_LIMIT, "--max-file-size=2GiB"];
  await using server = await startProcess({ dataDir: data.path, args });
  const ann = await register(server.url);
  const size = 1024 * MIB;
  const piece = bytesOf(MIB);
  const warm = await uploadFile(server.url, ann, bytesOf(16 * MIB));
  await (await getFile(server.url, ann, warm.url)).body?.pipeTo(new WritableStream());
  const before = await residentBytes(server.pid);
  let peak = before;
  const watch = setInterval(async () => {
    peak = Math.max(peak, await residentBytes(server.pid).catch(() => 0));
  }, 100);
  const start = performance.now();
  const { id } = await createFile(server.url, ann, size);
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(piece.slice());
      if (++pulled === 1024) controller.close();
    },
  }, { highWaterMark: 0 });
  assert.equal(await putBytes(server.url, ann, id, 0, body), size);
  const sentMs = performance.now() - start;
  const file = await rest(server.url, "file.complete", { fileId: id }, ann.accessToken);
  const doneMs = performance.now() - start;
  let received = 0;
  for await (const chunk of (await getFile(server.url, ann, file.url)).body!) received += chunk.length;
  clearInterval(watch);
  assert.equal(received, size);
  const growth = Math.round((peak - before) / MIB);
  console.log(
    `1 GiB: up ${Math.round(sentMs)} ms, complete ${Math.round(doneMs - sentMs)} ms, down ${
      Math.round(performance.now() - start - doneMs)
    } ms; RSS ${Math.round(before / MIB)} MiB, at the most ${growth} MiB more`,
  );
  assert.ok(growth < 120, `${growth} MiB more`);
});

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile) yield name;
    else yield* filesIn(`${folder}/${name}`);
  }
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail("not within 20 seconds");
}
