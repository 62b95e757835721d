import assert from "node:assert/strict";
import { envName, SETTINGS } from "../../modes/settings.ts";
import { STOP_DEADLINE_MS } from "../../modes/run.ts";
import { type Compose, makeSecrets, readCompose, secretsOf, type Service } from "../support/compose.ts";
import { runToEnd } from "../support/processes.ts";
import { ROOT, runProgram, tempFolder } from "../support/server.ts";

/** compose.yaml and what it is made of, without Docker: read, and run by hand. */

const compose: Compose = await readCompose();
const services = Object.entries(compose.services);
const ours = services.filter(([, { image }]) => image.startsWith("imserver:"));
const seconds = (text: string) => Number(/^(\d+)s$/.exec(text)![1]);
const networksOf = ({ networks }: Service) => Array.isArray(networks) ? networks : Object.keys(networks);
const exists = (path: string) => Deno.stat(ROOT + path).then(() => true, () => false);

Deno.test("compose: every part is there, hardened, bounded and watched", () => {
  const names =
    "dbproxy-1 dbproxy-2 gateway-1 gateway-2 mysql-primary mysql-replica nginx redis-bus redis-cache";
  assert.equal(services.map(([name]) => name).toSorted().join(" "), names);
  for (const [name, service] of services) {
    assert.equal(service.user, "1000:1000", name);
    assert.equal(service.read_only, true, name);
    assert.deepEqual(service.cap_drop, ["ALL"], name);
    assert.deepEqual(service.security_opt, ["no-new-privileges:true"], name);
    assert.equal(service.restart, "unless-stopped", name);
    assert.match(service.deploy!.resources.limits.memory, /^\d+[MG]$/, name);
    assert.ok(service.deploy!.resources.reservations.memory, name);
    const { test, interval, timeout } = service.healthcheck!;
    assert.ok(["CMD", "CMD-SHELL"].includes(test[0]) && test.length > 1, name);
    assert.ok(seconds(interval) <= 30 && seconds(timeout) <= 10, name);
    assert.doesNotMatch(service.image, /:latest$|^[^:]+$/, name);
  }
  for (const [name, { stop_grace_period }] of ours) {
    assert.ok(seconds(stop_grace_period!) * 1000 > STOP_DEADLINE_MS, name);
  }
});

Deno.test("compose: only nginx can be reached, and only who must talk can", () => {
  for (const [name, service] of services) {
    assert.equal(service.ports !== undefined, name === "nginx", name);
    assert.deepEqual(Object.keys(service).filter((key) => /^network_mode|privileged|pid|ipc$/.test(key)), []);
  }
  assert.deepEqual(compose.services.nginx.ports, ["80:8080", "443:8443"]);
  const reach = Object.fromEntries(services.map(([name, service]) => [name, networksOf(service).join()]));
  assert.deepEqual(reach, {
    nginx: "edge",
    "gateway-1": "edge,inside,redis",
    "gateway-2": "edge,inside,redis",
    "dbproxy-1": "inside,redis,storage",
    "dbproxy-2": "inside,redis,storage",
    "mysql-primary": "storage",
    "mysql-replica": "storage",
    "redis-bus": "redis",
    "redis-cache": "redis",
  });
  const open = Object.entries(compose.networks).filter(([, network]) => !network?.internal);
  assert.deepEqual(open.map(([name]) => name), ["edge"]);
});

Deno.test("compose: each waits for what it cannot start without; files and volumes exist", async () => {
  for (const [name, service] of services) {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      assert.ok(compose.services[other], `${name} → ${other}`);
      assert.ok(["service_healthy", "service_started"].includes(condition));
    }
    for (const volume of service.volumes ?? []) {
      const [source, , mode] = volume.split(":");
      if (!source.startsWith("./")) assert.ok(source in compose.volumes, volume);
      else assert.ok(mode === "ro" && await exists(source), volume);
    }
    if (service.build) assert.ok(await exists(service.build.dockerfile));
  }
  const waits = (name: string) => Object.keys(compose.services[name].depends_on ?? {}).toSorted().join();
  assert.equal(waits("nginx"), "gateway-1,gateway-2");
  assert.equal(waits("gateway-2"), "dbproxy-1,dbproxy-2,redis-bus,redis-cache");
  assert.equal(waits("dbproxy-2"), "mysql-primary,mysql-replica,redis-cache");
  assert.equal(waits("mysql-replica"), "mysql-primary");
});

