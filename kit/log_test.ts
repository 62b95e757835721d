import assert from "node:assert/strict";
import { createLogger, type Level } from "./log.ts";
import { inTrace } from "./trace.ts";

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

Deno.test("log: a line names the trace it belongs to", () => {
  const { lines, log } = setUp("json");
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  inTrace(`00-${traceId}-b7ad6b7169203331-01`, () => log.warn("slow"));
  log.warn("slow");
  assert.equal(JSON.parse(lines[0]).traceId, traceId);
  assert.ok(!("traceId" in JSON.parse(lines[1])));
});

Deno.test("log: what repeats is limited and counted; the level changes while it runs", () => {
  const lines: string[] = [];
  let ms = 0;
  const log = createLogger({
    format: "json",
    level: "info",
    now: () => ms,
    write: (line) => lines.push(line),
  });
  for (let i = 0; i < 100; i++) log.warn("away"), log.error("other");
  assert.equal(lines.filter((line) => line.includes("away")).length, 20);
  assert.equal(lines.filter((line) => line.includes("other")).length, 20);
  ms = 10_000;
  log.warn("away");
  assert.equal(JSON.parse(lines.at(-1)!).leftOut, 80);
  log.debug("quiet");
  log.level = "debug";
  for (let i = 0; i < 30; i++) log.debug("told");
  assert.equal(lines.filter((line) => line.includes("quiet")).length, 0);
  assert.equal(lines.filter((line) => line.includes("told")).length, 30);
});
