import type { Logger } from "../kit/log.ts";
import { startBoth } from "./both.ts";
import { type Config, UsageError } from "./config.ts";
import type { Parts } from "./run.ts";

/** Starts the parts of the mode that is asked for. */
export async function start(config: Config, log: Logger, parts: Parts): Promise<void> {
  if (config.mode !== "both") {
    throw new UsageError(`--mode ${config.mode} comes with a later version; this one runs --mode both`);
  }
  if (config.database.kind !== "sqlite") {
    throw new UsageError("--database mysql:// comes with a later version; this one runs on sqlite:PATH");
  }
  await startBoth(config, log, parts);
}
