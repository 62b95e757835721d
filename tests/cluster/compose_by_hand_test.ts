import assert from "node:assert/strict";
import { join } from "node:path";
import type { WebSocket } from "ws";
import { makeSecrets, readCompose, secretsOf } from "../support/compose.ts";
import { Mariadb } from "../support/mariadb.ts";
import { Nginx } from "../support/nginx.ts";
import { getFile, uploadFile } from "../support/files.ts";
import { freshName, register } from "../support/people.ts";
import { programOf } from "../support/processes.ts";
import { RedisServer } from "../support/redis.ts";
import { freePort, ROOT, type Server, startProcess, tempFolder } from "../support/server.ts";
import { TlsClient } from "../support/tls_client.ts";

/**
 * What `docker compose up` would start, as processes on this machine: the same flags, environment and secret files, with
 * addresses of this machine for the names of containers. MariaDB stands for MySQL, and there is no replica.
 */
Deno.test("compose: its command lines, environments and secrets make a cluster", async () => {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(tempFolder());
  await Deno.writeTextFile(`${folder}/env`, "IMSERVER_PUBLIC_URL=https://127.0.0.1\n");
  await makeSecrets(folder);
  const secret = (name: string) => Deno.readTextFile(`${folder}/secrets/${name}`);
  const { services } = await readCompose();

  const mariadb = await Mariadb.start({ fast: true });
  stack.defer(() => mariadb.remove());
  await mariadb.database("imserver");
  const identified = `imserver@'%' IDENTIFIED BY '${await secret("mysql-password")}'`;
  await mariadb.query(`GRANT ALL ON imserver.* TO ${identified}`);
  const ports: Record<string, number> = {
    "mysql-primary:3306": mariadb.port,
    "mysql-replica:3306": freePort(),
  };
  for (const name of ["redis-bus", "redis-cache"]) {
    const [file, ...settings] = services[name].command!.slice(1).map((word) =>
      word === "/run/secrets/redis.conf" ? `${folder}/secrets/${name}.conf` : word
    );
    const [, password] = (await Deno.readTextFile(file)).trim().split(" ");
    const redis = await RedisServer.start({ settings: [...settings, "--requirepass", password] });
    stack.defer(() => redis.remove());
    ports[`${name}:6379`] = redis.port;
  }
  for (const name of ["dbproxy-1:9000", "dbproxy-2:9000"]) ports[name] = freePort();
  const here = (text: string) =>
    Object.entries(ports).reduce((done, [name, port]) => done.replaceAll(name, `localhost:${port}`), text);

  const start = async (name: string): Promise<Server> => {
    const own = join(folder, name);
    await Deno.mkdir(own);
    for (const { source, target } of secretsOf(services[name])) {
      await Deno.writeTextFile(join(own, target), here(await secret(source)), { mode: 0o600 });
    }
    const entries = Object.entries(services[name].environment!).map(([key, value]) => [
      key,
      here(value.replace("/run/secrets", own).replace("/var/lib/imserver", `${folder}/volume`)).replace(
        "0.0.0.0:9000",
        `127.0.0.1:${ports[`${name}:9000`]}`,
      )
        .replace(/^172\.\d+\.\d+\.10$/, "127.0.0.1"),
    ]);
    const server = await startProcess({
      dataDir: own,
      args: services[name].command,
      env: Object.fromEntries(entries),
    });
    return stack.use(server);
  };
  await Promise.all(["dbproxy-1", "dbproxy-2"].map(start));
  const gateways = await Promise.all(["gateway-1", "gateway-2"].map(start));

  const ready = async ({ opsUrl }: Server) => {
    const args = [`${ROOT}deploy/ready.sh`, new URL(opsUrl).port];
    return (await new Deno.Command("bash", { args, stderr: "null" }).output()).code;
  };
  for (const gateway of gateways) assert.equal(await ready(gateway), 0);

  // The volume is one for both.
  const [ann, bytes] = [await register(gateways[0].url), new TextEncoder().encode("one and the same")];
  const file = await uploadFile(gateways[0].url, ann, bytes);
  assert.equal(await (await getFile(gateways[1].url, ann, file.url)).text(), "one and the same");

  const deployed = async (name: string) => await Deno.readTextFile(`${ROOT}deploy/nginx/${name}`);
  const lines = (await deployed("gateways.conf")).replaceAll(
    /gateway-([12]):8080/g,
    (_, i) => new URL(gateways[i - 1].url).host,
  );
  const nginx = await Nginx.start({
    folder: `${folder}/nginx`,
    gateways: [],
    cert: `${folder}/secrets/tls.crt`,
    key: `${folder}/secrets/tls.key`,
    site: { "gateways.conf": lines },
  });
  stack.defer(() => nginx.stop());
  using client = new TlsClient(nginx.url, await secret("tls.crt"));
  const login = await client.call("auth.register", {
    username: freshName(),
    password: "correct horse battery",
  });
  const socket = await client.socket(login.accessToken!) as WebSocket;
  assert.ok(typeof socket === "object");
  socket.terminate();
  // Cookies are for TLS only, because of the public URL.
  const body = JSON.stringify({
    username: login.user.username,
    password: "correct horse battery",
    cookie: true,
  });
  const headers = { "content-type": "application/json", origin: nginx.url };
  const answer = await client.ask("/api/v1/auth/login", { method: "POST", headers, body });
  assert.match(answer.headers.get("set-cookie") ?? answer.body, /; Secure/);

  await gateways[0].stop();
  assert.equal(await ready(gateways[0]), 1);
});

Deno.test("compose: nginx takes the files that are put before it", async () => {
  using folder = tempFolder();
  await makeSecrets(folder.path);
  const { services: { nginx } } = await readCompose();
  const root = `${folder.path}/etc`;
  await Deno.mkdir(`${root}/run`, { recursive: true });
  for (const volume of nginx.volumes!) {
    const [source, target] = volume.split(":");
    const path = target.replace("/etc/nginx", root);
    const { isDirectory } = await Deno.stat(ROOT + source);
    if (isDirectory) await Deno.mkdir(path, { recursive: true });
    const files = isDirectory ? [...Deno.readDirSync(ROOT + source)].map(({ name }) => `/${name}`) : [""];
    for (const name of files) {
      const text = await Deno.readTextFile(ROOT + source + name);
      // The names that extra_hosts knows, and where secrets are.
      const local = text.replaceAll(/gateway-\d:/g, "127.0.0.1:").replaceAll(
        "/run/secrets",
        `${folder.path}/secrets`,
      );
      await Deno.writeTextFile(path + name, local);
    }
  }
  const [program, ...words] = nginx.entrypoint!;
  assert.deepEqual([program, words.at(-2), words.at(-1)], ["nginx", "-g", "daemon off;"]);
  const args = words.map((word) => word.replace("/etc/nginx", root).replace("/run/imserver", root));
  const command = new Deno.Command(programOf("nginx"), { args: ["-t", ...args], stdin: "null" });
  const { success, stderr } = await command.output();
  const said = new TextDecoder().decode(stderr);
  assert.ok(success && !/warn|alert/.test(said), said);
  assert.ok(nginx.tmpfs!.includes("/run/imserver/run"));
});
