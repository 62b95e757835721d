import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { createLogger, silent } from "../kit/log.ts";
import { Parts, runUntilSignal } from "./run.ts";

/** Signals sent by hand, and a run that notes which parts stop. */
function begin(start: (parts: Parts, stopped: string[]) => Promise<void>, stopDeadlineMs?: number) {
  const stopped: string[] = [];
  const heard: Deno.Signal[] = [];
  const waiting: ((signal: Deno.Signal) => void)[] = [];
  const next = () =>
    heard.length > 0
      ? Promise.resolve(heard.shift()!)
      : new Promise<Deno.Signal>((resolve) => waiting.push(resolve));
  const send = (signal: Deno.Signal) => {
    const first = waiting.shift();
    if (first) first(signal);
    else heard.push(signal);
  };
  const done = runUntilSignal({
    signals: { next },
    log: silent,
    start: (parts) => start(parts, stopped),
    stopDeadlineMs,
  });
  return { send, stopped, done };
}

const never = new Promise<void>(() => {});

Deno.test("on a signal the parts stop, the last one first, each after the one before; the exit code is 0", async () => {
  const { send, stopped, done } = begin((parts, stopped) => {
    parts.add("one", () => void stopped.push("one"));
    parts.add("two", async () => {
      await setImmediate();
      stopped.push("two");
    });
    return Promise.resolve();
  });
  await setImmediate();
  assert.deepEqual(stopped, []);
  send("SIGINT");
  assert.equal(await done, 0);
  assert.deepEqual(stopped, ["two", "one"]);
});

Deno.test("a part that cannot stop does not keep the others, and is in the log", async () => {
  const lines: string[] = [];
  const parts = new Parts();
  let stopped = false;
  parts.add("good", () => void (stopped = true));
  parts.add("bad", () => Promise.reject(new Error("stuck")));
  await parts.stop(createLogger({ format: "text", level: "info", write: (line) => lines.push(line) }));
  assert.ok(stopped);
  assert.match(lines[0], /error a part did not stop cleanly part=bad error="Error: stuck"/);
});

Deno.test("a second signal, or the deadline, cuts the stopping short; the exit code is 1", async () => {
  const stuck = (parts: Parts) => Promise.resolve(parts.add("stuck", () => never));
  const second = begin(stuck);
  second.send("SIGTERM");
  await setImmediate();
  second.send("SIGTERM");
  assert.equal(await second.done, 1);
  const late = begin(stuck, 10);
  late.send("SIGTERM");
  assert.equal(await late.done, 1);
});

Deno.test("when a part cannot start, those before it are stopped, and the error is passed on", async () => {
  const { stopped, done } = begin((parts, stopped) => {
    parts.add("first", () => void stopped.push("first"));
    return Promise.reject(new Error("no second"));
  });
  await assert.rejects(done, /no second/);
  assert.deepEqual(stopped, ["first"]);
});

Deno.test("a signal while the parts start stops those that have", async () => {
  const { send, stopped, done } = begin((parts, stopped) => {
    parts.add("first", () => void stopped.push("first"));
    return never;
  });
  send("SIGTERM");
  assert.equal(await done, 0);
  assert.deepEqual(stopped, ["first"]);
});
