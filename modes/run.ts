import type { Logger } from "../kit/log.ts";

/** The parts of a running process, in the order they were started, and how to stop them in the reverse. */
export class Parts {
  #stops: { name: string; stop: () => void | Promise<void> }[] = [];

  /** Notes a part that was started. */
  add(name: string, stop: () => void | Promise<void>): void {
    this.#stops.push({ name, stop });
  }

  /** Stops every part, the last one first. One that fails does not keep the others. */
  async stop(log: Logger): Promise<void> {
    for (const { name, stop } of this.#stops.splice(0).reverse()) {
      try {
        await stop();
      } catch (error) {
        log.error("a part did not stop cleanly", { part: name, error: String(error) });
      }
    }
  }
}

/** All of stopping must be done by then. */
export const STOP_DEADLINE_MS = 10_000;

/**
 * Runs until SIGTERM or SIGINT, then stops everything in time. Answers the exit code: 0 after an orderly stop,
 * 1 when it had to be cut short. A second signal ends it at once.
 */
export async function runUntilSignal(parts: Parts, log: Logger): Promise<number> {
  const signals = new EventTarget();
  const onSignal = (name: Deno.Signal) => () =>
    signals.dispatchEvent(new CustomEvent("signal", { detail: name }));
  const listeners = (["SIGTERM", "SIGINT"] as const).map((name) => [name, onSignal(name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  try {
    log.info("stopping", { signal: await nextSignal(signals) });
    const stopped = await Promise.race([
      parts.stop(log).then(() => "stopped"),
      nextSignal(signals).then(() => "second signal"),
      new Promise<string>((resolve) => setTimeout(() => resolve("deadline"), STOP_DEADLINE_MS)),
    ]);
    if (stopped !== "stopped") log.warn("stopped the hard way", { because: stopped });
    else log.info("stopped");
    return stopped === "stopped" ? 0 : 1;
  } finally {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  }
}

function nextSignal(signals: EventTarget): Promise<string> {
  return new Promise((resolve) =>
    signals.addEventListener("signal", (event) => resolve((event as CustomEvent<string>).detail), {
      once: true,
    })
  );
}
