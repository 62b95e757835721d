import { setImmediate } from "node:timers";
import type { Random } from "./random.ts";

interface Timer {
  id: number;
  at: number;
  work: () => void;
  /** Of an interval. */
  everyMs?: number;
}

/** Far above the ids of real timers, which may still be there to be cleared. */
const FIRST_ID = 1e12;

/**
 * Time that passes only when there is nothing left to do, so that minutes take milliseconds and everything
 * happens in one order. `install` puts it, and seeded chance, in place of what the program takes for both:
 * timers, clocks, `AbortSignal.timeout`, `Math.random` and `crypto`'s random numbers.
 */
export class VirtualTime {
  /** Timers still to come; one that was cleared is taken out of it and stays in the heap. */
  readonly #timers = new Map<number, Timer>();
  readonly #heap: Timer[] = [];
  #nextId = FIRST_ID;

  /** What a timer's work threw. */
  onError: (error: unknown) => void = () => {};

  constructor(public nowMs: number, private readonly random: Random) {}

  after(ms: number, work: () => void): number {
    return this.#add({ id: this.#nextId++, at: this.nowMs + Math.max(0, ms || 0), work });
  }

  clear(id: unknown): void {
    this.#timers.delete(id as number);
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Lets everything happen that is due until then. */
  async pass(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    await settle();
    for (let timer = this.#due(end); timer; timer = this.#due(end)) {
      this.nowMs = timer.at;
      if (timer.everyMs !== undefined) this.#add({ ...timer, at: timer.at + timer.everyMs });
      try {
        timer.work();
      } catch (error) {
        this.onError(error);
      }
      await settle();
    }
    this.nowMs = end;
  }

  /** The answer puts everything back. */
  install(): () => void {
    const { setTimeout, clearTimeout, setInterval, clearInterval, AbortSignal, Math, Date, performance } =
      globalThis;
    const before = { setTimeout, clearTimeout, setInterval, clearInterval };
    const others = { timeout: AbortSignal.timeout, random: Math.random, dateNow: Date.now };
    const clear = (real: (id?: number) => void) => (id?: number) =>
      typeof id === "number" && id < FIRST_ID ? real(id) : this.clear(id);
    Object.assign(globalThis, {
      setTimeout: (work: (...args: unknown[]) => void, ms: number, ...args: unknown[]) =>
        this.after(ms, () => work(...args)),
      setInterval: (work: () => void, ms: number) =>
        this.#add({ id: this.#nextId++, at: this.nowMs + ms, work, everyMs: Math.max(1, ms) }),
      clearTimeout: clear(clearTimeout),
      clearInterval: clear(clearInterval),
    });
    AbortSignal.timeout = (ms) => {
      const abort = new AbortController();
      this.after(ms, () => abort.abort(new DOMException("Signal timed out.", "TimeoutError")));
      return abort.signal;
    };
    Math.random = () => this.random.next();
    Date.now = () => this.nowMs;
    performance.now = () => this.nowMs;
    const { random } = this;
    crypto.getRandomValues = (array) => {
      if (array) random.fill(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return array;
    };
    return () => {
      Object.assign(globalThis, before);
      AbortSignal.timeout = others.timeout;
      Math.random = others.random;
      Date.now = others.dateNow;
      // These two belong to the prototypes; what was put in front of them goes.
      Reflect.deleteProperty(performance, "now");
      Reflect.deleteProperty(crypto, "getRandomValues");
    };
  }

  #add(timer: Timer): number {
    this.#timers.set(timer.id, timer);
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    for (let up = (at - 1) >> 1; at > 0 && isBefore(timer, heap[up]); up = (at - 1) >> 1) {
      heap[at] = heap[up];
      at = up;
    }
    heap[at] = timer;
    return timer.id;
  }

  /** Takes the first timer that is due by then. */
  #due(end: number): Timer | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (!first || first.at > end) return undefined;
      this.#removeFirst();
      if (this.#timers.get(first.id) !== first) continue;
      this.#timers.delete(first.id);
      return first;
    }
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (let down = 1; down < heap.length; down = 2 * at + 1) {
      if (down + 1 < heap.length && isBefore(heap[down + 1], heap[down])) down += 1;
      if (!isBefore(heap[down], last)) break;
      heap[at] = heap[down];
      at = down;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}

/**
 * Lets promises and immediates run out. Two turns, since work done after the first turn was asked for may ask for
 * an immediate itself, as the gateway does to join frames.
 */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(() => resolve()));
}
