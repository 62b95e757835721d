import assert from "node:assert/strict";
import { join } from "node:path";
import { VERSION } from "../../modes/version.ts";
import { hasCode, rest } from "../support/people.ts";
import { type Flavour, runProgram, spawnServer, startServer, tempFolder } from "../support/server.ts";

/** From an empty folder to a server with an admin: keys, links, files, and what is printed. */

const FLAVOURS: Flavour[] = ["source", "dist"];

Deno.test("imserver keys new prints what --key-file takes, another one each time", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "keys.json");
  const [one, two] = await Promise.all(FLAVOURS.map((flavour) => runProgram(["keys", "new"], { flavour })));
  assert.deepEqual([one.code, one.stderr, two.code, two.stderr], [0, "", 0, ""]);
  assert.notEqual(one.stdout, two.stdout);
  await Deno.writeTextFile(path, one.stdout, { mode: 0o600 });
  const dataDir = join(folder.path, "data");
  await using server = await startServer({ dataDir, args: ["--key-file", path] });
  const login = await rest(server.url, "auth.register", { username: "keyed", password: "correct horse" });
  const { kid } = JSON.parse(atob(login.accessToken!.split(".")[0]));
  assert.equal(kid, JSON.parse(one.stdout).keys[0].kid);
  assert.equal(await Deno.readTextFile(path), one.stdout);
  assert.equal(await Deno.stat(join(dataDir, "keys.json")).catch(() => null), null);
});

/** The token of the admin link in a text. */
const linkIn = (text: string) => /http:\/\/localhost:\d+\/setup#([A-Za-z0-9_-]{43})\b/.exec(text)?.[1];

Deno.test("the first run prints an admin link that works once; a second run prints none; admin-link makes another", async () => {
  using folder = tempFolder();
  const admin = { username: "admin", password: "correct horse battery" };
  let first: string | undefined;
  {
    await using server = await startServer({ dataDir: folder.path });
    first = linkIn(server.stdout());
    assert.ok(first, server.stdout());
  }
  await using server = await startServer({
    dataDir: folder.path,
    env: { IMSERVER_PUBLIC_URL: "http://localhost:1" },
  });
  assert.equal(linkIn(server.output()), undefined);

  await assert.rejects(
    rest(server.url, "auth.setup", { token: "x".repeat(43), ...admin }),
    hasCode("setup_token_invalid"),
  );
  const made = await rest(server.url, "auth.setup", { token: first, ...admin });
  const self = await rest(server.url, "user.me", {}, made.accessToken);
  assert.deepEqual([self.username, self.role], ["admin", "admin"]);
  const again = { ...admin, username: "second" };
  await assert.rejects(
    rest(server.url, "auth.setup", { token: first, ...again }),
    hasCode("setup_token_invalid"),
  );

  for (const flavour of FLAVOURS) {
    const args = ["admin-link", "--data-dir", folder.path, "--port", new URL(server.url).port];
    const { code, stdout, stderr } = await runProgram(args, { flavour });
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(
      stdout,
      new RegExp(`^http://localhost:${new URL(server.url).port}/setup#[A-Za-z0-9_-]{43}\n$`),
    );
    const token = linkIn(stdout)!;
    const username = `admin-${flavour}`;
    const login = await rest(server.url, "auth.setup", { ...admin, token, username });
    assert.equal((await rest(server.url, "user.me", {}, login.accessToken)).role, "admin");
    const third = { ...admin, token, username: `third-${flavour}` };
    await assert.rejects(rest(server.url, "auth.setup", third), hasCode("setup_token_invalid"));
  }
});

Deno.test("of two admin links only the newer one works", async () => {
  using folder = tempFolder();
  await using server = await startServer({ dataDir: folder.path });
  const older = linkIn(server.stdout())!;
  const { stdout } = await runProgram(["admin-link", "--data-dir", folder.path]);
  const admin = { username: "boss", password: "correct horse battery" };
  await assert.rejects(
    rest(server.url, "auth.setup", { token: older, ...admin }),
    hasCode("setup_token_invalid"),
  );
  await rest(server.url, "auth.setup", { token: linkIn(stdout)!, ...admin });
});

Deno.test("what the server makes is for its owner only", async () => {
  using folder = tempFolder();
  const dataDir = join(folder.path, "new");
  await using server = await startServer({ dataDir });
  await rest(server.url, "auth.register", { username: "someone", password: "correct horse" });
  const mode = (path: string) => (Deno.statSync(path).mode! & 0o777).toString(8);
  assert.equal(mode(dataDir), "700");
  const names = [...Deno.readDirSync(dataDir)].map(({ name }) => name).sort();
  const always = ["imserver.db", "imserver.db-shm", "imserver.db-wal", "imserver.lock", "keys.json"];
  // These come when there is something to put into them.
  const later = /^(files|imserver-search\.db(-shm|-wal)?)$/;
  assert.deepEqual(names.filter((name) => !later.test(name)), always);
  for (const name of names) {
    assert.equal(mode(join(dataDir, name)), name === "files" ? "700" : "600", name);
  }
});

for (const flavour of FLAVOURS) {
  Deno.test(`${flavour}: "ready" is said once, when requests are answered, and never before`, async () => {
    using folder = tempFolder();
    const { server, ready } = spawnServer({ dataDir: folder.path, flavour });
    await using _ = server;
    let answered = 0;
    const poll = (async () => {
      while (answered === 0) {
        // Asked first: whatever stood there before the answer came was said before it.
        const status = await fetch(`${server.url}/`).then(
          (answer) => answer.body?.cancel().then(() => answer.status),
          () => 0,
        );
        if (status === 200) answered = performance.now();
        else await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    await ready;
    assert.equal((await fetch(`${server.url}/`)).status, 200, "at the very moment of the line");
    await poll;
    const lines = server.stdout().trimEnd().split("\n");
    assert.equal(lines.filter((line) => /ready/i.test(line)).length, 1);
    assert.match(lines.at(-1)!, /^\S+ info +ready url=http:\/\/localhost:\d+\/$/);
    for (
      const said of [
        `imserver ${VERSION}`,
        "mode=both",
        `clients=0.0.0.0:${new URL(server.url).port}`,
        folder.path,
      ]
    ) {
      assert.ok(server.stdout().includes(said), said);
    }
    assert.equal(server.stderr(), "", "standard error is for mistakes");
  });
}

Deno.test("--log-format json: JSON on every line, from the first to the last", async () => {
  using folder = tempFolder();
  const args = ["--log-format", "json", "--log-level", "debug"];
  await using server = await startServer({ dataDir: folder.path, args });
  const login = await rest(server.url, "auth.register", { username: "someone", password: "correct horse" });
  await assert.rejects(rest(server.url, "user.get", { userId: "1" }, login.accessToken));
  const { code } = await server.stop();
  assert.deepEqual([code, server.stderr()], [0, ""]);
  const lines = server.stdout().trimEnd().split("\n").map((line) => JSON.parse(line));
  for (const { time, level, message } of lines) {
    assert.equal(new Date(time).toISOString(), time);
    assert.ok(["debug", "info", "warn", "error"].includes(level) && typeof message === "string");
  }
  const messages = lines.map(({ message }) => message);
  assert.deepEqual(messages.slice(-4), ["ready", "auth.register", "stopping", "stopped"]);
  assert.ok(linkIn(lines.find(({ link }) => link).link));
});
