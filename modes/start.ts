import type { Logger } from "../kit/log.ts";
import { type Config, requireTogether } from "./config.ts";
import type { Parts } from "./run.ts";

/** Starts the parts of the mode that is asked for. What the others need is not even loaded. */
export async function start(config: Config, log: Logger, parts: Parts): Promise<void> {
  requireTogether(config);
  switch (config.mode) {
    case "both":
      return await (await import("./both.ts")).startBoth(config, log, parts);
    case "gateway":
      return await (await import("./gateway.ts")).startGateway(config, log, parts);
    case "dbproxy":
      return await (await import("./dbproxy.ts")).startDbproxy(config, log, parts);
  }
}
