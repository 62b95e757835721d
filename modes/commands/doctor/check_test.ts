import assert from "node:assert/strict";
import { UsageError } from "../../config.ts";
import { fault, ok, runChecks, warning } from "./check.ts";
import { judgeClock } from "./clock.ts";
import { judgeOpenFiles, judgeSpace } from "./places.ts";
import { tell } from "./tell.ts";

Deno.test("checks run at once, each with its time limit, and answer in their order", async () => {
  const waiting = Promise.withResolvers<never>();
  const findings = await runChecks([
    { name: "hangs", look: () => waiting.promise },
    { name: "throws", look: () => Promise.reject(new UsageError("--port is taken; choose another")) },
    { name: "breaks", look: () => Promise.reject(new TypeError("x is not a function\nat y")) },
    { name: "two", look: () => Promise.resolve([ok("good"), warning("odd", "mend it")]) },
  ], 10);
  assert.deepEqual(findings.map(({ check, state }) => [check, state]), [
    ["hangs", "fault"],
    ["throws", "fault"],
    ["breaks", "fault"],
    ["two", "ok"],
    ["two", "warning"],
  ]);
  assert.match(findings[0].found, /^no answer within/);
  assert.deepEqual([findings[1].found, findings[1].remedy], ["--port is taken", "choose another"]);
  assert.equal(findings[2].found, "x is not a function");
});

Deno.test("a table for people: each finding with its remedy beneath, and a sum", () => {
  const text = tell([
    { check: "one", ...ok("good") },
    { check: "second", ...fault(`bad ${"word ".repeat(40)}`, "do this") },
    { check: "second", ...ok("good, too") },
  ]);
  assert.match(text, /^ok {7}one {5}good\nFAULT {4}second {2}bad word/);
  assert.match(text, /\n {17}-> do this\nok {15}good, too\n\n1 fault, 0 warnings\.\n$/);
  assert.ok(text.split("\n").every((line) => line.length <= 120), text);
});

Deno.test("how far clocks may differ, how much room and how many files there must be", () => {
  const clock = (skewMs: number, skewErrorMs = 5) => judgeClock("its clock", { skewMs, skewErrorMs }).state;
  assert.deepEqual([clock(900), clock(-5_000), clock(61_000), clock(-3_600_000)], [
    "ok",
    "warning",
    "fault",
    "fault",
  ]);
  assert.equal(clock(5_000, 4_000), "ok", "what took long to ask is not known so well");
  assert.match(judgeClock("its clock", { skewMs: -5_000, skewErrorMs: 0 }).found, /5\.0 s behind/);
  const space = (bytes: number) => judgeSpace("/d", bytes).state;
  assert.deepEqual([space(1e6), space(1e9), space(1e11)], ["fault", "warning", "ok"]);
  const files = (count: number) => judgeOpenFiles(count).state;
  assert.deepEqual([files(256), files(4_096), files(10_000)], ["fault", "warning", "ok"]);
});
