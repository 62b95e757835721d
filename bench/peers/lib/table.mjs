// Markdown tables from the raw runs: median (min-max). Quiet runs only, where there are any (see run.mjs).
import fs from "node:fs";
import os from "node:os";
import { execFileSync } from "node:child_process";
import { median } from "./stats.mjs";

const fmt = (x) =>
  !Number.isFinite(x)
    ? "-"
    : x >= 1000
    ? Math.round(x).toLocaleString("en-US")
    : x >= 100
    ? x.toFixed(0)
    : x >= 10
    ? x.toFixed(1)
    : x >= 1
    ? x.toFixed(2)
    : x.toFixed(3);
const cell = (rs, f) => {
  const m = median(rs.map(f));
  return !Number.isFinite(m.med)
    ? "-"
    : m.min === m.max
    ? fmt(m.med)
    : `${fmt(m.med)} (${fmt(m.min)}–${fmt(m.max)})`;
};
const one = (rs, f) => fmt(median(rs.map(f)).med);
const pct = (rs, f) => `${Math.round(median(rs.map(f)).med * 100)} %`;

const perK = (k) => (r) => r.cpu[k] === undefined ? NaN : r.cpu[k] * 1000 / r.n;
const checks = (rs) =>
  rs.every((r) => r.rowsOk && !r.wrong && r.delivered === r.expected)
    ? "all equal"
    : rs.map((r) => `${r.delivered}/${r.expected} ${r.rows}/${r.rowsExpected} wrong ${r.wrong}`).join("; ");

const load = [
  ["server CPU-s per 1000", (rs) => cell(rs, perK("server"))],
  ["MariaDB CPU-s per 1000", (rs) => cell(rs, perK("db"))],
  ["Redis CPU-s per 1000", (rs) => cell(rs, perK("redis"))],
  ["server cores in use", (rs) => one(rs, (r) => r.cpu.server / r.cpu.secs)],
  ["client: share of our CPU", (rs) => pct(rs, (r) => r.cpu.clientShare)],
  ["client: of one core", (rs) => pct(rs, (r) => r.cpu.client / r.cpu.secs)],
];
const check = ["sent = delivered, rows = expected", checks];
const lat = (q) => (rs) => cell(rs, (r) => r.lat[q]);
const perMsg = (k) => (rs) => one(rs, (r) => r.sql[k] / r.sent);
const sections = {
  s1: ["S1 direct: 200 pairs, window 8, 10 s", [
    ["messages/s", (rs) => cell(rs, (r) => r.perSec)],
    ...load,
    ["rows per message", (rs) => one(rs, (r) => r.rows / r.sent)],
    ["log syncs per message", perMsg("syncs")],
    ["p50 ms", (rs) => one(rs, (r) => r.lat.p50)],
    check,
  ]],
  s1b: ["S1b direct at 1000 messages/s, 10 s: send→receive in ms", [
    ["p50", lat("p50")],
    ["p95", lat("p95")],
    ["p99", lat("p99")],
    ["max", lat("max")],
    ["reached/s", (rs) => one(rs, (r) => r.perSec)],
    ["client late by, max ms", (rs) => one(rs, (r) => r.late)],
    ...load.slice(0, 3),
    ["client: share of our CPU", load[4][1]],
    check,
  ]],
  s2: [
    "S2 fan-out: 1000 members, 5 senders × window 2, 10 s (per 1000 = per 1000 deliveries)",
    [
      ["deliveries/s", (rs) => cell(rs, (r) => r.perSec)],
      ["messages/s", (rs) => one(rs, (r) => r.perSec / 1000)],
      ...load,
      ["p50 ms", (rs) => one(rs, (r) => r.lat.p50)],
      ["p99 ms", (rs) => one(rs, (r) => r.lat.p99)],
      check,
    ],
  ],
  s3: [
    "S3 idle: 10,000 authenticated connections (per 1000 = per 1000 connects)",
    [
      ["RSS before, MiB", (rs) => one(rs, (r) => r.before / 1024)],
      ["RSS 10 s after, MiB", (rs) => one(rs, (r) => r.after / 1024)],
      ["KiB per connection", (rs) => cell(rs, (r) => r.kib)],
      ["connects/s", (rs) => cell(rs, (r) => r.perSec)],
      ...load,
      [
        "server CPU while idle",
        (rs) => `${(median(rs.map((r) => r.idleCpu)).med * 100).toFixed(1)} %`,
      ],
      ["lost", (rs) => String(Math.max(...rs.map((r) => r.wrong)))],
    ],
  ],
};