Deno.test("compose: trusts nginx's address and nobody else's", async () => {
  const { services: { nginx, "gateway-1": one, "gateway-2": two } } = await readCompose({
    IMSERVER_UID: "1",
    IMSERVER_GID: "1",
    EDGE_NETWORK: "10.9.8",
  });
  const address = (service: Service) =>
    (service.networks as Record<string, { ipv4_address: string }>).edge.ipv4_address;
  assert.equal(address(nginx), "10.9.8.10");
  const hosts = (nginx as unknown as { extra_hosts: Record<string, string> }).extra_hosts;
  assert.deepEqual(hosts, { "gateway-1": address(one), "gateway-2": address(two) });
  for (const gateway of [one, two]) {
    assert.equal(gateway.environment!.IMSERVER_TRUSTED_PROXIES, address(nginx));
  }
});

Deno.test("compose: no password stands anywhere", async () => {
  const files = ["compose.yaml", ".env.example", "deploy/Dockerfile", "deploy/make-secrets.sh"];
  for await (const { name } of Deno.readDir(`${ROOT}deploy/mysql`)) files.push(`deploy/mysql/${name}`);
  for (const file of files) {
    const text = await Deno.readTextFile(ROOT + file);
    // The parts of a URL that may stand here are those that printf or a variable fills.
    for (const [url, password] of text.matchAll(/\w+:\/\/[^\s:/@"]*:([^\s@"/]+)@/g)) {
      assert.equal(password, "%s", `${file}: ${url}`);
    }
    for (
      const [, value] of text.matchAll(
        /(?:PASSWORD|PWD|IDENTIFIED BY|requirepass)(?: *[=:] *| +)'?([^\s',/]+)/g,
      )
    ) {
      assert.match(value, /^[$%(\\]/, `${file}: ${value}`);
    }
  }
  for (const [name, { environment = {} }] of services) {
    for (const [key, value] of Object.entries(environment)) {
      if (/PASSWORD|SECRET|_KEY|TOKEN/.test(key)) {
        assert.match(String(value), /^\/run\/secrets\//, `${name} ${key}`);
      }
    }
  }
});

Deno.test("compose: secrets are made, all of them, for their owner only, once", async () => {
  using folder = tempFolder();
  using another = tempFolder();
  await Deno.writeTextFile(`${folder.path}/env`, "IMSERVER_PUBLIC_URL=https://chat.example:8443/\n");
  const read = async (path: string) => {
    const files: Record<string, string> = {};
    for await (const { name } of Deno.readDir(path)) files[name] = await Deno.readTextFile(`${path}/${name}`);
    return files;
  };
  await makeSecrets(folder.path);
  const secrets = `${folder.path}/secrets`;
  const made = await read(secrets);
  const wanted = Object.entries(compose.secrets).map(([name, { file }]) => {
    assert.equal(file, `./deploy/secrets/${name}`);
    return name;
  });
  assert.deepEqual(Object.keys(made).toSorted(), wanted.toSorted());
  const used = services.flatMap(([, service]) => secretsOf(service).map(({ source }) => source));
  assert.deepEqual([...new Set(used)].toSorted(), wanted.toSorted());
  for (const name of ["", ...wanted]) {
    assert.equal((await Deno.stat(`${secrets}/${name}`)).mode! & 0o777, name ? 0o600 : 0o700, name);
  }
  const env = await Deno.readTextFile(`${folder.path}/env`);
  assert.match(env, /^IMSERVER_UID=[1-9]\d*\nIMSERVER_GID=[1-9]\d*\n/m);

  assert.doesNotMatch(await makeSecrets(folder.path), /made/);
  assert.deepEqual(await read(secrets), made);
  assert.equal(await Deno.readTextFile(`${folder.path}/env`), env);

  await makeSecrets(another.path);
  const others = await read(`${another.path}/secrets`);
  for (const name of wanted) assert.notEqual(made[name], others[name], name);

  for (const side of ["gateway", "dbproxy"]) {
    await runToEnd("openssl", ["verify", "-CAfile", `${secrets}/grpc-ca.crt`, `${secrets}/grpc-${side}.crt`]);
  }
  const names = await runToEnd("openssl", [
    "x509",
    "-in",
    `${secrets}/tls.crt`,
    "-noout",
    "-ext",
    "subjectAltName",
  ]);
  assert.match(names, /DNS:chat\.example$/m);
  // A gateway that is taken does not have the database's password.
  assert.doesNotMatch(made["gateway.toml"], new RegExp(made["mysql-password"]));
});

