import assert from "node:assert/strict";
import { join } from "node:path";
import { migrate } from "../../data/sql/migrate.ts";
import { openMysql } from "../../data/sql/mysql.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { serveData } from "../../data/remote/server.ts";
import { type Finding, runChecks } from "../../modes/commands/doctor/check.ts";
import { checksOf } from "../../modes/commands/doctor.ts";
import { readInvocation } from "../../modes/config.ts";
import { makeCertificateFiles } from "../support/certificate_files.ts";
import { certificates } from "../support/certificates.ts";
import { openLocalData } from "../support/local_data.ts";
import { Mariadb } from "../support/mariadb.ts";
import { RedisServer } from "../support/redis.ts";
import { commandOf, freePort, ROOT, runProgram, startServer, tempFolder } from "../support/server.ts";

/** Faults planted one by one: `doctor` finds each, says what to do, and finds nothing when that was done. */

/** What is wrong, by the settings that an operator would give. */
async function findings(args: string[]): Promise<Finding[]> {
  const settings = readInvocation(args).readSettings({
    env: () => undefined,
    readFile: Deno.readTextFileSync,
  });
  return await runChecks(checksOf(settings));
}

type Planted = [check: string, found: RegExp, remedy: RegExp, state?: Finding["state"]];

async function assertFound(args: string[], [check, found, remedy, state = "fault"]: Planted): Promise<void> {
  const all = await findings(args);
  const one = all.find((f) => f.check === check && f.state === state && found.test(f.found));
  assert.ok(one, `${check} ${found} in ${JSON.stringify(all.filter((f) => f.state !== "ok"), null, 1)}`);
  assert.match(one.remedy ?? "", remedy);
  assert.doesNotMatch(JSON.stringify(all), /s3cret/, "no password is told");
}

async function assertWell(args: string[]): Promise<void> {
  assert.deepEqual((await findings(args)).filter(({ state }) => state !== "ok"), []);
}

Deno.test("doctor: what lies on this machine", async () => {
  using folder = tempFolder();
  const at = (name: string) => join(folder.path, name);
  const base = ["--ops-port", "0", "--port", "0", "--host", "127.0.0.1"];
  const data = [...base, "--data-dir", at("data")];
  await assertWell(data);

  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = `${taken.addr.port}`;
  await assertFound([...data, "--port", port], [
    "clients' port",
    /--port \d+ is in use/,
    /another port with --port/,
  ]);
  await assertFound([...data, "--ops-port", port], ["operator's port", /--ops-port/, /with --ops-port/]);
  const dbproxy = ["--mode=dbproxy", "--grpc-listen", `127.0.0.1:${port}`, ...data.slice(4)];
  await assertFound([...dbproxy, "--ops-port=0"], ["gRPC port", /--grpc-port \d+ is in use/, /another/]);
  taken.close();

  await Deno.writeTextFile(at("file"), "");
  await assertFound([...base, "--data-dir", at("file")], ["data folder", /is no folder/, /--data-dir/]);
  await assertFound([...base, "--data-dir", at("file/below")], ["data folder", /cannot be made/, /make it/]);
  await assertFound([...data, "--files", `file:${at("file")}`], [
    "files",
    /cannot be written to/,
    /another folder/,
  ]);
  const bucket = `s3://key:s3cret@127.0.0.1:${freePort()}/bucket?tls=false`;
  await assertFound([...data, "--files", bucket], ["files", /does not take, give and delete/, /start it/]);

  await Deno.mkdir(at("data"), { mode: 0o755 });
  await Deno.chmod(at("data"), 0o755);
  await assertFound(data, ["data folder", /others than its owner/, /chmod 700/, "warning"]);
  await Deno.chmod(at("data"), 0o700);

  await Deno.writeTextFile(at("data/imserver.db"), "no database, but long enough to be one".repeat(100));
  await assertFound(data, ["database", /file is not a database/, /restore/]);
  await Deno.remove(at("data/imserver.db"));
  const storage = openSqlite(at("data/imserver.db"));
  await migrate(storage);
  await assertWell(data);
  await storage.transaction((tx) => tx.insert("migrations", ["id", "name", "at"], [[999, "9999_later", 1]]));
  await assertFound(data, ["database", /9999_later, which this program does not know/, /run that version/]);
  await storage.transaction((tx) => tx.run("DELETE FROM migrations WHERE id > 9"));
  await assertFound(data, ["database", /steps of the schema are to be made/, /migrate up/, "warning"]);
  await storage.close();

  const keys = (await runProgram(["keys", "new"])).stdout;
  const gateway = [...base, "--mode=gateway", "--dbproxy=127.0.0.1:1", "--key-file", at("keys")];
  await assertFound(gateway, ["key file", /does not exist/, /keys new/]);
  await Deno.writeTextFile(at("keys"), keys, { mode: 0o644 });
  await Deno.chmod(at("keys"), 0o644);
  await assertFound(gateway, ["key file", /others than its owner/, /chmod 600/]);
  await Deno.chmod(at("keys"), 0o600);
  await Deno.writeTextFile(at("keys"), keys.replace(/"k": "[^"]{20}/, '"k": "'));
  await assertFound(gateway, ["key file", /fewer than 32 bytes/, /keys new/]);
  await assertFound(gateway, ["dbproxy 127.0.0.1:1", /nothing listens/, /start the dbproxy/]);
  await assertFound(gateway, ["settings", /no Redis/, /--redis/, "warning"]);
  await assertFound(gateway, ["files", /uploads are refused/, /--files/, "warning"]);
  await assertFound([...base, "--mode=gateway"], ["settings", /needs dbproxies/, /--dbproxy host:port/]);

  await Deno.writeTextFile(at("im.toml"), "redis = 'redis://:s3cret@127.0.0.1:1'\n", { mode: 0o644 });
  await Deno.chmod(at("im.toml"), 0o644);
  await assertFound([...data, "--config", at("im.toml")], [
    "settings file",
    /holds a password/,
    /chmod 600/,
    "warning",
  ]);
});

