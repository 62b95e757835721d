// The scenarios, written once for every protocol. A body is 100 bytes: '@@' + send time + '#' + sender + padding.
import { delta, now, percentiles, rssKiB, sample, sleep } from "./stats.mjs";

const PAIRS = 200,
  WINDOW = 8,
  MEMBERS = 1000,
  ROOM_SENDERS = 5,
  ROOM_WINDOW = 2;
const WARM = 3000,
  MEASURE = 10000,
  DRAIN = 30000,
  RATE = 1000,
  IDLE = 10000,
  IDLE_PARALLEL = 50;
const IDLE_SECS = Math.min(600, +process.env.IDLE_SECS || 20); // how long S3 watches the idle connections

const body = (i) =>
  `@@${now().toFixed(3).padStart(14, "0")}#${String(i).padStart(4, "0")}#`
    .padEnd(100, "x");
const sentAt = (t, at = t.indexOf("@@")) => +t.substr(at + 2, 14);
const sender = (t, at = t.indexOf("@@")) => +t.substr(at + 17, 4);

// Connect users in parallel, a bounded number at a time; returns the connections in order.
async function connectAll(
  driver,
  names,
  node = () => 0,
  parallel = IDLE_PARALLEL,
) {
  driver.prepare?.(names);
  const out = Array(names.length);
  let next = 0;
  await Promise.all(Array.from({ length: parallel }, async () => {
    for (let i; (i = next++) < names.length;) {
      out[i] = await driver.connect(names[i], node(i));
    }
  }));
  return out;
}
const closeAll = async (conns) => {
  for (const c of conns) c.close();
  await sleep(3000);
};

async function drained(done) {
  const from = now();
  while (!done() && now() - from < DRAIN) await sleep(50);
  return (now() - from) / 1000;
}

async function rowCheck(sys, before, expected) {
  let rows;
  for (
    let i = 0;
    i < 10 && (rows = await sys.rows() - before) !== expected;
    i++
  ) await sleep(300);
  return { rows, rowsExpected: expected, rowsOk: rows === expected };
}

// Pairs: connections 0..199 send to 200..399. With two servers half of the pairs cross between them.
async function pairs(sys) {
  const names = [...Array(PAIRS * 2).keys()].map((i) => `u${i}`);
  const c = await connectAll(
    sys.driver,
    names,
    (i) => (i < PAIRS ? i : (i - PAIRS) >> 1) & 1,
  );
  return { c, to: (i) => names[PAIRS + i] };
}

export async function s1(sys) {
  const { c, to } = await pairs(sys), rows0 = await sys.rows();
  let sent = 0, got = 0, wrong = 0, lat = null, stop = false;
  const send = (i) => {
    if (!stop) {
      sent++;
      c[i].send(to(i), body(i));
    }
  };
  for (let i = 0; i < PAIRS; i++) {
    if (sys.driver.ack === "server") c[i].onack = () => send(i);
    c[PAIRS + i].onmsg = (t) => {
      got++;
      if (sender(t) !== i) wrong++;
      if (lat) lat.push(now() - sentAt(t));
      if (sys.driver.ack === "receipt") send(i);
    };
  }
  for (let i = 0; i < PAIRS; i++) for (let w = 0; w < WINDOW; w++) send(i);
  await sleep(WARM);
  lat = [];
  const a = sample(sys.groups), g0 = got;
  await sleep(MEASURE);
  const d = delta(a, sample(sys.groups)), n = got - g0, l = percentiles(lat);
  stop = true;
  const drain = await drained(() => got >= sent);
  const r = {
    n,
    perSec: n / d.secs,
    lat: l,
    cpu: d,
    sent,
    delivered: got,
    wrong,
    drain,
    ...await rowCheck(sys, rows0, sent * sys.perDirect),
  };
  await closeAll(c);
  return r;
}

export async function s1b(sys) {
  const { c, to } = await pairs(sys), rows0 = await sys.rows();
  let sent = 0, got = 0, wrong = 0, lat = [], late = 0;
  for (let i = 0; i < PAIRS; i++) {
    c[PAIRS + i].onmsg = (t) => {
      got++;
      if (sender(t) !== i) wrong++;
      lat.push(now() - sentAt(t));
    };
  }
  const run = async (count) => { // message k is due at k ms; it goes out at the first tick after that
    const t0 = now();
    for (let k = 0; k < count;) {
      for (const due = (now() - t0) * RATE / 1000; k < count && k <= due; k++) {
        late = Math.max(late, now() - t0 - k * 1000 / RATE);
        sent++;
        c[k % PAIRS].send(to(k % PAIRS), body(k % PAIRS));
      }
      await sleep(1);
    }
  };
  await run(RATE * WARM / 1000);
  await drained(() => got >= sent);
  lat = [];
  late = 0;
  const a = sample(sys.groups), g0 = got;
  await run(RATE * MEASURE / 1000);
  const drain = await drained(() => got >= sent);
  const d = delta(a, sample(sys.groups)), n = got - g0;
  const r = {
    n,
    perSec: n / d.secs,
    lat: percentiles(lat),
    late,
    cpu: d,
    sent,
    delivered: got,
    wrong,
    drain,
    ...await rowCheck(sys, rows0, sent * sys.perDirect),
  };
  await closeAll(c);
  return r;
}

