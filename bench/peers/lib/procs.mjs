// Starts and stops our own processes (by pid), and prepares MariaDB and Redis.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import mysql from "mysql2/promise";
import { BASE, DB, PORT } from "./config.mjs";
import { sleep } from "./stats.mjs";

const HERE = new URL("..", import.meta.url).pathname;

const running = new Set();
process.on("exit", () => {
  for (const c of running) {
    try {
      process.kill(c.pid, "SIGKILL");
    } catch {}
  }
});
for (const s of ["SIGINT", "SIGTERM"]) process.on(s, () => process.exit(130));

function start(name, cmd, args, env = {}) {
  fs.mkdirSync(BASE, { recursive: true });
  const log = fs.openSync(`${BASE}/${name}.log`, "a");
  const c = spawn(cmd, args, {
    stdio: ["ignore", log, log],
    cwd: BASE,
    env: { ...process.env, ...env },
  });
  fs.closeSync(log);
  running.add(c);
  c.done = new Promise((r) =>
    c.on("exit", () => {
      running.delete(c);
      r();
    })
  );
  return c;
}

export async function stop(c) {
  if (!running.has(c)) return;
  process.kill(c.pid, "SIGTERM");
  const t = setTimeout(() => {
    try {
      process.kill(c.pid, "SIGKILL");
    } catch {}
  }, 15000);
  await c.done;
  clearTimeout(t);
}

const listening = (port) =>
  new Promise((r) => {
    const s = net.connect(port, "127.0.0.1", () => {
      s.destroy();
      r(true);
    });
    s.on("error", () => r(false));
  });

// Start a server that listens on a port, and wait until it does. Refuses a port that somebody else holds.
export async function serve(port, name, cmd, args, env) {
  if (await listening(port)) {
    throw new Error(`port ${port} is taken: is another run under way?`);
  }
  const c = start(name, cmd, args, env);
  for (
    const end = Date.now() + 30000;
    Date.now() < end && running.has(c);
    await sleep(100)
  ) {
    if (await listening(port)) return c;
  }
  throw new Error(
    `${name} does not listen on ${port}; see ${BASE}/${name}.log`,
  );
}

export async function startMysql() {
  const dir = `${BASE}/my`;
  if (!fs.existsSync(`${dir}/mysql`)) {
    fs.mkdirSync(dir, { recursive: true });
    execFileSync("mariadb-install-db", [
      "--no-defaults",
      "--user=root",
      `--datadir=${dir}`,
      "--auth-root-authentication-method=normal",
    ], { stdio: "ignore" });
  }
  const c = await serve(PORT.mysql, "mariadb", "mariadbd", [
    "--no-defaults",
    "--user=root",
    `--datadir=${dir}`,
    `--port=${PORT.mysql}`,
    "--bind-address=127.0.0.1",
    `--socket=${BASE}/my.sock`,
    "--innodb-buffer-pool-size=512M",
    "--innodb-flush-log-at-trx-commit=1",
    "--skip-log-bin",
    "--character-set-server=utf8mb4",
  ]);
  const root = await mysql.createConnection({
    socketPath: `${BASE}/my.sock`,
    user: "root",
  });
  await root.query(
    `CREATE USER IF NOT EXISTS peers@'127.0.0.1' IDENTIFIED BY 'peers'`,
  );
  await root.query(`GRANT ALL ON *.* TO peers@'127.0.0.1'`);
  await root.end();
  return c;
}

export async function freshDatabase(name, schemaFile) {
  const c = await mysql.createConnection({ ...DB, multipleStatements: true });
  await c.query(
    `DROP DATABASE IF EXISTS \`${name}\`; CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4; USE \`${name}\``,
  );
  if (schemaFile) await c.query(fs.readFileSync(schemaFile, "utf8"));
  return c; // stays open: used for the row counts
}

export async function startRedis() {
  fs.mkdirSync(`${BASE}/redis`, { recursive: true });
  return serve(PORT.redis, "redis", "redis-server", [
    "--port",
    `${PORT.redis}`,
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--dir",
    `${BASE}/redis`,
  ]);
}

export function render(template, out, vars = {}) {
  const text = fs.readFileSync(HERE + template, "utf8").replace(
    /\$\{(\w+)\}/g,
    (m, k) => vars[k] ?? m,
  );
  fs.writeFileSync(out, text);
}
export const here = (f) => HERE + f;
