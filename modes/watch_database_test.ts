import assert from "node:assert/strict";
import { watchDatabase } from "./watch_database.ts";

/** A log that keeps what it is told. */
function keeping() {
  const lines: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { lines, log: { info: note("info"), warn: note("warn") } };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("watch: the database goes and comes back: one line each, and every look is passed on", async () => {
  const { lines, log } = keeping();
  let away = false;
  const looks: boolean[] = [];
  const ask = () => away ? Promise.reject(new Error("no route")) : Promise.resolve();
  const stop = watchDatabase(ask, { log, onLook: (there) => looks.push(there), everyMs: 5 });
  await pause(30);
  assert.deepEqual(lines, [], "all is well, from the start on");
  away = true;
  await pause(60);
  assert.deepEqual(lines, ["warn the database is away"]);
  away = false;
  await pause(60);
  stop();
  assert.deepEqual(lines, ["warn the database is away", "info the database is back"]);
  const changes = looks.filter((there, i) => there !== looks[i - 1]);
  assert.deepEqual(changes, [true, false, true]);
  assert.ok(looks.filter((there) => !there).length > 1, "it was looked at more than once meanwhile");
});

Deno.test("watch: a look that hung and fails after a later one went well says nothing", async () => {
  const { lines, log } = keeping();
  const hung = Promise.withResolvers<void>();
  let asked = 0;
  const stop = watchDatabase(() => ++asked === 1 ? hung.promise : Promise.resolve(), { log, everyMs: 5 });
  await pause(40);
  assert.ok(asked > 1);
  hung.reject(new Error("late"));
  await pause(10);
  stop();
  assert.deepEqual(lines, []);
});