Deno.test("doctor: certificates, addresses, and whether gateway and dbproxy trust each other", async () => {
  using folder = tempFolder();
  const at = (name: string) => join(folder.path, name);
  const { cert, key, ca } = await makeCertificateFiles(folder.path);
  const base = ["--ops-port", "0", "--port", "0", "--data-dir", at("data")];
  const good = [...base, "--tls-cert", cert, "--tls-key", key, "--public-url", "https://localhost"];
  await assertWell(good);
  await assertFound([...good, "--public-url", "https://chat.example.org"], [
    "TLS",
    /and not for chat/,
    /--public-url/,
  ]);
  await assertFound([...good, "--public-url", "http://localhost"], ["public address", /says http/, /https:/]);
  await assertFound([...good, "--tls-key", at("ca.key")], ["TLS", /do not belong together/, /--tls-key/]);
  await assertFound([...good, "--tls-key", cert], ["TLS", /no private key/, /PEM/]);
  await assertFound([...good, "--tls-cert", at("none")], ["TLS", /cannot be read/, /name a PEM file/]);
  await later(3 * 24 * 3600_000, () => assertFound(good, ["TLS", /expired on/, /renewed/]));

  const proxied = [...base, "--public-url", "https://chat.example.org"];
  await assertFound(proxied, ["public address", /--trusted-proxies is not set/, /--trusted-proxies 10/]);
  await assertWell([...proxied, "--trusted-proxies", "10.0.0.5"]);
  await assertFound([...proxied, "--trusted-proxies", "0.0.0.0/0"], [
    "public address",
    /everybody/,
    /proxies only/,
  ]);

  const { ca: otherCa, server, client, stranger } = await certificates();
  const local = await openLocalData(":memory:", Date.now());
  const dbproxy = await serveData(local.data, {
    listen: { host: "127.0.0.1", port: 0 },
    tls: { ...server, ca: otherCa },
  });
  try {
    const file = (name: string, text: string) => (Deno.writeTextFileSync(at(name), text), at(name));
    const name = `dbproxy 127.0.0.1:${dbproxy.port}`;
    const gateway = [...base, "--mode=gateway", "--dbproxy", `127.0.0.1:${dbproxy.port}`];
    const trusting = [...gateway, "--grpc-tls-ca", file("ca2.pem", otherCa)];
    const own = (who: string, pair: { cert: string; key: string }) => [
      ...["--grpc-tls-cert", file(`${who}.crt`, pair.cert)],
      ...["--grpc-tls-key", file(`${who}.pem`, pair.key)],
    ];
    const right = [...trusting, ...own("client", client)];
    const said = await findings(right);
    assert.equal(said.find(({ check }) => check === name)?.state, "ok", JSON.stringify(said));
    await assertFound([...trusting, ...own("stranger", stranger)], [
      "gRPC TLS",
      /has not signed/,
      /one authority/,
    ]);
    await assertFound([...gateway, "--grpc-tls-ca", ca], [name, /do not trust each other/, /--grpc-tls-ca/]);
    await assertFound(gateway, [name, /no answer|do not trust/, /--grpc-tls-ca/]);
  } finally {
    await dbproxy.close();
    await local.close();
  }
});

