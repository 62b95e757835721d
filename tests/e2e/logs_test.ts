import assert from "node:assert/strict";
import { hasCode, register, rest } from "../support/people.ts";
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

Deno.test("logs: who gets in and who is refused leaves a line with address and account, and no name that was tried", async () => {
  using data = tempFolder();
  await using server = await startProcess({ dataDir: data.path, args: ["--log-format=json"] });
  const { url } = server;
  const person = await register(url);
  const { username, id: userId } = person;
  const tried = "hunter2-typed-into-the-wrong-field";
  const wrong = hasCode("invalid_credentials");
  await assert.rejects(rest(url, "auth.login", { username, password: "wrong password" }), wrong);
  await assert.rejects(rest(url, "auth.login", { username: tried, password: "wrong password" }), wrong);
  const { refreshToken } = await rest(url, "auth.login", { username, password: "correct horse battery" });
  await rest(url, "auth.refresh", { refreshToken });
  await assert.rejects(rest(url, "auth.refresh", { refreshToken }), hasCode("refresh_reused"));
  await assert.rejects(rest(url, "admin.users", {}, person.accessToken), hasCode("forbidden"));
  await rest(url, "auth.logout", {}, person.accessToken);
  const lines = server.stdout().trim().split("\n").map((line) => JSON.parse(line));
  const shown = lines.filter(({ message }) => /^(auth|admin)\./.test(message));
  assert.deepEqual(
    shown.map(({ level, message, because, userId }) => [level, message, because, String(userId)]),
    [
      ["info", "auth.register", undefined, userId],
      ["info", "auth.login refused", "invalid_credentials", userId],
      ["info", "auth.login refused", "invalid_credentials", "undefined"],
      ["info", "auth.login", undefined, userId],
      ["info", "auth.refresh refused", "refresh_reused", userId],
      ["info", "admin.users refused", "forbidden", userId],
      ["info", "auth.logout", undefined, userId],
    ],
  );
  assert.ok(shown.every(({ address }) => address === "127.0.0.1"));
  assert.ok(!server.stdout().includes(tried));
});
