import { cpuSeconds } from "../proc.ts";

/** Process ids by what they are: `gateway`, `dbproxy`, `mariadb` … */
export type Processes = Record<string, readonly number[]>;

export interface Reading {
  atMs: number;
  /** CPU seconds so far, by what the processes are, and this load's own as `load`. */
  cpu: Record<string, number>;
}

/** CPU of everything that takes part, now. */
export function read(processes: Processes): Reading {
  const cpu: Record<string, number> = { load: cpuSeconds(Deno.pid) };
  for (const [name, pids] of Object.entries(processes)) {
    cpu[name] = pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
  }
  return { atMs: performance.now(), cpu };
}

/** Seconds between two readings, and CPU milliseconds per 1,000 of what was counted between them. */
export function between(from: Reading, to: Reading, count: number) {
  const seconds = (to.atMs - from.atMs) / 1000;
  const per1000 = (name: string) => round((to.cpu[name] - from.cpu[name]) * 1e6 / count);
  const names = Object.keys(from.cpu).filter((name) => name !== "load");
  const each = Object.fromEntries(names.map((name) => [`${name}CpuMsPer1000`, per1000(name)]));
  const all = round(names.reduce((sum, name) => sum + to.cpu[name] - from.cpu[name], 0) * 1e6 / count);
  return {
    perSecond: Math.round(count / seconds),
    cpuMsPer1000: all,
    ...names.length > 1 ? each : {},
    loadCpuMsPer1000: per1000("load"),
  };
}

/** Of times in milliseconds; sorts them. */
export function percentiles(times: number[]): { p50Ms: number; p95Ms: number; p99Ms: number; maxMs: number } {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: round(sorted[sorted.length - 1]) };
}

export const round = (value: number) => Math.round(value * 100) / 100;
