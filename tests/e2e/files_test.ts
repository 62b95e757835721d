import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  createFile,
  fileContent,
  getFile,
  imageContent,
  PIXEL,
  putBytes,
  uploadFile,
} from "../support/files.ts";
import { type Person, register, rest, Wire } from "../support/people.ts";
import { type Server, startServer, tempFolder } from "../support/server.ts";

/** Files through both doors of a real server. */

let server: Server;
let data: ReturnType<typeof tempFolder>;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({
    dataDir: data.path,
    args: ["--rate-limit-scale=0", "--max-file-size=20MB", "--file-quota=60MB"],
  });
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const text = (words: string) => new TextEncoder().encode(words);

function random(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
  return bytes;
}

async function people(count: number): Promise<Person[]> {
  return await Promise.all(Array.from({ length: count }, () => register(server.url)));
}

async function direct(one: Person, other: Person): Promise<string> {
  return (await rest(server.url, "conversation.openDirect", { userId: other.id }, one.accessToken)).id;
}

let sends = 0;
const send = (person: Person, conversationId: string, content: ReturnType<typeof fileContent>) =>
  rest(
    server.url,
    "message.send",
    { conversationId, clientId: `f${sends++}`, content },
    person.accessToken,
  );

const refused = (code: string) => (error: unknown) => (error as { code?: string }).code === code;
const statusOf = async (person: Person, path: string) => {
  const response = await getFile(server.url, person, path);
  await response.body?.cancel();
  return response.status;
};

Deno.test("a file goes up in pieces, and comes down as it went, whole and in parts", async () => {
  const [ann, bob] = await people(2);
  const { url } = server;
  const bytes = random(3 * 1024 * 1024 + 17);
  const { id } = await createFile(url, ann, bytes.length, { name: "数据 1.bin" });
  let at = 0;
  while (at < bytes.length) {
    // Pieces that are no whole parts: what is over is sent again.
    at = await putBytes(url, ann, id, at, bytes.slice(at, at + 1_500_000));
    const upload = await rest(url, "file.upload", { fileId: id }, ann.accessToken);
    assert.equal(upload.offset, at);
  }
  const file = await rest(url, "file.complete", { fileId: id, sha256: sha256(bytes) }, ann.accessToken);
  assert.equal(file.sha256, sha256(bytes));
  assert.deepEqual(await rest(url, "file.complete", { fileId: id }, ann.accessToken), file);

  await send(ann, await direct(ann, bob), fileContent(file));
  const whole = await getFile(url, bob, file.url);
  assert.deepEqual(await whole.bytes(), bytes);
  assert.equal(whole.headers.get("content-length"), String(bytes.length));
  assert.equal(
    whole.headers.get("content-disposition"),
    `attachment; filename="__ 1.bin"; filename*=UTF-8''%E6%95%B0%E6%8D%AE%201.bin`,
  );
  const etag = whole.headers.get("etag")!;
  const part = await getFile(url, bob, file.url, { headers: { range: "bytes=1048570-1048580" } });
  assert.equal(part.status, 206);
  assert.deepEqual(await part.bytes(), bytes.slice(1048570, 1048581));
  const unchanged = await getFile(url, bob, file.url, { headers: { "if-none-match": etag } });
  assert.equal(unchanged.status, 304);
  const beyond = await getFile(url, bob, file.url, { headers: { range: `bytes=${bytes.length}-` } });
  assert.equal(beyond.status, 416);
  assert.equal((await beyond.json()).code, "range_not_satisfiable");
  const head = await getFile(url, bob, file.url, { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), String(bytes.length));
  assert.equal((await head.bytes()).length, 0);
});

Deno.test("a cut upload keeps its parts, and is continued", async () => {
  const [ann] = await people(1);
  const { url } = server;
  const bytes = random(4 * 1024 * 1024);
  const { id } = await createFile(url, ann, bytes.length);
  const cut = new AbortController();
  const dribble = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes.slice(0, 2_500_000)),
  });
  const sending = assert.rejects(putBytes(url, ann, id, 0, dribble, cut.signal));
  const stands = async () => (await rest(url, "file.upload", { fileId: id }, ann.accessToken)).offset;
  while (await stands() < 2 * 1024 * 1024) await new Promise((resolve) => setTimeout(resolve, 20));
  cut.abort();
  await sending;
  const offset = await stands();
  assert.equal(offset, 2 * 1024 * 1024);
  await assert.rejects(putBytes(url, ann, id, 0, bytes.slice(0, 10)), refused("conflict"));
  // Until the server has noticed that the connection is gone, the upload is somebody's.
  for (let stored = offset; stored < bytes.length;) {
    stored = await putBytes(url, ann, id, stored, bytes.slice(stored)).catch((error) => {
      assert.equal(error.code, "conflict");
      return stored;
    });
  }
  const file = await rest(url, "file.complete", { fileId: id, sha256: sha256(bytes) }, ann.accessToken);
  assert.deepEqual(await (await getFile(url, ann, file.url)).bytes(), bytes);
});

