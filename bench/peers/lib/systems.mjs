// The systems under test. Each: up() starts it with fresh data and returns
// { groups: {server:[pids], db:[..], redis:[..]}, rows(), perDirect, perRoom, driver, down() }.
import fs from "node:fs";
import crypto from "node:crypto";
import * as xmpp from "../drivers/xmpp.mjs";
import * as socketio from "../drivers/socketio.mjs";
import { BASE, MAX_USERS, PORT } from "./config.mjs";
import { freshDatabase, here, render, serve, startMysql, startRedis, stop } from "./procs.mjs";
import { sleep, tree } from "./stats.mjs";

const HASHED = process.env.HASHED === "1"; // XMPP servers: store SCRAM hashes instead of plain passwords
const users = [...Array(MAX_USERS).keys()].map((i) => `u${i}`);

async function insertAll(db, sql, rows) {
  for (let i = 0; i < rows.length; i += 1000) {
    await db.query(sql, [rows.slice(i, i + 1000)]);
  }
}

// One salt for everybody is fine here: the server's work per login is the same.
function scram(iterations) {
  const salt = crypto.randomBytes(16),
    h = (k, t) => crypto.createHmac("sha1", k).update(t).digest();
  const salted = crypto.pbkdf2Sync("pw", salt, iterations, 20, "sha1");
  return {
    salt,
    stored: crypto.createHash("sha1").update(h(salted, "Client Key")).digest(),
    server: h(salted, "Server Key"),
  };
}

async function finish(children, servers, db, rowsSql, rest) {
  await sleep(1500);
  const [mariadb, redis] = children;
  const pids = (list) => list.flatMap((c) => tree(c.pid));
  const groups = {
    server: pids(servers),
    db: pids([mariadb]),
    ...(redis ? { redis: pids([redis]) } : {}),
  };
  return {
    groups,
    ...rest,
    rows: async () => Number((await db.query(rowsSql))[0][0].n),
    sql: async () => { // statements and log syncs since the server's start
      const v = Object.fromEntries(
        (await db.query("SHOW GLOBAL STATUS"))[0].map((
          r,
        ) => [r.Variable_name, +r.Value]),
      );
      return {
        selects: v.Com_select,
        inserts: v.Com_insert,
        commits: v.Com_commit,
        syncs: v.Innodb_os_log_fsyncs ?? v.Innodb_data_fsyncs,
      };
    },
    down: async () => {
      for (const c of servers) await stop(c);
      await db.end();
      if (redis) await stop(redis);
      await stop(mariadb);
    },
  };
}

async function ejabberd() {
  const mariadb = await startMysql(), dir = `${BASE}/ejabberd`;
  const db = await freshDatabase(
    "peers_ejabberd",
    "/usr/share/ejabberd/sql/mysql.sql",
  );
  if (process.env.FULLTEXT === "0") {
    await db.query("DROP INDEX i_text ON archive");
  }
  const k = scram(4096), b = (x) => x.toString("base64");
  await insertAll(
    db,
    "INSERT INTO users (username, password, serverkey, salt, iterationcount) VALUES ?",
    users.map((u) => HASHED ? [u, b(k.stored), b(k.server), b(k.salt), 4096] : [u, "pw", "", "", 0]),
  );
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(`${dir}/spool`, { recursive: true });
  render("servers/ejabberd.yml", `${dir}/ejabberd.yml`, {
    port: PORT.ejabberd,
    sql_port: PORT.mysql,
    password_format: HASHED ? "scram" : "plain",
  });
  // The flags that Debian's ejabberdctl uses, without its su and without epmd.
  const extra = (process.env.ERL_EXTRA || "").split(" ").filter(Boolean);
  const server = await serve(PORT.ejabberd, "ejabberd", "erl", [
    "-sname",
    "peers@localhost",
    "-erl_epmd_port",
    "7425",
    "-start_epmd",
    "false",
    "-kernel",
    "inet_dist_use_interface",
    "{127,0,0,1}",
    "+K",
    "true",
    "+P",
    "250000",
    ...extra,
    "-noinput",
    "-mnesia",
    "dir",
    `"${dir}/spool"`,
    "-s",
    "ejabberd",
  ], {
    HOME: dir,
    ERL_LIBS: "/usr/lib/x86_64-linux-gnu",
    EJABBERD_CONFIG_PATH: `${dir}/ejabberd.yml`,
    EJABBERD_LOG_PATH: `${dir}/ejabberd.log`,
    ERL_CRASH_DUMP_BYTES: "0",
    ERL_MAX_ETS_TABLES: "1400",
  });
  return finish([mariadb], [server], db, "SELECT COUNT(*) n FROM archive", {
    perDirect: 2,
    perRoom: 1,
    driver: xmpp.make("ejabberd"),
  });
}

async function prosody() {
  const mariadb = await startMysql(), dir = `${BASE}/prosody`;
  const db = await freshDatabase("peers_prosody");
  fs.rmSync(dir, { recursive: true, force: true });
  for (const d of ["data", "certs"]) {
    fs.mkdirSync(`${dir}/${d}`, { recursive: true });
  }
  render("servers/prosody.cfg.lua", `${dir}/prosody.cfg.lua`, {
    base: BASE,
    port: PORT.prosody,
    sql_port: PORT.mysql,
    auth: HASHED ? "internal_hashed" : "internal_plain",
  });
  const server = await serve(
    PORT.prosody,
    "prosody",
    "prosody",
    ["--config", `${dir}/prosody.cfg.lua`, "-F"],
    { HOME: dir },
  );
  const driver = xmpp.make("prosody");
  await driver.connect("nobody").catch(() => {}); // Prosody makes its tables at the first use of the database
  const k = scram(10000), rows = [], hex = (x) => x.toString("hex");
  for (const u of users) {
    const put = (key, type, value) => rows.push(["localhost", u, "accounts", key, type, value]);
    if (!HASHED) put("password", "string", "pw");
    else {
      put("stored_key", "string", hex(k.stored));
      put("server_key", "string", hex(k.server));
      put("salt", "string", hex(k.salt));
      put("iteration_count", "number", "10000");
    }
  }
  await insertAll(
    db,
    "INSERT INTO prosody (host, user, store, `key`, type, value) VALUES ?",
    rows,
  );
  return finish(
    [mariadb],
    [server],
    db,
    "SELECT COUNT(*) n FROM prosodyarchive",
    {
      perDirect: 2,
      perRoom: 1,
      driver,
    },
  );
}

async function sio(nodes) {
  const mariadb = await startMysql(),
    redis = nodes > 1 ? await startRedis() : null;
  const db = await freshDatabase(
    "peers_socketio",
    here("servers/socketio.sql"),
  );
  const ports = PORT.sio.slice(0, nodes);
  const servers = [];
  for (const p of ports) {
    servers.push(
      await serve(p, `socketio-${p}`, process.execPath, [
        here("servers/socketio-chat.mjs"),
        `${p}`,
        ...(redis ? [`${PORT.redis}`] : []),
      ], { NODE_ENV: "production" }),
    );
  }
  return finish(
    [mariadb, redis],
    servers,
    db,
    "SELECT COUNT(*) n FROM messages",
    {
      perDirect: 1,
      perRoom: 1,
      driver: socketio.make(ports),
    },
  );
}

export const systems = {
  ejabberd,
  prosody,
  socketio: () => sio(1),
  socketio2: () => sio(2),
};
