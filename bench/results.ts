import { median } from "./proc.ts";

/** One run of a scenario, as it lies in bench/results.jsonl. */
export interface Result {
  at: string;
  /** Of the working tree; `+` when it had changes. Or the name of a peer. */
  commit: string;
  machine: string;
  scenario: string;
  on: string;
  figures: Record<string, number>;
}

const FILE = new URL("results.jsonl", import.meta.url);

export function keep(result: Omit<Result, "at" | "machine">): void {
  const line: Result = { at: new Date().toISOString(), machine: machine(), ...result };
  Deno.writeTextFileSync(FILE, JSON.stringify(line) + "\n", { append: true });
}

export function kept(): Result[] {
  try {
    return Deno.readTextFileSync(FILE).trim().split("\n").map((line) => JSON.parse(line));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** What the working tree is, for a result. */
export async function commitNow(): Promise<string> {
  const git = async (...args: string[]) =>
    new TextDecoder().decode((await new Deno.Command("git", { args }).output()).stdout).trim();
  return await git("rev-parse", "--short", "HEAD") + (await git("status", "--porcelain", "-uno") ? "+" : "");
}

function machine(): string {
  const model = /^model name\s*:\s*(.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? "?";
  const gib = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  return `${navigator.hardwareConcurrency} × ${model}, ${gib} GiB`;
}

/** The median of each figure that all runs have. */
export function mediansOf(runs: readonly Record<string, number>[]): Record<string, number> {
  const names = Object.keys(runs[0]).filter((name) => runs.every((run) => name in run));
  return Object.fromEntries(names.map((name) => [name, median(runs.map((run) => run[name]))]));
}

/**
 * Medians of two commits (or peers) beside each other, by scenario and ground, as a table in Markdown. Commits may be
 * shortened. Throws when there is nothing of one of them.
 */
export function compare(results: readonly Result[], a: string, b: string): string {
  const of = (who: string) => {
    const found = results.filter(({ commit }) => commit.startsWith(who));
    if (found.length === 0) throw new Error(`There are no results of "${who}".`);
    return Map.groupBy(found, ({ scenario, on }) => `${scenario}, ${on}`);
  };
  const [left, right] = [of(a), of(b)];
  const lines = [`| scenario | figure | ${a} | ${b} | ratio |`, "| --- | --- | ---: | ---: | ---: |"];
  for (const [where, runs] of left) {
    const others = right.get(where);
    if (!others) continue;
    const [ours, theirs] = [runs, others].map((some) => mediansOf(some.map(({ figures }) => figures)));
    for (const [name, value] of Object.entries(ours)) {
      if (!(name in theirs)) continue;
      const ratio = value === 0 ? "" : (theirs[name] / value).toFixed(2);
      lines.push(`| ${where} | ${name} | ${value} | ${theirs[name]} | ${ratio} |`);
    }
  }
  return lines.join("\n");
}
