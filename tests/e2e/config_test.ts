import assert from "node:assert/strict";
import { join } from "node:path";
import { type Setting, SETTINGS } from "../../modes/settings.ts";
import { VERSION } from "../../modes/version.ts";
import {
  type Flavour,
  freePort,
  runProgram,
  type Server,
  startServer,
  tempFolder,
} from "../support/server.ts";

/** What the program says and does before, beside and after serving; on the command line, as an operator meets it. */

const FLAVOURS: Flavour[] = ["source", "dist"];

interface Run {
  args?: string[];
  env?: Record<string, string>;
  flavour?: Flavour;
}

const run = ({ args = [], env, flavour }: Run) => runProgram(args, { env, flavour });

/** Ends with 2 and one plain sentence on standard error that matches all of these; standard output has logs only. */
async function assertRefused(what: Run, ...said: (string | RegExp)[]): Promise<void> {
  const { code, stdout, stderr } = await run(what);
  const all = `${JSON.stringify(what)}\nstdout: ${stdout}\nstderr: ${stderr}`;
  assert.match(stderr, /^imserver: [^\n]+\n$/, all);
  for (const one of said) {
    assert.ok(typeof one === "string" ? stderr.includes(one) : one.test(stderr), `${one}: ${all}`);
  }
  assert.equal(code, 2, all);
  assert.doesNotMatch(stdout + stderr, /^ +at |os error|Uncaught|--allow-/m);
  for (const line of stdout.trimEnd().split("\n").filter(Boolean)) {
    assert.match(line, /^\d{4}-\S+Z (info|warn) /, "a line of the log");
  }
  assert.doesNotMatch(stdout, /ready/);
}

/** Runs the checks two at a time: most of their time is the start of a process. */
async function inPairs<T>(items: readonly T[], check: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await check(item);
  };
  await Promise.all([work(), work()]);
}

for (const flavour of FLAVOURS) {
  Deno.test(`${flavour}: --help lists every setting in its group with its default, --version the version`, async () => {
    const { code, stdout, stderr } = await run({ flavour, args: ["--help"] });
    assert.deepEqual([code, stderr], [0, ""]);
    for (const { flag, group, help, ...more } of Object.values(SETTINGS)) {
      const section = stdout.split(`\n${group}:\n`)[1].split("\n\n")[0];
      const entry = section.split(/\n(?= {2}--)/).find((lines) => lines.trim().startsWith(`--${flag} `));
      assert.ok(entry?.includes(help), `--${flag} in ${group}`);
      if ("fallback" in more) {
        assert.ok(entry?.includes(`(default: ${more.fallback})`), `default of --${flag}`);
      }
    }
    for (const word of ["keys new", "admin-link", "--version", "--print-config", "--check-config"]) {
      assert.ok(stdout.includes(word));
    }
    assert.deepEqual(await run({ flavour, args: ["-h"] }), { code, stdout, stderr });
    const version = await run({ flavour, args: ["--version"] });
    assert.deepEqual(version, { code: 0, stdout: `imserver ${VERSION}\n`, stderr: "" });
  });
}

Deno.test("--help and --version work whatever the settings are", async () => {
  for (const args of [["--help", "--port", "x"], ["--version", "--mode=nothing"]]) {
    assert.equal((await run({ args, env: { IMSERVER_OPS_PORT: "y" } })).code, 0);
  }
});