/** With this machine's clock so much ahead. */
async function later(byMs: number, run: () => Promise<void>): Promise<void> {
  const now = Date.now;
  Date.now = () => now() + byMs;
  try {
    await run();
  } finally {
    Date.now = now;
  }
}

Deno.test("doctor: MySQL", async () => {
  using folder = tempFolder();
  const logging = ["--log-bin=log", "--binlog-format=ROW", "--sync-binlog=1", "--server-id=1"];
  const server = await Mariadb.start({ settings: ["--innodb-flush-log-at-trx-commit=1", ...logging] });
  try {
    const base = [
      "--ops-port",
      "0",
      "--port",
      "0",
      "--host",
      "127.0.0.1",
      "--data-dir",
      join(folder.path, "data"),
    ];
    const url = await server.database("im");
    const args = [...base, "--database", url];
    await assertWell(args);
    const storage = openMysql(url);
    await migrate(storage);
    await storage.close();
    await assertWell(args);

    const settings: [set: string, unset: string, ...Planted][] = [
      [
        "innodb_flush_log_at_trx_commit = 2",
        "innodb_flush_log_at_trx_commit = 1",
        ...["database", /a crash loses messages/, /innodb_flush_log_at_trx_commit = 1/] as const,
      ],
      ["max_connections = 15", "max_connections = 300", "database", /may open 20/, /--database-connections/],
      ["max_allowed_packet = 1048576", "max_allowed_packet = 67108864", "database", /max_allowed/, /= 64M/],
      ["read_only = 1", "read_only = 0", "database", /read-only/, /name the primary/],
      ["binlog_format = 'STATEMENT'", "binlog_format = 'ROW'", "database", /READ COMMITTED/, /= ROW/],
      ["sync_binlog = 0", "sync_binlog = 1", "database", /sync_binlog is 0/, /= 1/, "warning"],
    ];
    for (const [set, unset, ...planted] of settings) {
      await server.query(`SET GLOBAL ${set}`);
      await assertFound(args, planted);
      await server.query(`SET GLOBAL ${unset}`);
    }
    await server.query("CREATE TABLE odd (id INT) ENGINE = MyISAM", "im");
    await assertFound(args, ["database", /not InnoDB.* odd/, /InnoDB/]);
    await server.query("DROP TABLE odd", "im");
    await server.query("ALTER DATABASE im CHARACTER SET latin1");
    await assertFound(args, ["database", /latin1/, /utf8mb4/, "warning"]);
    await server.query("ALTER DATABASE im CHARACTER SET utf8mb4");
    await server.query("INSERT INTO migrations VALUES (999, '9999_later', 1)", "im");
    await assertFound(args, ["database", /9999_later/, /run that version/]);
    await server.query("DELETE FROM migrations WHERE id = 999", "im");
    await assertFound([...args, "--replica", url], [
      "replica 1",
      /takes writes/,
      /read_only = ON/,
      "warning",
    ]);
    await later(300_000, () => assertFound(args, ["database", /300\.\d s behind/, /NTP/]));

    await server.query("CREATE USER im IDENTIFIED BY 's3cret'");
    const as = (
      user: string,
      name = "im",
    ) => [...base, "--database", `mysql://${user}@127.0.0.1:${server.port}/${name}`];
    await assertFound(as("im:s3cret-not"), ["database", /refuses the user or the password/, /correct them/]);
    await server.query("GRANT SELECT, INSERT, UPDATE ON im.* TO im");
    await assertFound(as("im:s3cret"), [
      "database",
      /lacks rights on im: DELETE, CREATE/,
      /GRANT DELETE, .* ON im/,
    ]);
    await server.query("GRANT DELETE, CREATE, ALTER, INDEX, DROP ON im.* TO im");
    await assertWell(as("im:s3cret"));
    await assertFound(as("root", "none"), ["database", /no such database/, /CREATE DATABASE/]);
    await server.stop();
    await assertFound(as("im:s3cret"), ["database", /cannot be reached/, /start it/]);
  } finally {
    await server.remove();
  }
});

