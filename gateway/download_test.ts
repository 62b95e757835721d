import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import type { Download } from "../chat/download.ts";
import { silent } from "../kit/log.ts";
import { fileName, respond } from "./download.ts";

const TEXT = "0123456789";

const file = (over: Partial<Download> = {}): Download => ({
  type: "image/png",
  name: "a.png",
  inline: true,
  size: TEXT.length,
  tag: "t1",
  async *read(from, to) {
    for (const char of TEXT.slice(from, to)) yield await Promise.resolve(new TextEncoder().encode(char));
  },
  ...over,
});

async function ask(download: Download, headers: Record<string, string> = {}, method = "GET") {
  const cut: string[] = [];
  const request = { method, headers, socket: { destroy: () => cut.push("cut") } };
  return { response: await respond(download, request as unknown as IncomingMessage, silent), cut };
}

type Row = [
  name: string,
  headers: Record<string, string>,
  method: string,
  status: number,
  body: string,
  range: string | null,
];
const requests: Row[] = [
  ["the whole", {}, "GET", 200, TEXT, null],
  ["a part", { range: "bytes=2-4" }, "GET", 206, "234", "bytes 2-4/10"],
  ["the end", { range: "bytes=-3" }, "GET", 206, "789", "bytes 7-9/10"],
  ["beyond the end", { range: "bytes=10-" }, "GET", 416, "", "bytes */10"],
  ["several ranges", { range: "bytes=0-1,3-4" }, "GET", 200, TEXT, null],
  ["a part of the same bytes", { range: "bytes=2-4", "if-range": '"t1"' }, "GET", 206, "234", "bytes 2-4/10"],
  ["a part of other bytes", { range: "bytes=2-4", "if-range": '"t0"' }, "GET", 200, TEXT, null],
  ["a part by a weak tag", { range: "bytes=2-4", "if-range": 'W/"t1"' }, "GET", 200, TEXT, null],
  [
    "a part by a date",
    { range: "bytes=2-4", "if-range": "Wed, 21 Oct 2015 07:28:00 GMT" },
    "GET",
    200,
    TEXT,
    null,
  ],
  ["not modified", { "if-none-match": '"t0", W/"t1"' }, "GET", 304, "", null],
  ["any", { "if-none-match": "*" }, "GET", 304, "", null],
  ["not modified before a range", { "if-none-match": '"t1"', range: "bytes=99-" }, "GET", 304, "", null],
  ["modified", { "if-none-match": '"t0"' }, "GET", 200, TEXT, null],
  ["the head", {}, "HEAD", 200, "", null],
  ["the head has no ranges", { range: "bytes=2-4" }, "HEAD", 200, "", null],
];
for (const [name, headers, method, status, body, range] of requests) {
  Deno.test(`${method} for ${name} is ${status}`, async () => {
    const { response } = await ask(file(), headers, method);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("content-range"), range);
    if (status < 300) {
      const length = method === "HEAD" ? TEXT.length : body.length;
      assert.equal(response.headers.get("content-length"), String(length));
    }
    if (status !== 416) assert.equal(await response.text(), body);
  });
}

Deno.test("of bytes that are made on the way, neither a length nor a range is promised", async () => {
  const { response } = await ask(file({ size: undefined, tag: undefined }), { range: "bytes=2-4" });
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("accept-ranges"), "none");
  assert.equal(response.headers.get("cache-control"), "no-store");
  assert.equal(await response.text(), TEXT);
});

const types: [type: string, inline: boolean, disposition: string][] = [
  ["image/png", true, "inline"],
  ["image/png", false, "attachment"],
  ["video/mp4", true, "inline"],
  ["image/svg+xml", true, "attachment"],
  ["text/html", true, "attachment"],
  ["application/xml", true, "attachment"],
  ["application/pdf", true, "attachment"],
  ["text/plain", true, "attachment"],
];
for (const [type, inline, disposition] of types) {
  Deno.test(`${type}, ${inline ? "to be shown" : "to be saved"}, is sent as ${disposition}`, async () => {
    const { headers } = (await ask(file({ type, inline }))).response;
    assert.equal(headers.get("content-disposition")?.split(";")[0], disposition);
    assert.equal(headers.get("content-type"), type);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("content-security-policy"), "sandbox; default-src 'none'");
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
  });
}

const names: [name: string, expected: string][] = [
  ["a b.txt", `filename="a b.txt"; filename*=UTF-8''a%20b.txt`],
  ["你好.png", `filename="__.png"; filename*=UTF-8''%E4%BD%A0%E5%A5%BD.png`],
  [
    'a"; filename="evil.html',
    `filename="a_; filename=_evil.html"; filename*=UTF-8''a%22%3B%20filename%3D%22evil.html`,
  ],
  ["a\r\nset-cookie: x=1", `filename="a__set-cookie: x=1"; filename*=UTF-8''a%0D%0Aset-cookie%3A%20x%3D1`],
  ["../../etc/passwd", `filename=".._.._etc_passwd"; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd`],
  ["it's (1)*.txt", `filename="it's (1)*.txt"; filename*=UTF-8''it%27s%20%281%29%2A.txt`],
  ["100%.txt", `filename="100_.txt"; filename*=UTF-8''100%25.txt`],
];
for (const [name, expected] of names) {
  Deno.test(`the name ${JSON.stringify(name)} stays one name`, () => assert.equal(fileName(name), expected));
}

Deno.test("a source that fails cuts the connection: half a file must not look whole", async () => {
  const { response, cut } = await ask(file({
    async *read() {
      yield await Promise.resolve(new Uint8Array(1));
      throw new Error("the disk is gone");
    },
  }));
  await response.bytes();
  assert.deepEqual(cut, ["cut"]);
});

Deno.test("nothing is read ahead of the client, and a client that goes ends the reading", async () => {
  let [read, ended] = [0, false];
  const { response } = await ask(file({
    async *read() {
      try {
        for (;; read++) yield await Promise.resolve(new Uint8Array(1));
      } finally {
        ended = true;
      }
    },
  }));
  const reader = response.body!.getReader();
  await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(read <= 1, `${read} read`);
  await reader.cancel();
  assert.ok(ended);
});

Deno.test("where the bytes are elsewhere, the client is sent there", async () => {
  const { response } = await ask(
    file({
      link: ({ contentDisposition }) => Promise.resolve(`https://s3.example/b/k?d=${contentDisposition}`),
    }),
  );
  assert.equal(response.status, 302);
  assert.equal(response.headers.get("location"), `https://s3.example/b/k?d=inline; ${fileName("a.png")}`);
  assert.equal(response.headers.get("cache-control"), "private, no-cache");
});