/** The lines of `--print-config` as `{flag: [value, source]}`. */
async function printed(what: Run): Promise<Record<string, [string, string]>> {
  const { code, stdout, stderr } = await run({ ...what, args: ["--print-config", ...what.args ?? []] });
  assert.deepEqual([code, stderr], [0, ""]);
  const lines = stdout.trimEnd().split("\n").map((line) => /^(\S+)\s+(\S*)\s+# (.*)$/.exec(line)!);
  assert.deepEqual(lines.map((line) => line[1]), Object.values(SETTINGS).map(({ flag }) => flag));
  return Object.fromEntries(lines.map(([, flag, value, source]) => [flag, [value, source]]));
}

Deno.test("flags win over the environment, the environment over the file, the file over the defaults", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "im.toml");
  await Deno.writeTextFile(
    file,
    'port = 1001\nops-port = 1002\nhost = "127.0.0.3"\ndbproxy = ["a:1", "b:2"]\n',
  );
  const env = { IMSERVER_PORT: "2001", IMSERVER_OPS_PORT: "2002", IMSERVER_CONFIG: file };
  const config = await printed({ args: ["--port", "3001"], env });
  assert.deepEqual(config.port, ["3001", "--port"]);
  assert.deepEqual(config["ops-port"], ["2002", "IMSERVER_OPS_PORT"]);
  assert.deepEqual(config.host, ["127.0.0.3", `host in ${file}`]);
  assert.deepEqual(config.dbproxy, ["a:1,b:2", `dbproxy in ${file}`]);
  assert.deepEqual(config["log-level"], ["info", "default"]);
  assert.deepEqual(config["key-file"], ["data/keys.json", "default"]);

  for (const args of [["--port=3002"], ["--port", "3002"], ["--port", "1", "--port", "3002"]]) {
    assert.deepEqual((await printed({ args })).port, ["3002", "--port"]);
  }
  assert.deepEqual((await printed({ env: { IMSERVER_PORT: "0" } })).port, ["0", "IMSERVER_PORT"]);
  assert.deepEqual((await printed({ args: ["--config", file] })).port, ["1001", `port in ${file}`]);
});

Deno.test("every setting can be given in all three ways", async () => {
  using folder = tempFolder();
  const chosen: Record<string, string> = {
    mode: "gateway",
    config: join(folder.path, "im.toml"),
    "data-dir": "/srv/im",
    "key-file": "/srv/keys.json",
    host: "::1",
    port: "81",
    "public-url": "https://im.example",
    registration: "closed",
    "oidc-issuer": "https://id.example/realms/im/",
    "oidc-client-id": "im",
    "oidc-client-secret-file": "/srv/oidc-secret",
    "ops-host": "::1",
    "ops-port": "82",
    database: "sqlite:/srv/im.db",
    redis: "redis://r:6379",
    dbproxy: "p:1,[::1]:2",
    "grpc-listen": "0.0.0.0:83",
    replica: "mysql://u@r1/im,mysql://u@r2/im",
    "redis-bus": "redis-cluster://a:1,b:2",
    "redis-cache": "rediss-sentinel://a:1/chat",
    "tls-cert": "/srv/cert.pem",
    "tls-key": "/srv/key.pem",
    "grpc-tls-cert": "/srv/grpc.pem",
    "grpc-tls-key": "/srv/grpc.key",
    "grpc-tls-ca": "/srv/ca.pem",
    "trusted-proxies": "10.0.0.0/8,::1",
    files: "file:/srv/files",
    "log-level": "debug",
    "log-format": "json",
    "trace-endpoint": "http://127.0.0.1:4318",
    "trace-sample": "0.25",
  };
  const given = Object.fromEntries(
    Object.values<Setting<unknown>>(SETTINGS).map((
      { flag, fallback = "" },
    ) => [flag, chosen[flag] ?? fallback]),
  );
  const { config: path, ...inFile } = given;
  await Deno.writeTextFile(
    path,
    Object.entries(inFile).map(([key, value]) => `${key} = "${value}"\n`).join(""),
  );
  const byFlag = await printed({ args: Object.entries(given).map(([key, value]) => `--${key}=${value}`) });
  const byEnv = await printed({
    env: Object.fromEntries(
      Object.entries(given).map((
        [key, value],
      ) => [`IMSERVER_${key.toUpperCase().replaceAll("-", "_")}`, value]),
    ),
  });
  const byFile = await printed({ args: ["--config", path] });
  for (const found of [byFlag, byEnv, byFile]) {
    assert.deepEqual(
      Object.fromEntries(Object.entries(found).map(([flag, [value]]) => [flag, value])),
      given,
    );
  }
});

Deno.test("secrets are masked wherever they come from, also badly written ones", async () => {
  const config = await printed({
    args: ["--database", "mysql://im:s3cret-a@db:3306/im"],
    env: { IMSERVER_REDIS: "rediss://:s3cret-b@cache:6380/0" },
  });
  assert.equal(config.database[0], "mysql://im:***@db:3306/im");
  assert.equal(config.redis[0], "rediss://:***@cache:6380/0");
  const odd = await printed({
    args: ["--database=mysql://im:s3c@ret-c@db/im", "--redis=redis://cache?password=s3cret-d&db=1"],
  });
  assert.equal(odd.database[0], "mysql://im:***@db/im");
  assert.equal(odd.redis[0], "redis://cache?password=***&db=1");
  for (const args of [["--database", "mysql://im:s3cret@db"], ["--redis", "http://im:s3cret@db"]]) {
    assert.doesNotMatch((await run({ args })).stderr, /s3c/);
  }
  const { stderr } = await run({ args: ["admin-link", "--database", "mysql://im:s3cret@db/im"] });
  assert.match(stderr, /^imserver: --database mysql:\/\/db\/im cannot be used/);
  assert.doesNotMatch(stderr, /s3c/);
});

