import assert from "node:assert/strict";
import { type ErrorCode, ERRORS } from "../wire/errors.ts";
import { createFiles } from "./files.ts";

const CALLER = { userId: 1, sessionId: 1, role: "user" as const };

Deno.test("files: a server without a place for them says so to every file operation, and that repeating is no use", async () => {
  const calls: string[] = [];
  const data = new Proxy({}, { get: (_, name) => calls.push(String(name)) });
  const handlers = createFiles({ data, blobs: null, maxFileBytes: 1, fileQuotaBytes: 0 } as never);
  const names = Object.keys(handlers) as (keyof typeof handlers)[];
  assert.equal(names.length, 8);
  for (const name of names) {
    // More than may be, and an id that nobody has: neither is looked at.
    const input = { fileId: "1", offset: 0, name: "a", size: 100, mime: "a/b", purpose: "message" };
    const ask = handlers[name] as (...args: unknown[]) => Promise<unknown>;
    await assert.rejects(ask(CALLER, input, []), { code: "files_off" }, name);
  }
  assert.deepEqual(calls, [], "the database is not asked");
  const code: ErrorCode = "files_off";
  assert.deepEqual([ERRORS[code].status, ERRORS[code].advice], [501, "stop"]);
});
