import { SETTINGS } from "../modes/settings.ts";
import { cluster, embedded, type Ground } from "./ground.ts";
import type { Job } from "./load/main.ts";
import { runLoad } from "./run_load.ts";

export type Figures = Record<string, number>;

/** A load, on a ground of its own for each run. */
export interface LoadScenario {
  grounds: readonly ("embedded" | "cluster")[];
  open?: (on: "embedded" | "cluster") => Promise<Ground>;
  job(ground: Ground): Promise<Job>;
}

const urlsOf = (ground: Ground) => ground.gateways.map(({ url }) => url);

const pairs = (how: { window: number } | { rate: number }) => async (ground: Ground): Promise<Job> => ({
  kind: "pairs",
  from: urlsOf(ground),
  // Pairs meet over different gateways where there are two.
  to: urlsOf(ground).toReversed(),
  people: await ground.accounts(400),
  ...how,
  warmSeconds: 3,
  seconds: 10,
  processes: ground.processes,
});

/** The cluster of these is one gateway, one dbproxy, MariaDB and Redis; no TLS, which no peer has here. */
export const loads: Record<string, LoadScenario> = {
  direct: { grounds: ["embedded", "cluster"], job: pairs({ window: 8 }) },
  rate: { grounds: ["embedded", "cluster"], job: pairs({ rate: 1000 }) },
  fanout: {
    grounds: ["embedded", "cluster"],
    job: async (ground) => ({
      kind: "room",
      urls: urlsOf(ground),
      members: await ground.accounts(1000),
      senders: 5,
      window: 2,
      warmSeconds: 3,
      seconds: 10,
      processes: ground.processes,
    }),
  },
  idle: {
    grounds: ["embedded", "cluster"],
    job: async (ground) => ({
      kind: "idle",
      urls: urlsOf(ground),
      // A process has 20,000 descriptors, and load and server are two.
      people: await ground.accounts(10_000),
      atOnce: 50,
      seconds: 10,
      processes: ground.processes,
    }),
  },
  storm: {
    grounds: ["cluster"],
    // The gate of each gateway is as it is by default.
    open: () => {
      const gate = `--max-connects-per-second=${SETTINGS.maxConnectsPerSecond.fallback}`;
      return cluster({ gateways: 2, args: ["--rate-limit-scale=1000", gate] });
    },
    job: async (ground) => {
      const [lost, through] = ground.gateways;
      return {
        kind: "storm",
        lost: { url: lost.url, pid: lost.pid },
        through: through.url,
        people: await ground.accounts(10_000),
        groupSize: 100,
        processes: { ...ground.processes, gateway: [through.pid] },
      };
    },
  },
  /** Everybody on one gateway, and each pair over two; two dbproxies, mTLS in between. */
  cluster: {
    grounds: ["cluster"],
    open: () => cluster({ gateways: 1, dbproxies: 2, mtls: true }),
    job: pairs({ window: 8 }),
  },
  "cluster-two": {
    grounds: ["cluster"],
    open: () => cluster({ gateways: 2, dbproxies: 2, mtls: true }),
    job: pairs({ window: 8 }),
  },
};

/** One run. Throws when it is void: a message that was lost, changed, out of order or not stored. */
export async function runScenario(name: string, on: "embedded" | "cluster"): Promise<Figures> {
  const { open = (on) => on === "embedded" ? embedded() : cluster(), job } = loads[name];
  await using ground = await open(on);
  const asked = await job(ground);
  const { sent, ...figures } = await runLoad(asked);
  if (sent !== undefined) {
    const stored = await ground.messages();
    if (stored !== sent) throw new Error(`void: ${sent} sent, ${stored} stored`);
  }
  return figures;
}