Deno.test("--check-config says yes, or what the start would say", async () => {
  const good = await run({ args: ["--check-config", "--port", "9000"] });
  assert.deepEqual(good, { code: 0, stdout: "The settings are good.\n", stderr: "" });
  await assertRefused({ args: ["--check-config", "--port", "x"] }, "--port must be a port");
  await assertRefused(
    { args: ["--check-config", "--mode", "gateway"] },
    "--mode gateway",
    "--dbproxy host:port",
  );
});

const mistakes: [string[], ...(string | RegExp)[]][] = [
  [["--prot", "9000"], "--prot is not a flag", "did you mean --port?"],
  [["--data_dir=x"], "--data_dir", "did you mean --data-dir?"],
  // Two letters of four are another word, and not a slip.
  [["--nope"], /--nope is not a flag of imserver; imserver --help/],
  [["--frobnicate"], "--frobnicate is not a flag", "imserver --help"],
  [["--toString"], "--toString is not a flag"],
  [["--__proto__=1"], "--__proto__ is not a flag"],
  [["-p", "9000"], "-p is not a flag"],
  [["--port"], "--port needs a value: --port PORT"],
  [["--port", "--host", "x"], "--port needs a value"],
  [["--help=1"], "--help takes no value"],
  [["--port="], '--port must be a port from 0 to 65535 (0: any free one), not ""'],
  [["--port", "-1"], "--port", '"-1"'],
  [["--port", "65536"], "--port", '"65536"'],
  [["--port", "80 "], "--port", '"80 "'],
  [["--ops-port", "8e3"], "--ops-port", '"8e3"'],
  [["--mode", "all"], '--mode must be gateway, dbproxy or both, not "all"'],
  [["--registration", "maybe"], "--registration must be open or closed"],
  [["--oidc-issuer", "http://id.example"], "--oidc-issuer must be https://, unless it is on this machine"],
  [["--oidc-issuer", "https://u:p@id.example"], "--oidc-issuer must be an address without user and password"],
  [["--log-level", "loud"], "--log-level must be debug, info, warn or error"],
  [["--log-format", "xml"], "--log-format must be text or json"],
  [
    ["--trace-endpoint", "https://a:b@collector"],
    "--trace-endpoint must be an address without user and password",
  ],
  [["--trace-sample", "1.5"], '--trace-sample must be a number from 0 to 1, not "1.5"'],
  [["--host", ""], "--host must not be empty"],
  [["--data-dir", " "], "--data-dir must not be empty"],
  [["--public-url", "im.example"], "--public-url must be an http:// or https:// address"],
  [["--public-url", "ftp://im.example"], "--public-url"],
  [["--database", "postgres://x"], "--database must be sqlite:PATH or mysql://"],
  [["--database", "sqlite:"], "--database"],
  [["--database", "mysql://host"], "--database"],
  [["--redis", "cache:6379"], "--redis must be redis://host:port"],
  [["--dbproxy", "a:1,b"], '--dbproxy must be host:port, not "b"'],
  [["--grpc-listen", "9000"], "--grpc-listen must be host:port"],
  [["--grpc-listen", "a:99999"], "--grpc-listen", '"99999"'],
  [["--mode", "dbproxy"], "--mode dbproxy", "--grpc-listen host:port"],
  [["--mode", "gateway"], "--mode gateway", "--dbproxy host:port"],
  [["--dbproxy", "a:1"], "--dbproxy is for --mode gateway"],
  [["--grpc-listen", "a:1"], "--grpc-listen is for --mode dbproxy"],
  [["--replica", "mysql://u@h/n"], "--replica needs a primary"],
  [["--replica", "sqlite:x"], "--replica must be mysql://"],
  [["--tls-cert", "x"], "--tls-cert and --tls-key belong together"],
  [["--grpc-tls-key", "x"], "--grpc-tls-cert and --grpc-tls-key belong together"],
  [["--tls-cert", "/dev/null", "--tls-key", "/dev/null"], "--tls-cert /dev/null", "PEM"],
  [
    ["--trusted-proxies", "10.0.0.0/8,here"],
    '--trusted-proxies must be an address or a network like 10.0.0.0/8, not "here"',
  ],
  [["--database-connections", "0"], "--database-connections must be a number from 1 on"],
  [["--mode=gateway", "--dbproxy=127.0.0.1:1"], "--key-file", "imserver keys new"],
  [["serve"], 'no command "serve"', "imserver --help"],
  [["keys"], 'no command "keys"'],
  [["keys", "new", "now"], "imserver keys new takes no more words"],
  [["--host", "203.0.113.7"], "--host 203.0.113.7 is not an address of this machine"],
  [["--ops-host", "no such host"], "--ops-host no such host is not an address of this machine"],
  [["--config", ""], "--config must not be empty"],
  [["--config", "/nowhere/im.toml"], "--config /nowhere/im.toml cannot be read (no such file"],
  [["--config", "/"], "--config / cannot be read (is a directory)"],
];

