/** What /proc says of a process (Linux): figures that stay steady where rates are noisy. */

const TICKS_PER_SECOND = 100;

/** CPU seconds, user and system, of all its threads so far (proc(5), stat fields 14 and 15). */
export function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Resident memory now. */
export function rssKiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

/** The same, rounded. */
export const rssMiB = (pid: number): number => Math.round(rssKiB(pid) / 1024);

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
