import type { LeveledLogger } from "../kit/log.ts";

/**
 * SIGUSR2 makes the log say everything, and the next one makes it as it was: what happens now cannot be looked at
 * after a restart. Windows has no such signal.
 */
export function listenForLevel(log: LeveledLogger): Disposable {
  if (Deno.build.os === "windows") return { [Symbol.dispose]: () => {} };
  const usual = log.level;
  const change = () => {
    log.level = log.level === "debug" && usual !== "debug" ? usual : "debug";
    // As an error's line it is there at every level, so that a log says itself why it has become longer.
    log.error("log level", { now: log.level });
  };
  Deno.addSignalListener("SIGUSR2", change);
  return { [Symbol.dispose]: () => Deno.removeSignalListener("SIGUSR2", change) };
}