Deno.test(`each of ${mistakes.length} mistakes on the command line ends with 2 and one sentence`, async () => {
  using folder = tempFolder();
  // Where nothing is wrong but an address, it gets so far as to make its folder.
  const rest = ["--port", "0", "--ops-port", "0", "--data-dir"];
  await inPairs([...mistakes.entries()], async ([index, [args, ...said]]) => {
    await assertRefused({ args: [...rest, join(folder.path, `${index}`), ...args] }, ...said);
  });
});

Deno.test("dist: the same sentences", async () => {
  const some = mistakes.filter((_, index) => index % 9 === 0);
  await inPairs(some, ([args, ...said]) => assertRefused({ args, flavour: "dist" }, ...said));
});

Deno.test("a bad value in the environment is named by its variable", async () => {
  await assertRefused({ env: { IMSERVER_PORT: "" } }, "IMSERVER_PORT must be a port");
  await assertRefused(
    { env: { IMSERVER_LOG_FORMAT: "JSON" } },
    'IMSERVER_LOG_FORMAT must be text or json, not "JSON"',
  );
});

Deno.test("each mistake in the file is named by its key and the file", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "im.toml");
  const wrong: [string | Uint8Array, ...string[]][] = [
    ["prot = 9000", `prot in ${path} is not a setting; did you mean port?`],
    ["config = 'other.toml'", `config in ${path} is not a setting`],
    ["__proto__ = 1", `__proto__ in ${path} is not a setting`],
    ["port = true", `port in ${path} must be a text or a number`],
    ["[port]\nx = 1", `port in ${path} must be a text or a number`],
    ["port = 9000.5", `port in ${path} must be a port`],
    ["mode = 'none'", `mode in ${path} must be gateway, dbproxy or both`],
    ["host = 'x'\nport = ", `--config ${path} cannot be read (line 2: `, "name a TOML file"],
    ["port = 1\nport = 2", `--config ${path} cannot be read (line 2: `],
    [new Uint8Array([0xff, 0xfe, 0x00]), `--config ${path} cannot be read`],
  ];
  for (const [text, ...said] of wrong) {
    await Deno.writeFile(path, typeof text === "string" ? new TextEncoder().encode(text) : text);
    await assertRefused({ args: ["--config", path] }, ...said);
  }
});

/** A server that runs, and arguments for a second one that has every port and folder to itself. */
async function besideRunning(): Promise<
  { server: Server; folder: string; second: string[] } & AsyncDisposable
