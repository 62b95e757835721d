/** Nobody gave back a slot in time, or too many were waiting already. */
export class NoSlot extends Error {
  override name = "NoSlot";
}

export interface SlotsOptions {
  /** At most so many hold a slot at once. */
  count: number;
  /** At most so many wait; one more is refused at once. */
  maxWaiting: number;
  waitTimeoutMs: number;
}

/** A bulkhead: at most so many at work, a bounded queue in front, and nobody waits there for ever. First come, first served. */
export class Slots {
  #free: number;
  #options: SlotsOptions;
  #waiting = new Set<() => void>();

  constructor(options: SlotsOptions) {
    this.#options = options;
    this.#free = options.count;
  }

  /** Waits for a slot; the answer gives it back. Rejects with NoSlot. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free--;
    else await this.#wait();
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#giveBack();
    };
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  #wait(): Promise<void> {
    const { maxWaiting, waitTimeoutMs } = this.#options;
    if (this.#waiting.size >= maxWaiting) return Promise.reject(new NoSlot("too many wait"));
    return new Promise((resolve, reject) => {
      const next = () => {
        clearTimeout(timer);
        this.#waiting.delete(next);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(next);
        reject(new NoSlot(`none was free within ${waitTimeoutMs} ms`));
      }, waitTimeoutMs);
      this.#waiting.add(next);
    });
  }

  #giveBack(): void {
    const [next] = this.#waiting;
    if (next) next();
    else this.#free++;
  }
}
