import assert from "node:assert/strict";
import { register } from "../support/people.ts";
import { until } from "../support/processes.ts";
import { startProcess, tempFolder } from "../support/server.ts";

Deno.test("logs: SIGUSR2 makes a running server say everything, and another one makes it as it was", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--log-format=json"] });
  const lines = () => server.stdout().trim().split("\n").map((line) => JSON.parse(line));
  const levels = () => lines().filter(({ message }) => message === "log level").map(({ now }) => now);
  await register(server.url);
  assert.ok(lines().every(({ level }) => level !== "debug"));
  Deno.kill(server.pid, "SIGUSR2");
  await until("it says everything", () => levels().length === 1, 60_000);
  Deno.kill(server.pid, "SIGUSR2");
  await until("it is as it was", () => levels().length === 2, 60_000);
  assert.deepEqual(levels(), ["debug", "info"]);
});