export function table(raw, date) {
  const all = fs.readFileSync(raw, "utf8").trim().split("\n").map((l) => JSON.parse(l));
  const out = [
    `# Peer results, ${date}`,
    "",
    "Median (min–max) of the runs. How, and what it does not show: README.md. Every run: raw-" +
    date +
    ".jsonl.",
    "",
    `${os.cpus().length} × ${os.cpus()[0].model}, ${
      Math.round(os.totalmem() / 2 ** 30)
    } GiB, Linux ${os.release()}, node ${process.version}; ` +
    execFileSync("dpkg-query", [
      "-W",
      "-f",
      "${Package} ${Version}; ",
      "ejabberd",
      "prosody",
      "mariadb-server",
      "redis-server",
    ], { encoding: "utf8" }) +
    ["socket.io", "@socket.io/redis-adapter", "mysql2"].map((m) =>
      `${m} ${
        JSON.parse(
          fs.readFileSync(
            new URL(`../node_modules/${m}/package.json`, import.meta.url),
          ),
        ).version
      }`
    ).join("; ") + ".",
    "",
  ];
  const f = all.filter((r) => r.system === "floor").at(-1);
  if (f) {
    out.push(
      "## Floor: this machine's disk and MariaDB alone",
      "",
      `fdatasync of 4 KiB: ${fmt(f.fdatasyncPerSec.med)}/s (${fmt(f.fdatasyncPerSec.min)}–${
        fmt(f.fdatasyncPerSec.max)
      }). Single-row INSERTs, 1 connection: ${fmt(f.inserts1.med)}/s (${fmt(f.inserts1.min)}–${
        fmt(f.inserts1.max)
      }); 8 connections: ${fmt(f.inserts8.med)}/s (${fmt(f.inserts8.min)}–${fmt(f.inserts8.max)}), ${
        fmt(f.insertCpu8.med)
      } MariaDB CPU-s per 1000.`,
      "",
    );
  }
  for (const [s, [title, cols]] of Object.entries(sections)) {
    const rows = [];
    for (
      const system of [
        ...new Set(all.filter((r) => r.scenario === s).map((r) => r.system)),
      ]
    ) {
      const runs = all.filter((r) => r.scenario === s && r.system === system);
      for (const r of runs) r.expected = s === "s2" ? r.sent * 1000 : r.sent;
      const good = runs.filter((r) => !r.noisy);
      const rs = good.length ? good : runs;
      rows.push([
        `**${system}**`,
        `${rs.length}${good.length ? "" : " noisy"}${
          runs.length > rs.length ? `, ${runs.length - rs.length} noisy left out` : ""
        }`,
        ...cols.map((c) => c[1](rs)),
        `${
          (median(rs.map((r) => (r.cpu.other + r.cpu.steal) / r.cpu.secs)).med *
            50).toFixed(1)
        } %`,
      ]);
    }
    if (!rows.length) continue;
    const head = [
      "",
      "runs",
      ...cols.map((c) => c[0]),
      "CPU taken by neighbours",
    ];
    out.push(`## ${title}`, "");
    // one column per system reads better than one row per system
    const grid = head.map((h, i) => [h, ...rows.map((r) => r[i])]);
    grid.forEach((g, i) => {
      out.push("| " + g.join(" | ") + " |");
      if (!i) out.push("|" + "---|".repeat(g.length));
    });
    out.push("");
  }
  const orders = all.filter((r) => r.scenario === "order");
  if (orders.length) {
    out.push(
      "## Stored before delivered? (MariaDB stopped for 2 s with a message under way)",
      "",
      "| system | direct | room | rows |",
      "|---|---|---|---|",
      ...orders.map((r) =>
        `| ${r.system} | ${
          ["direct", "room"].map((k) =>
            r[k].early ? "delivered while the database was stopped" : r[k].later ? "yes" : "lost"
          ).join(" | ")
        } | ${r.rows} of ${r.rowsExpected} |`
      ),
      "",
    );
  }
  return out.join("\n");
}
