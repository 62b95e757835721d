import { createHealthServer } from "../kit/health.ts";
import type { Metrics } from "../kit/metrics.ts";
import { watchProcess } from "../kit/process_metrics.ts";
import type { Config } from "./config.ts";
import { openHealth } from "./ports.ts";
import type { Parts } from "./run.ts";
import { VERSION } from "./version.ts";

const ANSWER_WITHIN_MS = 2_000;

/** What /readyz answers. */
export interface Readiness {
  readonly port: number;
  /** Null: ready, if `ask` says so too; else why not. */
  say(trouble: string | null): void;
}

/** Opens the operator's port. `ask` finds out whether what this process stands on answers; null: it does. */
export async function openReadiness(
  config: Config,
  { ask, metrics }: { ask: () => Promise<string | null>; metrics: Metrics },
  parts: Parts,
): Promise<Readiness> {
  let trouble: string | null = "starting";
  parts.add(
    "metrics",
    watchProcess(metrics, { version: VERSION, mode: config.mode, deno: Deno.version.deno }),
  );
  const health = createHealthServer(async () => trouble ?? await inTime(ask()), () => metrics.text());
  const port = await openHealth(config, health);
  parts.add("health", () => void health.close());
  return {
    port,
    say: (next) => {
      // Stopping is for good.
      if (trouble !== "stopping") trouble = next;
    },
  };
}

async function inTime(answer: Promise<string | null>): Promise<string | null> {
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(() => late.resolve("the database does not answer"), ANSWER_WITHIN_MS);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
