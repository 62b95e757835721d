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

/** SIGTERM and SIGINT in the order they come; none is lost while nobody waits. */
export class Signals implements Disposable {
  #heard: Deno.Signal[] = [];
  #wake = () => {};
  #listeners = (["SIGTERM", "SIGINT"] as const).map((name) => ({ name, listener: () => this.#hear(name) }));

  constructor() {
    for (const { name, listener } of this.#listeners) Deno.addSignalListener(name, listener);
  }

  /** The next one; for one waiter at a time. */
  async next(): Promise<Deno.Signal> {
    while (this.#heard.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#heard.shift()!;
  }

  [Symbol.dispose](): void {
    for (const { name, listener } of this.#listeners) Deno.removeSignalListener(name, listener);
  }

  #hear(name: Deno.Signal): void {
    this.#heard.push(name);
    this.#wake();
  }
}

export interface RunOptions {
  signals: Pick<Signals, "next">;
  log: Logger;
  /** Starts the parts, each noted as it runs. */
  start: (parts: Parts) => Promise<void>;
  stopDeadlineMs?: number;
}

/**
 * Starts the parts and runs until a signal, which may come while they still start; then stops everything in time.
 * Answers the exit code: 0 after an orderly stop, 1 when it had to be cut short. A second signal ends it at once.
 * Rejects with what `start` rejected with, after stopping what had started.
 */
export async function runUntilSignal(options: RunOptions): Promise<number> {
  const { signals, log, start, stopDeadlineMs = STOP_DEADLINE_MS } = options;
  const parts = new Parts();
  const signal = signals.next();
  try {
    await Promise.race([start(parts), signal]);
  } catch (error) {
    await parts.stop(log);
    throw error;
  }
  log.info("stopping", { signal: await signal });
  const deadline = Promise.withResolvers<string>();
  const timer = setTimeout(() => deadline.resolve("deadline"), stopDeadlineMs);
  const outcome = await Promise.race([
    parts.stop(log).then(() => "stopped"),
    signals.next().then(() => "second signal"),
    deadline.promise,
  ]);
  clearTimeout(timer);
  if (outcome !== "stopped") log.warn("stopped the hard way", { because: outcome });
  else log.info("stopped");
  return outcome === "stopped" ? 0 : 1;
}