Deno.test("what a message says of a file is what the file is; no other path here is one", async () => {
  const [ann, bob] = await people(2);
  const conversation = await direct(ann, bob);
  const file = await uploadFile(server.url, ann, text("abc"), { name: "a.txt", mime: "text/plain" });
  for (const [lie, field] of [[{ size: 99 }, "size"], [{ mime: "image/png" }, "mime"]] as const) {
    await assert.rejects(
      send(ann, conversation, fileContent({ ...file, ...lie })),
      refused("invalid_params"),
      field,
    );
  }
  for (const url of ["/setup", "/api/v1/users/me", `${file.url}/thumbnail`]) {
    await assert.rejects(
      send(ann, conversation, fileContent({ ...file, url })),
      refused("invalid_params"),
      url,
    );
  }
  await send(ann, conversation, fileContent({ ...file, name: "called otherwise.txt" }));
});

Deno.test("a body with more than the file has ends nothing: it cannot be completed before the right bytes come", async () => {
  const { url } = server;
  const [ann] = await people(1);
  for (const size of [20, 1024 * 1024 + 20]) {
    const bytes = random(size);
    const { id } = await createFile(url, ann, size);
    await assert.rejects(putBytes(url, ann, id, 0, random(size + 15)), refused("too_large"));
    const { offset } = await rest(url, "file.upload", { fileId: id }, ann.accessToken);
    assert.equal(offset, size - 20, "whole parts before the last are kept");
    const complete = () => rest(url, "file.complete", { fileId: id }, ann.accessToken);
    await assert.rejects(complete(), refused("conflict"));
    await putBytes(url, ann, id, offset, bytes.slice(offset));
    assert.equal((await complete()).size, size);
  }
});

Deno.test("limits: of one file, of what is sent, of all of a user's; an empty file is one", async () => {
  const [ann] = await people(1);
  const { url } = server;
  await assert.rejects(createFile(url, ann, 20_000_001), refused("too_large"));
  await assert.rejects(createFile(url, ann, 1024 * 1024 + 1, { purpose: "avatar" }), refused("too_large"));
  const small = await createFile(url, ann, 10);
  await assert.rejects(putBytes(url, ann, small.id, 0, new Uint8Array(11)), refused("too_large"));
  await createFile(url, ann, 20_000_000);
  await createFile(url, ann, 20_000_000);
  await assert.rejects(createFile(url, ann, 20_000_000), refused("quota_exceeded"));
  const empty = await uploadFile(url, ann, new Uint8Array(), { name: "empty.txt" });
  assert.deepEqual([empty.size, empty.sha256], [0, sha256(new Uint8Array())]);
  assert.equal((await (await getFile(url, ann, empty.url)).bytes()).length, 0);
});

Deno.test("bytes that are not those of the checksum are refused, and gone", async () => {
  const [ann] = await people(1);
  const { url } = server;
  const { id } = await createFile(url, ann, 5);
  await putBytes(url, ann, id, 0, text("hello"));
  const complete = { fileId: id, sha256: sha256(text("world")) };
  await assert.rejects(rest(url, "file.complete", complete, ann.accessToken), refused("file_damaged"));
  await assert.rejects(rest(url, "file.upload", { fileId: id }, ann.accessToken), refused("file_not_found"));
});

Deno.test("the WebSocket names the route of what is made of bytes", async () => {
  const [ann] = await people(1);
  const wire = await Wire.open(server.url, ann.accessToken);
  await assert.rejects(
    wire.call("file.get", { fileId: "1" }),
    (error: Error) => /REST only: GET \/api\/v1\/files\/\{fileId\}/.test(error.message),
  );
  await wire.close();
});

