import type { Logger } from "../kit/log.ts";
import { startBoth } from "./both.ts";
import { type Config, requireSupported } from "./config.ts";
import type { Parts } from "./run.ts";

/** Starts the parts of the mode that is asked for. */
export async function start(config: Config, log: Logger, parts: Parts): Promise<void> {
  requireSupported(config);
  await startBoth(config, log, parts);
}
