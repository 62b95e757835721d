import { runScenario } from "./loads.ts";
import { commitNow, keep, mediansOf } from "./results.ts";

const SYSTEMS = ["socketio", "ejabberd"];
/** Our scenarios, and what the kit calls the same load. */
const SCENARIOS = { direct: "s1", rate: "s1b", fanout: "s2", idle: "s3" };

/** A run as bench/peers/run.mjs prints it; see bench/peers/README.md. */
interface PeerRun {
  n: number;
  perSec: number;
  lat?: { p50: number; p95: number; p99: number; max: number };
  cpu: { server: number; db: number; redis?: number };
  kib?: number;
  wrong: number;
  rowsOk: boolean;
}

export interface PeerFigures {
  scenario: string;
  on: string;
  commit: string;
  figures: Record<string, number>;
}

/**
 * Each load in turn on our cluster (one gateway, one dbproxy, MariaDB, Redis) and on the peers, on MariaDB as well, so
 * that each is a ratio within one run; medians. Without names all of them. Throws when a peer's run lost something.
 */
export async function peers(runs: number, names: readonly string[]): Promise<PeerFigures[]> {
  const unknown = names.find((name) => !Object.hasOwn(SCENARIOS, name));
  if (unknown) throw new Error(`The peers do not know "${unknown}": ${Object.keys(SCENARIOS).join(", ")}.`);
  await prepare();
  const ours = await commitNow();
  const all: PeerFigures[] = [];
  for (const [scenario, kits] of Object.entries(SCENARIOS)) {
    if (names.length > 0 && !names.includes(scenario)) continue;
    const columns = new Map<string, Record<string, number>[]>([ours, ...SYSTEMS].map((name) => [name, []]));
    for (let run = 0; run < runs; run++) {
      for (const [commit, figures] of columns) {
        const one = commit === ours ? await runScenario(scenario, "cluster") : await runPeer(commit, kits);
        keep({ commit, scenario, on: "cluster", figures: one });
        figures.push(one);
      }
    }
    for (const [commit, figures] of columns) {
      all.push({ scenario, on: "cluster", commit, figures: mediansOf(figures) });
    }
  }
  return all;
}

const FOLDER = new URL("peers/", import.meta.url).pathname;

async function prepare(): Promise<void> {
  await run("npm", ["ci", "--silent", "--no-audit", "--no-fund"]);
  await run("ejabberdctl", ["help"]).catch(() => {
    throw new Error(
      "The peers need ejabberd: apt-get install --no-install-recommends ejabberd erlang-p1-mysql mariadb-server",
    );
  });
}

async function runPeer(system: string, scenario: string): Promise<Record<string, number>> {
  const lines = (await run("node", ["run.mjs", system, scenario, "1"])).trim().split("\n");
  const result: PeerRun = JSON.parse(lines[lines.length - 1]);
  if (result.wrong > 0 || !result.rowsOk) {
    throw new Error(`void: ${system} ${scenario}: ${lines[lines.length - 1]}`);
  }
  const { n, perSec, lat, cpu, kib } = result;
  const per1000 = (seconds: number) => round(seconds * 1e6 / n);
  const all = per1000(cpu.server + cpu.db + (cpu.redis ?? 0));
  if (kib !== undefined) {
    return {
      connectionsPerSecond: round(perSec),
      connectCpuMsPer1000: all,
      serverKiBPerConnection: round(kib),
    };
  }
  return {
    perSecond: Math.round(perSec),
    cpuMsPer1000: all,
    serverCpuMsPer1000: per1000(cpu.server),
    mariadbCpuMsPer1000: per1000(cpu.db),
    p50Ms: round(lat!.p50),
    p95Ms: round(lat!.p95),
    p99Ms: round(lat!.p99),
    maxMs: round(lat!.max),
  };
}

async function run(command: string, args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd: FOLDER }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (code !== 0 && args[0] !== "help") {
    throw new Error(`${command} ${args.join(" ")}: ${text(stderr) || text(stdout)}`);
  }
  return text(stdout);
}

const round = (value: number) => Math.round(value * 100) / 100;
