// What the disk and MariaDB allow here: fdatasync/s of 4 KiB, and single-row INSERTs/s with 1 and with 8 connections.
import fs from "node:fs";
import mysql from "mysql2";
import { BASE, DB } from "./config.mjs";
import { freshDatabase, here, startMysql, stop } from "./procs.mjs";
import { cpuSeconds, median, now } from "./stats.mjs";

export async function floor(raw) {
  const out = { system: "floor", at: new Date().toISOString() };
  const fd = fs.openSync(`${BASE}/floor.dat`, "w"),
    block = Buffer.alloc(4096, 1);
  out.fdatasyncPerSec = median([1, 2, 3].map(() => {
    let n = 0;
    const t = now();
    for (; now() - t < 2000 && n < 100000; n++) {
      fs.writeSync(fd, block, 0, 4096, (n % 1000) * 4096);
      fs.fdatasyncSync(fd);
    }
    return n / ((now() - t) / 1000);
  }));
  fs.closeSync(fd);
  fs.unlinkSync(`${BASE}/floor.dat`);
  const mariadb = await startMysql(),
    db = await freshDatabase("peers_floor", here("servers/socketio.sql"));
  for (const connections of [1, 8]) {
    const rates = [], cpu = [];
    for (let i = 0; i < 3; i++) {
      const pool = mysql.createPool({
        ...DB,
        database: "peers_floor",
        connectionLimit: connections,
      });
      let n = 0, open = 0;
      const t = now(), c = cpuSeconds([mariadb.pid]);
      await new Promise((done) => {
        const next = () => {
          if (now() - t > 5000) {
            if (!open) done();
            return;
          }
          open++;
          pool.execute(
            "INSERT INTO messages (conv, sender, body, at) VALUES (?, ?, ?, ?)",
            [
              "u1|u2",
              "u1",
              "x".repeat(100),
              Date.now(),
            ],
            (err) => {
              if (err) throw err;
              n++;
              open--;
              next();
            },
          );
        };
        for (let k = 0; k < connections * 2; k++) next();
      });
      rates.push(n / ((now() - t) / 1000));
      cpu.push((cpuSeconds([mariadb.pid]) - c) * 1000 / n);
      pool.end();
    }
    out[`inserts${connections}`] = median(rates);
    out[`insertCpu${connections}`] = median(cpu);
  }
  await db.query("DROP DATABASE peers_floor");
  await db.end();
  await stop(mariadb);
  fs.appendFileSync(raw, JSON.stringify(out) + "\n");
  console.log(
    JSON.stringify(out, (k, v) => typeof v === "number" ? +v.toFixed(3) : v),
  );
}