Deno.test("doctor: Redis", async () => {
  using folder = tempFolder();
  const base = [
    "--ops-port",
    "0",
    "--port",
    "0",
    "--host",
    "127.0.0.1",
    "--data-dir",
    join(folder.path, "data"),
  ];
  const [redis, node] = await Promise.all([
    RedisServer.start({ settings: ["--maxmemory", "100mb"] }),
    RedisServer.start({ settings: ["--cluster-enabled", "yes", "--maxmemory", "100mb"] }),
  ]);
  try {
    const args = [...base, "--redis", redis.url];
    await assertWell(args);
    await redis.command("config", "set", "maxmemory-policy", "allkeys-lru");
    await assertFound(args, ["redis", /forgets who is connected/, /noeviction/]);
    await redis.command("config", "set", "maxmemory-policy", "noeviction");
    await redis.command("config", "set", "maxmemory", "0");
    await assertFound(args, ["redis", /maxmemory is not set/, /two thirds/, "warning"]);
    await redis.command("config", "set", "maxmemory", "100mb");
    await later(300_000, () => assertFound(args, ["redis", /300\.\d s behind/, /NTP/]));
    await redis.command("replicaof", "127.0.0.1", `${node.port}`);
    await assertFound(args, ["redis", /is a replica/, /primary/]);
    await redis.command("replicaof", "no", "one");
    await assertFound([...base, "--redis-cache", node.url], [
      "redis (cache)",
      /node of a cluster/,
      /redis-cluster:/,
    ]);
    await assertFound([...base, "--redis", node.url], ["redis", /state is fail/, /start the nodes/]);
    const cluster = redis.url.replace("redis:", "redis-cluster:");
    await assertFound([...base, "--redis-bus", cluster], ["redis (bus)", /no cluster/, /redis:\/\//]);
    await redis.command("config", "set", "requirepass", "s3cret-right");
    await assertFound([...base, "--redis", redis.url.replace("//", "//:s3cret-not@")], [
      "redis",
      /refuses the user or the password/,
      /correct them/,
    ]);
    await redis.kill();
    await assertFound(args, ["redis", /cannot be reached/, /start it/]);
  } finally {
    await Promise.all([redis.remove(), node.remove()]);
  }
});

Deno.test("doctor: the program beside a running server, by its exit code, in JSON, and with few files", async () => {
  using folder = tempFolder();
  await using server = await startServer({ dataDir: folder.path });
  const ports = ["--port", new URL(server.url).port, "--ops-port", new URL(server.opsUrl).port];
  const args = ["doctor", ...ports, "--data-dir", folder.path];
  const well = await runProgram(args, { flavour: "dist" });
  assert.deepEqual([well.code, well.stderr], [0, ""], well.stdout);
  assert.match(well.stdout, /can be written to; a server runs on it/);
  assert.match(well.stdout, /taken by the server that runs on these settings/);
  assert.match(well.stdout, new RegExp(`\\n0 faults, 1 warning\\.\n$`));
  const command = [...commandOf("dist"), ...args, "--json"].map((word) => `'${word}'`).join(" ");
  const { code, stdout } = await new Deno.Command("sh", {
    args: ["-c", `ulimit -n 300; exec ${command}`],
    cwd: ROOT,
  })
    .output();
  const { findings } = JSON.parse(new TextDecoder().decode(stdout)) as { findings: Finding[] };
  const faults = findings.filter(({ state }) => state === "fault");
  assert.deepEqual(faults.map(({ check }) => check), ["open files"]);
  assert.match(faults[0].remedy!, /LimitNOFILE/);
  assert.equal(code, 1);
  const wrong = await runProgram(["doctor", "--port", "x"]);
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
});
