import assert from "node:assert/strict";
import type { ErrorCode } from "../wire/errors.ts";
import { ImError } from "../wire/errors.ts";
import { MAX_BODY_BYTES, readJson } from "./read_json.ts";

const post = (body: BodyInit | null, type = "application/json") =>
  readJson(new Request("http://im/", { method: "POST", body, headers: { "content-type": type } }));

const refuses = (code: ErrorCode) => (error: unknown) => error instanceof ImError && error.code === code;

Deno.test("an object is read, whatever the case and the parameters of its type; nothing is an empty one", async () => {
  assert.deepEqual(await post('{"a":"你"}', "Application/JSON; charset=utf-8"), { a: "你" });
  assert.deepEqual(await post(null), {});
  assert.deepEqual(await post("", "text/plain"), {});
  const full = JSON.stringify({ a: "x" }).padEnd(MAX_BODY_BYTES);
  assert.deepEqual(await post(full), { a: "x" });
});

const wrong: [string, BodyInit, ErrorCode, string?][] = [
  ["no JSON", "{", "parse_error"],
  ["no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "parse_error"],
  ["an array", "[]", "invalid_request"],
  ["another type", "{}", "unsupported_media_type", "text/json"],
  ["too much", " ".repeat(MAX_BODY_BYTES + 1), "too_large"],
];
for (const [name, body, code, type] of wrong) {
  Deno.test(`${name} is ${code}`, () => assert.rejects(post(body, type), refuses(code)));
}

Deno.test("a stream is read no further than the limit, and one that breaks off is the client's fault", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(64 * 1024));
    },
  });
  await assert.rejects(post(endless), refuses("too_large"));
  assert.ok(pulled <= 7, `${pulled} pieces`);
  const broken = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("aborted")),
  });
  await assert.rejects(post(broken), refuses("invalid_request"));
});