Deno.test("compose: every setting exists and every command line is accepted", async () => {
  using folder = tempFolder();
  await makeSecrets(folder.path);
  const flags = Object.values(SETTINGS).map(({ flag }) => flag);
  const variables = flags.map(envName);
  assert.equal(ours.length, 4);
  for (const [name, service] of ours) {
    const targets = secretsOf(service);
    const env = Object.entries(service.environment!).map(([key, value]) => {
      assert.ok(variables.includes(key), `${name}: ${key}`);
      const secret = /^\/run\/secrets\/(.*)$/.exec(value)?.[1];
      const source = targets.find(({ target }) => target === secret)?.source;
      if (secret) assert.ok(source, `${name} does not get ${value}`);
      return [key, secret ? `${folder.path}/secrets/${source}` : value];
    });
    const args = [...service.command!, "--check-config"];
    for (const arg of service.command!) {
      assert.ok(flags.includes(/^--([\w-]+)=/.exec(arg)![1] as typeof flags[number]));
    }
    const { code, stdout, stderr } = await runProgram(args, { env: Object.fromEntries(env) });
    assert.deepEqual([code, stdout, stderr], [0, "The settings are good.\n", ""], name);
  }
});

Deno.test("deploy: scripts are well-formed and can be run", async () => {
  const scripts = ["deploy/make-secrets.sh", "deploy/ready.sh"];
  for (const name of ["primary", "replica", "healthy"]) scripts.push(`deploy/mysql/${name}.sh`);
  for (const path of scripts) {
    const shell = (await Deno.readTextFile(ROOT + path)).startsWith("#!/bin/bash") ? "bash" : "sh";
    await runToEnd(shell, ["-n", ROOT + path]);
    assert.ok((await Deno.stat(ROOT + path)).mode! & 0o100, path);
  }
});

Deno.test("deploy: MySQL is as durable as the answer to a send says", async () => {
  const text = await Deno.readTextFile(`${ROOT}deploy/mysql/mysql.cnf`);
  const settings = Object.fromEntries(
    [...text.matchAll(/^(\w+) = (.*)$/gm)].map(([, key, value]) => [key, value]),
  );
  const wanted = {
    innodb_flush_log_at_trx_commit: "1",
    sync_binlog: "1",
    binlog_format: "ROW",
    gtid_mode: "ON",
    enforce_gtid_consistency: "ON",
    character_set_server: "utf8mb4",
  };
  for (const [key, value] of Object.entries(wanted)) assert.equal(settings[key], value, key);
  const ids = ["mysql-primary", "mysql-replica"].map((name) => compose.services[name].command![0]);
  assert.deepEqual(ids, ["--server-id=1", "--server-id=2"]);
});

Deno.test("deploy: the image holds one program, and nobody in it is root", async () => {
  const text = await Deno.readTextFile(`${ROOT}deploy/Dockerfile`);
  const lines = text.replaceAll(/\\\n/g, " ").split("\n").filter((line) => line && !line.startsWith("#"));
  const last = lines.findLastIndex((line) => line.startsWith("FROM "));
  const final = lines.slice(last);
  assert.ok(final.some((line) => /^USER \$\{UID\}:\$\{GID\}$/.test(line)));
  for (const line of final) if (/^ARG (UID|GID)=/.test(line)) assert.match(line, /=[1-9]\d{3,}$/);
  assert.ok(final.some((line) => line.startsWith("HEALTHCHECK ")));
  assert.ok(!lines.some((line) => line.startsWith("ADD ")));
  for (const line of lines.filter((line) => line.startsWith("FROM "))) {
    assert.match(line, /^FROM [a-z]+:[\w.-]+/);
  }
  for (const line of lines.filter((line) => line.startsWith("COPY "))) {
    const words = line.split(" ").slice(1);
    const paths = words.filter((word) => !word.startsWith("--")).slice(0, -1);
    if (words.some((word) => word.startsWith("--from="))) assert.deepEqual(paths, ["/src/dist/imserver"]);
    else for (const path of paths) assert.ok(await exists(path), path);
  }
  const pinned = /deno@([\d.]+)/.exec(text)![1];
  assert.equal(pinned, Deno.version.deno);
  // Neither secrets nor what is in them by accident gets into the image.
  const ignored = (await Deno.readTextFile(`${ROOT}.dockerignore`)).split("\n");
  for (const path of [".git", ".env", "deploy/secrets", "data/keys.json", "dist"]) {
    assert.ok(ignored.includes(path));
  }
  const kept = (await Deno.readTextFile(`${ROOT}.gitignore`)).split("\n");
  for (const path of ["/.env", "/deploy/secrets/"]) assert.ok(kept.includes(path));
});
