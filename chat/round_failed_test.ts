import assert from "node:assert/strict";
import { ImError } from "../wire/errors.ts";
import { logFailedRound } from "./round_failed.ts";

Deno.test("a round that failed alarms only if it is not Data that is away", () => {
  const lines: string[] = [];
  const note = (level: string) => (message: string, fields = {}) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log = { debug: note("debug"), warn: note("warn") };
  logFailedRound(log, "it failed", new ImError("unavailable", "away"));
  logFailedRound(log, "it failed", new ImError("overloaded", "busy"));
  logFailedRound(log, "it failed", new TypeError("a bug"), { id: 7 });
  logFailedRound(log, "it failed", new ImError("internal", "broken"));
  assert.deepEqual(lines, [
    'debug it failed {"error":"ImError: away"}',
    'debug it failed {"error":"ImError: busy"}',
    'warn it failed {"id":7,"error":"TypeError: a bug"}',
    'warn it failed {"error":"ImError: broken"}',
  ]);
});
