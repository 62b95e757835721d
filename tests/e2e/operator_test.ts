import assert from "node:assert/strict";
import { join } from "node:path";
import { STEP_MS, totpCode } from "../../auth/totp.ts";
import { SETTINGS } from "../../modes/settings.ts";
import { allCommandFlags, COMMAND_NAMES, entryOf } from "../../modes/commands/table.ts";
import { commandHelp } from "../../modes/help.ts";
import { runHere as run } from "../support/command.ts";
import { hasCode, rest } from "../support/people.ts";
import { commandOf, startProcess, tempFolder } from "../support/server.ts";

/** The operator's commands on accounts, tokens and the schema, and what shells are told of them. */

Deno.test("accounts and tokens at the command line, beside the running server; each act in the audit log", async () => {
  using folder = tempFolder();
  await using server = await startProcess({ dataDir: folder.path });
  const { url } = server;
  const place = ["--data-dir", folder.path];
  const good = async (args: string[], input?: string) => {
    const ran = await run([...args, ...place], input);
    assert.equal(ran.code, 0, `${args}: ${ran.stderr}`);
    assert.doesNotMatch(ran.stdout + ran.stderr, /correct horse/);
    return ran.stdout;
  };
  const refused = async (said: RegExp, args: string[], input?: string) => {
    const ran = await run([...args, ...place], input);
    assert.deepEqual([ran.code, ran.stdout], [2, ""], ran.stderr);
    assert.match(ran.stderr, said);
  };
  const login = (username: string, password: string) => rest(url, "auth.login", { username, password });

  assert.match(
    await good(["user", "create", "admin", "--admin", "--display-name", "The boss"], "correct horse 1\n"),
    /is an admin/,
  );
  await refused(/taken/, ["user", "create", "ADMIN"], "correct horse 1");
  await refused(/not good.*8 to 256/, ["user", "create", "ann"], "short");
  await refused(/takes NAME/, ["user", "create"], "correct horse 1");
  await good(["user", "create", "ann"], "correct horse 2");
  const [boss, ann] = [await login("admin", "correct horse 1"), await login("ann", "correct horse 2")];
  assert.deepEqual([boss.user.displayName, (await rest(url, "user.me", {}, boss.accessToken)).role], [
    "The boss",
    "admin",
  ]);

  const access = (await good(["token", "new", "admin"])).trim();
  await rest(url, "admin.users", {}, access);
  assert.match(await good(["token", "inspect"], access), /role +admin[\s\S]*good +true/);
  const forged = await run(
    ["token", "inspect", "--json", ...place],
    access.replace(/.{43}$/, "A".repeat(43)),
  );
  assert.deepEqual([forged.code, JSON.parse(forged.stdout).good], [1, false]);
  assert.match(JSON.parse(forged.stdout).because, /signature is wrong/);
  assert.match((await run(["token", "inspect", ...place], "x.y")).stdout, /not the form of any token/);
  assert.match(await good(["token", "inspect"], ann.refreshToken), /its session runs/);
  const bot = (await good(["token", "bot", "ann", "annbot", "--scopes", "messages:write"])).trim();
  assert.match(await good(["token", "inspect"], bot), /messages:write/);
  await refused(/--scopes all is none/, ["token", "bot", "ann", "annbot", "--scopes", "all"]);
  assert.equal((await rest(url, "bot.list", {}, ann.accessToken)).bots.length, 1);

  assert.match(await good(["user", "reset", "Ann"], "correct horse 3"), /one session ended/);
  await assert.rejects(login("ann", "correct horse 2"), hasCode("invalid_credentials"));
  await assert.rejects(rest(url, "user.me", {}, ann.accessToken), hasCode("session_ended"));
  const ended = await run(["token", "inspect", ...place], ann.accessToken);
  assert.match(ended.stdout, /its session has ended/);
  const again = await login("ann", "correct horse 3");
  assert.match(await good(["user", "disable", "ann"]), /2 sessions ended/);
  await assert.rejects(rest(url, "user.me", {}, again.accessToken), hasCode("session_ended"));
  await assert.rejects(login("ann", "correct horse 3"), hasCode("account_disabled"));
  assert.equal(JSON.parse(await good(["user", "show", "ann", "--json"])).isDisabled, true);
  await good(["user", "enable", "ann"]);
  const link = await good(["user", "reset", "ann", "--link", "--public-url", "https://chat.example.org"]);
  const token = /^https:\/\/chat\.example\.org\/reset#([\w-]{43})\n$/.exec(link)![1];
  await assert.rejects(login("ann", "correct horse 3"), hasCode("invalid_credentials"));
  await rest(url, "auth.resetPassword", { token, password: "correct horse 3" });
  await good(["user", "role", "ann", "admin"]);
  const third = await login("ann", "correct horse 3");
  assert.equal((await rest(url, "user.me", {}, third.accessToken)).role, "admin");
  await refused(/nobody is called nobody/, ["user", "disable", "nobody"]);

  const { secret } = await rest(
    url,
    "user.startTotp",
    { password: "correct horse 3" },
    third.accessToken,
  );
  const code = await totpCode(secret, Math.floor(Date.now() / STEP_MS) - 1);
  await rest(url, "user.confirmTotp", { code }, third.accessToken);
  await good(["user", "reset", "ann"], "correct horse 4");
  await assert.rejects(login("ann", "correct horse 4"), hasCode("second_factor_required"));
  const lost = await run(["user", "reset", "ann", "--second-factor", ...place], "correct horse 4");
  assert.match(lost.stderr, /ann has no second factor any more/);
  await login("ann", "correct horse 4");

  const { lines } = await rest(url, "admin.audit", { limit: 20 }, access);
  const acts = lines.filter(({ adminId }) => adminId === null).map(({ act, address }) => `${act} ${address}`);
  assert.deepEqual(acts, [
    "admin.resetPassword command line",
    "admin.removeTotp command line",
    "admin.resetPassword command line",
    "admin.setRole command line",
    "admin.resetPassword command line",
    "admin.enable command line",
    "admin.disable command line",
    "admin.resetPassword command line",
    "operator.createUser command line",
    "operator.createUser command line",
  ]);

  const status = await run(["migrate", "status", ...place]);
  assert.deepEqual([status.code, status.stderr], [0, ""]);
  assert.match(status.stdout, /made +0001_first/);
  assert.match(await good(["migrate", "up"]), /has this program's schema already/);
});

Deno.test("each command has a help; a flag of another, a word too many or too few is refused", async () => {
  for (const name of COMMAND_NAMES) {
    const help = commandHelp(name.split(" "))!;
    assert.ok(help.startsWith(`imserver ${name}: ${entryOf(name).summary}`));
    for (const { flag } of entryOf(name).flags ?? []) assert.ok(help.includes(`--${flag}`));
  }
  // A flag of several commands is read before it is known which is meant.
  const shapes = Map.groupBy(allCommandFlags(), ({ flag }) => flag);
  for (const [flag, all] of shapes) {
    assert.equal(new Set(all.map(({ shape }) => Boolean(shape))).size, 1, flag);
  }
  const settings = Object.values(SETTINGS).map(({ flag }): string => flag);
  assert.deepEqual([...shapes.keys()].filter((flag) => settings.includes(flag)), []);
  const refused = async (said: RegExp, ...args: string[]) => {
    const { code, stdout, stderr } = await run(args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, said);
  };
  await refused(/--json is not a flag of imserver keys new;/, "keys", "new", "--json");
  await refused(/--json is not a flag of imserver;/, "--json");
  await refused(/takes no more words/, "keys", "new", "now");
  await refused(/takes NAME/, "user", "create");
});

Deno.test("the program as it is: a password on standard input, and what a person sees", async () => {
  using folder = tempFolder();
  const at = ["--data-dir", folder.path];
  {
    await using _ = await startProcess({ dataDir: folder.path });
  }
  const [command, ...before] = commandOf("dist");
  const child = new Deno.Command(command, {
    args: [...before, "user", "create", "ann", ...at],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("correct horse 1\n"));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  assert.deepEqual([code, new TextDecoder().decode(stderr)], [0, ""]);
  assert.match(new TextDecoder().decode(stdout), /^ann has an account \(id \d+\)\n$/);
});

Deno.test("bash completes commands, flags, choices and files", async () => {
  using folder = tempFolder();
  const script = join(folder.path, "completions");
  const bash = await run(["completions", "bash"]);
  await Deno.writeTextFile(script, bash.stdout);
  /** What is offered for the last of these words. */
  const offered = async (...words: string[]): Promise<string[]> => {
    const line = ["imserver", ...words].map((word) => `'${word}'`).join(" ");
    const code =
      `source ${script}; COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _imserver; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", code],
      cwd: folder.path,
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).split("\n").filter(Boolean).sort();
  };
  const known = await new Deno.Command("bash", { args: ["-c", `source ${script}; complete -p imserver`] })
    .output();
  assert.match(new TextDecoder().decode(known.stdout), /-F _imserver imserver/);
  const firsts = [...new Set(COMMAND_NAMES.map((name) => name.split(" ")[0]))].sort();
  assert.deepEqual(await offered(""), firsts);
  assert.deepEqual(await offered("ke"), ["keys"]);
  assert.deepEqual(await offered("keys", ""), ["new", "rotate"]);
  assert.deepEqual(await offered("--port", "1", "user", "cr"), ["create"]);
  assert.deepEqual(await offered("--mode", ""), ["both", "dbproxy", "gateway"]);
  assert.deepEqual(await offered("move", "--fr"), ["--friend-request-days", "--from"]);
  assert.deepEqual(await offered("doctor", "--js"), ["--json"]);
  assert.deepEqual(await offered("--js"), []);
  assert.deepEqual(await offered("--config", "comp"), ["completions"]);
  assert.deepEqual(await offered("backup", "comp"), ["completions"]);
  assert.deepEqual(await offered("completions", "z"), ["zsh"]);
  for (const shell of ["zsh", "fish"]) {
    const { stdout } = await run(["completions", shell]);
    for (const word of [...firsts, "rotate", "data-dir", "replace"]) {
      assert.ok(stdout.includes(word), `${shell} ${word}`);
    }
  }
});