/** Whatever it is called, what it is decides; and what a browser could run is saved, never shown. */
const disguises: [what: string, bytes: Uint8Array, mime: string, type: string, shown: boolean][] = [
  ["a PNG that is HTML", text("<!DOCTYPE html><script>alert(1)</script>"), "image/png", "text/html", false],
  ["an SVG with a script", text("<svg xmlns='…'><script/></svg>"), "image/png", "image/svg+xml", false],
  ["XML", text("<?xml version='1.0'?><x/>"), "image/jpeg", "application/xml", false],
  ["a PDF", text("%PDF-1.7 …"), "image/jpeg", "application/pdf", false],
  ["text", text("const x = 1;"), "text/javascript", "text/plain", false],
  ["noise called HTML", new Uint8Array([0, 1, 2, 3]), "text/html", "application/octet-stream", false],
  ["a picture called HTML", PIXEL, "text/html", "image/png", true],
  [
    "a polyglot",
    new Uint8Array([...PIXEL, ...text("<script>alert(1)</script>")]),
    "text/html",
    "image/png",
    true,
  ],
];
for (const [what, bytes, mime, type, shown] of disguises) {
  Deno.test(`${what}, sent as ${mime}, is served as ${type}, ${shown ? "to be shown" : "to be saved"}`, async () => {
    const [ann] = await people(1);
    const file = await uploadFile(server.url, ann, bytes, { mime, name: 'a".html' });
    assert.equal(file.mime, type);
    const { headers, body } = await getFile(server.url, ann, file.url);
    await body?.cancel();
    assert.equal(headers.get("content-type"), type);
    assert.equal(headers.get("content-disposition")?.split(";")[0], shown ? "inline" : "attachment");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("content-security-policy"), "sandbox; default-src 'none'");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
  });
}

Deno.test("a name cannot be a path, nor a header", async () => {
  const [ann] = await people(1);
  const file = await uploadFile(server.url, ann, text("x"), { name: "../../etc/passwd" });
  const response = await getFile(server.url, ann, file.url);
  assert.match(response.headers.get("content-disposition")!, /filename="\.\._\.\._etc_passwd"/);
  await response.body?.cancel();
  await assert.rejects(createFile(server.url, ann, 1, { name: "a\r\nx: y" }), refused("invalid_params"));
  for (const id of ["..%2f..%2fimserver.db", "0", "-1", "1e3"]) {
    const status = await statusOf(ann, `/api/v1/files/${id}`);
    assert.ok(status >= 400 && status < 500, `${id}: ${status}`);
  }
});

Deno.test("who may see the message may read the file: members then, forwards, not after a recall", async () => {
  const { url } = server;
  const [ann, bob, carl, eve] = await people(4);
  const room = await direct(ann, bob);
  const file = await uploadFile(url, ann, PIXEL, { name: "p.png" });
  await assert.rejects(send(bob, room, imageContent(file)), refused("file_not_found"));
  const { seq } = await send(ann, room, imageContent(file));
  assert.equal(await statusOf(bob, file.url), 200);
  assert.equal(await statusOf(eve, file.url), 404);
  assert.equal((await fetch(`${url}${file.url}`).then((r) => r.json())).code, "unauthenticated");

  const other = await direct(bob, carl);
  const forward = { conversationId: other, clientId: "fw", fromConversationId: room, seqs: [seq] };
  await rest(url, "message.forward", forward, bob.accessToken);
  assert.equal(await statusOf(carl, file.url), 200);
  await rest(url, "message.recall", { conversationId: room, seq }, ann.accessToken);
  assert.equal(await statusOf(carl, file.url), 200, "Bob's forward is another message");
  const sent = await rest(url, "log.read", { conversationId: other }, bob.accessToken);
  const last = sent.entries.at(-1)!.seq;
  await rest(url, "message.recall", { conversationId: other, seq: last }, bob.accessToken);
  assert.deepEqual(
    await Promise.all([bob, carl, eve, ann].map((who) => statusOf(who, file.url))),
    [404, 404, 404, 200],
  );
});

Deno.test("an avatar is a picture, and anybody's with an account to see", async () => {
  const { url } = server;
  const [ann, bob] = await people(2);
  const avatar = await uploadFile(url, ann, PIXEL, { purpose: "avatar", name: "me.png" });
  assert.equal(await statusOf(bob, avatar.url), 200);
  const disguised = uploadFile(url, ann, text("<html>"), {
    purpose: "avatar",
    name: "me.png",
    mime: "image/png",
  });
  await assert.rejects(disguised, refused("unsupported_media_type"));
});

Deno.test("equal bytes are kept once, and nobody is told so", async () => {
  const { url } = server;
  const [ann, bob] = await people(2);
  const bytes = random(100_000);
  const first = await uploadFile(url, ann, bytes);
  const { upload } = await rest(url, "file.create", { name: "b", size: bytes.length }, bob.accessToken);
  assert.equal(upload.offset, 0, "Bob sends all of it");
  const second = await uploadFile(url, bob, bytes);
  assert.notEqual(second.id, first.id);
  assert.equal(await statusOf(bob, first.url), 404);
  await rest(url, "file.delete", { fileId: first.id }, ann.accessToken);
  assert.deepEqual(await (await getFile(url, bob, second.url)).bytes(), bytes);
});
