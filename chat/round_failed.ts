import type { Logger } from "../kit/log.ts";
import { ImError } from "../wire/errors.ts";

/**
 * Logs that work which begins again by itself failed. That Data is away or busy is no news of this work's: who connects
 * to it has said so, once, and every round until it is back would say it again.
 */
export function logFailedRound(
  log: Pick<Logger, "debug" | "warn">,
  message: string,
  error: unknown,
  fields: Record<string, number> = {},
): void {
  const known = error instanceof ImError && (error.code === "unavailable" || error.code === "overloaded");
  log[known ? "debug" : "warn"](message, { ...fields, error: String(error) });
}
