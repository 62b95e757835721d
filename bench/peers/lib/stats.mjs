// Small measuring helpers: percentiles, /proc readings, medians.
import fs from "node:fs";

const HZ = 100; // USER_HZ on Linux

export const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
export const now = () => performance.now();

// /proc/PID/stat, split after the parenthesised command name (which may contain spaces).
function stat(pid) {
  try {
    const s = fs.readFileSync(`/proc/${pid}/stat`, "latin1");
    return s.slice(s.lastIndexOf(")") + 2).split(" "); // [0]=state [1]=ppid ... [11]=utime [12]=stime
  } catch {
    return null;
  }
}

// pid and all of its living descendants
export function tree(pid) {
  const kids = {};
  for (const d of fs.readdirSync("/proc")) {
    if (!/^\d+$/.test(d)) continue;
    const f = stat(d);
    if (f) (kids[f[1]] ||= []).push(+d);
  }
  const out = [pid];
  for (let i = 0; i < out.length; i++) out.push(...(kids[out[i]] || []));
  return out;
}

export function cpuSeconds(pids) {
  let t = 0;
  for (const p of pids) {
    const f = stat(p);
    if (f) t += +f[11] + +f[12];
  }
  return t / HZ;
}

export function rssKiB(pids) {
  let t = 0;
  for (const p of pids) {
    try {
      t += +/VmRSS:\s+(\d+)/.exec(
        fs.readFileSync(`/proc/${p}/status`, "latin1"),
      )[1];
    } catch {}
  }
  return t;
}

// Whole machine: busy seconds (all CPUs) and stolen seconds.
export function machine() {
  const [u, n, s, , , irq, soft, steal] = fs.readFileSync(
    "/proc/stat",
    "latin1",
  ).split("\n")[0].trim().split(
    /\s+/,
  ).slice(1).map(Number);
  return { busy: (u + n + s + irq + soft) / HZ, steal: steal / HZ };
}

// Kernel threads (disk and network work done for everybody); children of kthreadd, pid 2
const kernelSeconds = () => cpuSeconds(tree(2));

// One reading of everything that is attributed. groups: { server:[pids], db:[pids], ... }
export function sample(groups) {
  const c = process.cpuUsage();
  const out = {
    t: now(),
    client: (c.user + c.system) / 1e6,
    kernel: kernelSeconds(),
    ...machine(),
  };
  for (const [k, pids] of Object.entries(groups)) out[k] = cpuSeconds(pids);
  return out;
}

// Difference of two samples; `other` is CPU that was used by none of ours (the neighbours).
export function delta(a, b) {
  const d = {};
  for (const k of Object.keys(a)) d[k] = b[k] - a[k];
  d.secs = d.t / 1000;
  delete d.t;
  const ours = Object.entries(d).filter(([k]) => !["busy", "steal", "secs", "kernel"].includes(k))
    .reduce((s, [, v]) => s + v, 0);
  d.other = Math.max(0, d.busy - ours - Math.max(0, d.kernel));
  d.clientShare = d.client / ours;
  return d;
}

export function percentiles(values) {
  const v = Float64Array.from(values).sort();
  const at = (q) => v.length ? v[Math.min(v.length - 1, Math.ceil(q * v.length) - 1)] : NaN;
  return {
    n: v.length,
    p50: at(.5),
    p95: at(.95),
    p99: at(.99),
    max: v.length ? v[v.length - 1] : NaN,
  };
}

export function median(values) {
  const v = values.filter(Number.isFinite).sort((a, b) => a - b);
  return { med: v[v.length >> 1], min: v[0], max: v[v.length - 1] };
}
