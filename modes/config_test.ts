import assert from "node:assert/strict";
import { type Config, readInvocation, reasonOf, UsageError } from "./config.ts";
import { configText } from "./help.ts";

/** What the command line, an environment and files make of it; tests/e2e/config_test.ts has every mistake. */
function read(args: string[], env: Record<string, string> = {}, files: Record<string, string> = {}) {
  return readInvocation(args).readSettings({
    env: (name) => env[name],
    readFile: (path) => {
      if (path in files) return files[path];
      throw new Deno.errors.NotFound("No such file or directory (os error 2): readfile");
    },
  });
}

const refused = (message: string) => (error: unknown) =>
  error instanceof UsageError && error.message === message;

Deno.test("with nothing given: a whole chat system on the usual ports, in ./data", () => {
  const { config } = read([]);
  const expected: Partial<Config> = {
    mode: "both",
    host: "0.0.0.0",
    port: 8080,
    opsHost: "127.0.0.1",
    opsPort: 8081,
    dataDir: "./data",
    keyFile: "data/keys.json",
    database: { kind: "sqlite", target: "data/imserver.db" },
    registration: "open",
    recallWindow: 120,
    maxGroupMembers: 1000,
    maxSessionsPerKind: 10,
    maxConnectsPerSecond: 1500,
    logLevel: "info",
    logFormat: "text",
  };
  assert.deepEqual({ ...config, ...expected }, config);
});

Deno.test("what lies in the data folder moves with it, unless it is named", () => {
  const { config } = read(["--data-dir", "/srv", "--key-file", "/etc/keys.json"]);
  assert.deepEqual([config.keyFile, config.database.target], ["/etc/keys.json", "/srv/imserver.db"]);
});

Deno.test("values become what they stand for", () => {
  const { config } = read([
    "--dbproxy=a:1, [::1]:2, dns:b:3",
    "--grpc-listen=0.0.0.0:3",
    "--public-url=https://IM.example/",
    "--database=mysql://u:p@h/n",
  ]);
  assert.deepEqual(config.dbproxy, [{ host: "a", port: 1 }, { host: "::1", port: 2 }, {
    host: "b",
    port: 3,
    dns: true,
  }]);
  assert.deepEqual(config.grpcListen, { host: "0.0.0.0", port: 3 });
  assert.equal(config.publicUrl, "https://im.example");
  assert.deepEqual(config.database, { kind: "mysql", target: "mysql://u:p@h/n" });
});

Deno.test("a flag wins over the environment, that over the file, that over the default", () => {
  const files = { "im.toml": "port = 1\nops-port = 2\nhost = '::1'" };
  const env = { IMSERVER_CONFIG: "im.toml", IMSERVER_PORT: "3", IMSERVER_OPS_PORT: "4" };
  const { config, sources } = read(["--port", "5"], env, files);
  assert.deepEqual([config.port, config.opsPort, config.host, config.mode], [5, 4, "::1", "both"]);
  assert.equal(sources.get("host")?.source, "host in im.toml");
});

Deno.test("a mistake in the environment counts even where a flag would not have made it", () => {
  const message = 'IMSERVER_PORT must be a port from 0 to 65535 (0: any free one), not "x"';
  assert.throws(() => read([], { IMSERVER_PORT: "x" }), refused(message));
  assert.equal(
    read(["--port=1"], { IMSERVER_PORT: "x" }).config.port,
    1,
    "what is overruled is not looked at",
  );
});

Deno.test("of several actions one is done; words are a command", () => {
  assert.equal(readInvocation(["--version", "--help"]).action, "help");
  assert.equal(readInvocation([]).action, null);
  assert.deepEqual(readInvocation(["keys", "--port=1", "new"]).command, ["keys", "new"]);
});

Deno.test("what is printed of the settings holds no password", () => {
  const settings = read(["--database=mysql://u:p@ss@h/n", "--redis=redis://:p%40ss@h?password=pass"]);
  assert.doesNotMatch(configText(settings), /p(%40|@)ss|=pass/);
});

Deno.test("a reason is told in the middle of a sentence, without codes and paths", () => {
  assert.equal(
    reasonOf(new Error("No such file or directory (os error 2): open '/x'")),
    "no such file or directory",
  );
  assert.equal(reasonOf(new Error("Is bad.\nat line 1")), "is bad");
  assert.equal(reasonOf("Odd"), "odd");
});