let room = 0;
export async function s2(sys) {
  const name = `room${Date.now().toString(36)}${room++}`;
  const names = [...Array(MEMBERS).keys()].map((i) => `u${i}`);
  const c = await connectAll(sys.driver, names, (i) => i & 1);
  await c[0].join(name);
  for (let i = 1; i < MEMBERS; i += 20) {
    await Promise.all(c.slice(i, i + 20).map((x) => x.join(name)));
  }
  await sleep(2000);
  const rows0 = await sys.rows();
  let sent = 0, got = 0, lat = null, stop = false;
  const each = new Uint32Array(MEMBERS);
  const send = (i) => {
    if (!stop) {
      sent++;
      c[i].sendRoom(name, body(i));
    }
  };
  for (let i = 0; i < MEMBERS; i++) {
    c[i].onmsg = (t) => {
      const at = t.indexOf("@@");
      if (at < 0) return; // e.g. the room's subject
      got++;
      each[i]++;
      if (lat && i % 50 === 0) lat.push(now() - sentAt(t, at));
      if (
        sys.driver.ack === "receipt" && i < ROOM_SENDERS && sender(t, at) === i
      ) send(i);
    };
  }
  if (sys.driver.ack === "server") {
    for (let i = 0; i < ROOM_SENDERS; i++) c[i].onack = () => send(i);
  }
  for (let i = 0; i < ROOM_SENDERS; i++) {
    for (let w = 0; w < ROOM_WINDOW; w++) send(i);
  }
  await sleep(WARM);
  lat = [];
  const a = sample(sys.groups), g0 = got;
  await sleep(MEASURE);
  const d = delta(a, sample(sys.groups)), n = got - g0, l = percentiles(lat);
  stop = true;
  const drain = await drained(() => got >= sent * MEMBERS);
  const wrong = each.filter((x) => x !== sent).length; // members that did not get every message exactly once
  const r = {
    n,
    perSec: n / d.secs,
    lat: l,
    cpu: d,
    sent,
    delivered: got,
    wrong,
    drain,
    ...await rowCheck(sys, rows0, sent * sys.perRoom),
  };
  await closeAll(c);
  return r;
}

export async function s3(sys) {
  const names = [...Array(IDLE).keys()].map((i) => `u${i}`);
  sys.driver.prepare?.(names);
  const before = rssKiB(sys.groups.server), a = sample(sys.groups);
  const c = await connectAll(sys.driver, names, (i) => i & 1);
  const d = delta(a, sample(sys.groups));
  const at0 = rssKiB(sys.groups.server);
  await sleep(10000);
  const after = rssKiB(sys.groups.server);
  const b = sample(sys.groups);
  await sleep(IDLE_SECS * 1000);
  const idle = delta(b, sample(sys.groups)), later = rssKiB(sys.groups.server);
  const alive = c.filter((x) => !x.closed).length;
  const r = {
    n: alive,
    perSec: IDLE / d.secs,
    cpu: d,
    before,
    at0,
    after,
    later,
    kib: (after - before) / IDLE,
    idleCpu: idle.server / idle.secs,
    wrong: IDLE - alive,
    rowsOk: true,
  };
  for (const x of c) {
    x.onclose = () => {};
    x.sock.resetAndDestroy();
  }
  return r;
}
s3.fresh = true; // a newly started server for each run

// Is a message stored before it is delivered? Stop MariaDB (SIGSTOP) for 2 s: nothing may arrive until it goes on.
export async function order(sys) {
  const c = await connectAll(sys.driver, ["u0", "u1"]),
    name = `order${Date.now().toString(36)}`,
    [db] = sys.groups.db,
    rows0 = await sys.rows();
  for (const x of c) await x.join(name);
  const out = {};
  for (
    const [kind, send] of [["direct", () => c[0].send("u1", body(0))], [
      "room",
      () => c[0].sendRoom(name, body(0)),
    ]]
  ) {
    const seen = (ms) =>
      new Promise((ok) => {
        const t = setTimeout(() => ok(false), ms);
        c[1].onmsg = (t2) => {
          if (t2.includes("@@")) {
            clearTimeout(t);
            ok(true);
          }
        };
      });
    let early, later;
    process.kill(db, "SIGSTOP");
    try {
      send();
      early = await seen(2000);
      later = seen(5000);
    } finally {
      process.kill(db, "SIGCONT");
    }
    out[kind] = { early, later: await later };
  }
  const expected = sys.perDirect + sys.perRoom;
  const r = {
    ...out,
    storedFirst: Object.values(out).every((o) => !o.early && o.later),
    ...await rowCheck(sys, rows0, expected),
    cpu: {},
  };
  await closeAll(c);
  return r;
}

order.once = true; // one run will do

export const scenarios = { s1, s1b, s2, s3, order };
