import assert from "node:assert/strict";
import { permissions } from "./permissions.ts";
import { shellQuote } from "./pack.ts";

type Task = string | { command?: string };

const { tasks }: { tasks: Record<string, Task> } = JSON.parse(
  await Deno.readTextFile(new URL("../deno.json", import.meta.url)),
);
const command = (task: Task) => typeof task === "string" ? task : task.command ?? "";

for (const name of ["start", "dev"]) {
  Deno.test(`permissions: \`deno task ${name}\` gives the server exactly the list`, () => {
    const [before, after] = command(tasks[name]).split(/ main\.ts$/);
    assert.equal(after, "", "it ends with the server, so that flags reach it");
    const given = before.replace(/^deno run( --watch)?( --quiet)? /, "");
    assert.equal(given, permissions.map(shellQuote).join(" "));
  });
}

Deno.test("permissions: nothing that runs the server may do everything", () => {
  for (const [name, task] of Object.entries(tasks)) {
    if (!/\bmain\.ts\b/.test(command(task).replaceAll("bench/main.ts", ""))) continue;
    assert.doesNotMatch(command(task), /\s(-A|--allow-all|--allow-run|--allow-ffi)\b/, name);
  }
  const risky = permissions.filter((flag) => /^(-A|--allow-(all|run|ffi|import))/.test(flag));
  assert.deepEqual(risky, []);
});
