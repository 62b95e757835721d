import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { watchFiles } from "./watch_files.ts";

Deno.test("watch files: what changed since the caller read them is taken at first, a failure is told and passes", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "file");
  const [taken, told]: [string[], string[]] = [[], []];
  const log = { info: (said: string) => void told.push(said), warn: (said: string) => void told.push(said) };
  const onChange = async () => {
    const text = await Deno.readTextFile(path);
    if (text === "bad") throw new Error("not that");
    taken.push(text);
  };
  await Deno.writeTextFile(path, "changed while it started");
  const end = await watchFiles([path], { what: "words", onChange, log, everyMs: 10 });
  try {
    assert.deepEqual([taken, told], [["changed while it started"], []]);
    for (const [index, text] of ["bad", "good again"].entries()) {
      await Deno.writeTextFile(join(folder, "next"), text);
      await Deno.rename(join(folder, "next"), path);
      for (let waits = 0; told.length <= index && waits < 1_000; waits++) await delay(10);
    }
    assert.deepEqual(taken.slice(1), ["good again"]);
    assert.deepEqual(told, [
      "words changed and cannot be used; what was in use stays",
      "words taken into use anew",
    ]);
  } finally {
    end();
    await Deno.remove(folder, { recursive: true });
  }
});
