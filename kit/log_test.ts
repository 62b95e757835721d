import assert from "node:assert/strict";
import { createLogger, type Level } from "./log.ts";

function setUp(format: "text" | "json", level: Level = "debug") {
  const lines: string[] = [];
  const log = createLogger({
    format,
    level,
    now: () => 1_800_000_000_000,
    write: (line) => lines.push(line),
  });
  return { lines, log };
}

Deno.test("log: one line for people, values in quotes where they need it", () => {
  const { lines, log } = setUp("text");
  log.info("listening", { host: "::1", port: 80, tls: false, none: undefined, path: "/a b", empty: "" });
  assert.deepEqual(lines, [
    '2027-01-15T08:00:00.000Z info  listening host=::1 port=80 tls=false path="/a b" empty=',
  ]);
});

Deno.test("log: one JSON object for machines", () => {
  const { lines, log } = setUp("json");
  log.error("broke", { why: 'a "b"\n', count: 2 });
  assert.deepEqual(JSON.parse(lines[0]), {
    time: "2027-01-15T08:00:00.000Z",
    level: "error",
    message: "broke",
    why: 'a "b"\n',
    count: 2,
  });
});

Deno.test("log: what a client chose never begins a line of its own", () => {
  for (const format of ["text", "json"] as const) {
    const { lines, log } = setUp(format);
    for (const end of ["\n", "\r", "\r\n", "\u2028", "\u2029"]) {
      log.warn(`a${end}forged`, { name: `x${end}2027-01-15T08:00:00.000Z info  forged` });
    }
    assert.equal(lines.length, 5);
    for (const line of lines) assert.ok(!/[\r\n]/.test(line), line);
  }
});

Deno.test("log: below the level nothing is written", () => {
  for (const [level, expected] of [["debug", 4], ["info", 3], ["warn", 2], ["error", 1]] as const) {
    const { lines, log } = setUp("text", level);
    for (const at of ["debug", "info", "warn", "error"] as const) log[at]("x");
    assert.equal(lines.length, expected);
  }
});