> {
  const folder = tempFolder();
  const server = await startServer({ dataDir: join(folder.path, "first") });
  const second = [
    "--port",
    `${freePort()}`,
    "--ops-port",
    `${freePort()}`,
    "--data-dir",
    join(folder.path, "second"),
  ];
  return {
    server,
    folder: folder.path,
    second,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

Deno.test("a port or a folder that another server has is refused, and that one stays unharmed", async () => {
  await using running = await besideRunning();
  const { server, folder, second } = running;
  const [port, opsPort] = [server.url, server.opsUrl].map((url) => new URL(url).port);
  for (const flavour of FLAVOURS) {
    await assertRefused(
      { flavour, args: [...second, "--port", port] },
      `--port ${port} is in use`,
      "choose another",
    );
    await assertRefused(
      { flavour, args: [...second, "--ops-port", opsPort] },
      `--ops-port ${opsPort} is in use`,
    );
    await assertRefused(
      { flavour, args: [...second, "--data-dir", join(folder, "first")] },
      `--data-dir ${join(folder, "first")} is in use by another imserver`,
      "stop that one",
    );
  }
  const same = `${freePort()}`;
  await assertRefused(
    { args: [...second, "--port", same, "--ops-port", same] },
    `--port ${same} is the --ops-port too`,
  );
  assert.equal((await fetch(`${server.opsUrl}/readyz`).then((answer) => answer.json())).status, "ok");
});

Deno.test("a folder, a key file or a database that cannot be used is refused with the remedy", async () => {
  using folder = tempFolder();
  const at = (...names: string[]) => join(folder.path, ...names);
  const write = (name: string, text: string, mode = 0o600) => Deno.writeTextFile(at(name), text, { mode });
  await write("file", "");
  await write("open.json", (await run({ args: ["keys", "new"] })).stdout, 0o644);
  await write("garbage.json", "garbage");
  await write("short.json", '{"keys":[{"kid":"a","alg":"HS256","k":"AAAA","createdAt":1}]}');
  await Deno.mkdir(at("locked", "imserver.lock"), { recursive: true });
  await Deno.mkdir(at("damaged"));
  await Deno.writeFile(at("damaged", "imserver.db"), crypto.getRandomValues(new Uint8Array(20_000)));

  const rights = "choose another folder or give this user the right";
  const ports = ["--port", `${freePort()}`, "--ops-port", `${freePort()}`];
  const wrong: [string[], ...string[]][] = [
    [
      ["--data-dir", at("file", "below")],
      `--data-dir ${at("file", "below")} cannot be written to (not a directory)`,
      rights,
    ],
    [["--data-dir", at("file")], `--data-dir ${at("file")} cannot be written to`, rights],
    [["--data-dir", "/proc/imserver"], "--data-dir /proc/imserver cannot be written to", rights],
    [["--data-dir", at("locked")], `--data-dir ${at("locked")} cannot be written to`, rights],
    [
      ["--data-dir", at("a"), "--key-file", at("open.json")],
      `--key-file ${at("open.json")}`,
      `run: chmod 600 ${at("open.json")}`,
    ],
    [
      ["--data-dir", at("b"), "--key-file", at("garbage.json")],
      `--key-file ${at("garbage.json")}`,
      "not valid JSON; imserver keys new",
    ],
    [
      ["--data-dir", at("c"), "--key-file", at("short.json")],
      `--key-file ${at("short.json")}`,
      "keys[0].k has fewer than 32 bytes",
    ],
    [
      ["--data-dir", at("d"), "--key-file", at("no", "keys")],
      `--key-file ${at("no", "keys")} cannot be used (no such file`,
    ],
    [["--data-dir", at("e"), "--key-file", "/"], "--key-file / is not a file"],
    [
      ["--data-dir", at("damaged")],
      `--database cannot open ${at("damaged", "imserver.db")} (file is not a database)`,
      "backup",
    ],
    [
      ["--data-dir", at("f"), "--database", `sqlite:${at("locked")}`],
      `--database cannot open ${at("locked")} (is a directory)`,
    ],
    [
      ["--data-dir", at("g"), "--database", "sqlite:/nowhere/im.db"],
      "--database cannot open /nowhere/im.db (no such file",
      "name another file",
    ],
    [["admin-link", "--data-dir", at("none")], `--data-dir ${at("none")} holds no database`],
    [["admin-link", "--data-dir", at("damaged")], "file is not a database"],
  ];
  for (const [args, ...said] of wrong) await assertRefused({ args: [...ports, ...args] }, ...said);
  assert.equal(await Deno.stat(at("none")).catch(() => null), null, "admin-link makes no folder");
});

Deno.test("a database of a newer version is left as it is", async () => {
  using folder = tempFolder();
  const dataDir = folder.path;
  {
    await using server = await startServer({ dataDir });
    await server.stop();
  }
  const { DatabaseSync } = await import("node:sqlite");
  const db = new DatabaseSync(join(dataDir, "imserver.db"));
  db.exec("INSERT INTO migrations (id, name, at) VALUES (9999, 'from the future', 1)");
  db.close();
  const args = ["--data-dir", dataDir, "--port", `${freePort()}`, "--ops-port", `${freePort()}`];
  await assertRefused({ args }, "--database cannot open", "newer imserver", "from the future");
});
