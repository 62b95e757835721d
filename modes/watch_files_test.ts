import assert from "node:assert/strict";
import { join } from "node:path";
import { watchFiles } from "./watch_files.ts";

Deno.test("watch files: what changed since the caller read them is taken at first, a failure is told and passes", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "file");
  const [taken, told]: [string[], string[]] = [[], []];
  const log = { info: (said: string) => void told.push(said), warn: (said: string) => void told.push(said) };
  let arrived = Promise.withResolvers<void>();
  const onChange = async () => {
    const text = await Deno.readTextFile(path);
    queueMicrotask(arrived.resolve);
    if (text === "bad") throw new Error("not that");
    taken.push(text);
  };
  await Deno.writeTextFile(path, "changed while it started");
  const end = await watchFiles([path], { what: "words", onChange, log, everyMs: 10 });
  try {
    assert.deepEqual([taken, told], [["changed while it started"], []]);
    for (const text of ["bad", "good again"]) {
      arrived = Promise.withResolvers<void>();
      await Deno.writeTextFile(join(folder, "next"), text);
      await Deno.rename(join(folder, "next"), path);
      await arrived.promise;
    }
    while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
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
