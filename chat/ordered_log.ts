import type { Entry } from "../data/service.ts";

/** Entries of a log between one that was heard and the next wait so long for the ones that are late. */
export const GRACE_MS = 50;
/** After a failed repair; the sweep tries again too. */
const RETRY_MS = 1_000;
/** More than this is not kept waiting: it is read again. */
const MAX_HELD = 200;
export const PAGE = 100;

export interface OrderedLogParts {
  /** Up to `PAGE` entries after a seq. */
  tail(after: number): Promise<Entry[]>;
  /**
   * The next entries, in seq order without a hole, none twice. `push` is false where very many were missed: a
   * listener had better read them itself.
   */
  onEntries(entries: readonly Entry[], push: boolean): void;
}

/**
 * One log as a node hears it. The Bus may lose, repeat and reorder; what comes out is the log, because what is
 * missing is read. So whatever follows from an entry (who is in a group, say) is true when the next one comes.
 */
export class OrderedLog {
  #lastSeq: number | null = null;
  #held = new Map<number, Entry>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #repairing: Promise<void> | null = null;
  #closed = false;
  #behind = false;

  constructor(private readonly parts: OrderedLogParts) {}

  /** The last entry that came out; null before `start`. */
  get lastSeq(): number | null {
    return this.#lastSeq;
  }

  /** Entries after this one come out; what was heard before waits for it. */
  start(lastSeq: number): void {
    if (this.#lastSeq !== null) return;
    this.#lastSeq = lastSeq;
    if (this.#behind) void this.repair();
    else this.#release();
  }

  hear(entries: readonly Entry[]): void {
    if (this.#held.size === 0 && entries[0].seq - 1 === this.#lastSeq) {
      this.#lastSeq = entries[entries.length - 1].seq;
      return this.parts.onEntries(entries, true);
    }
    for (const entry of entries) if (entry.seq > (this.#lastSeq ?? 0)) this.#held.set(entry.seq, entry);
    if (this.#lastSeq !== null) this.#release();
    // What is let go before the start is read after it.
    else if (this.#held.size > MAX_HELD) this.#held.clear(), this.#behind = true;
  }

  /** Reads what is missing, and resolves when that was tried; while it is being read, with that. */
  repair(): Promise<void> {
    if (this.#closed || this.#lastSeq === null) return Promise.resolve();
    return this.#repairing ??= this.#repair().finally(() => this.#repairing = null);
  }

  async #repair(): Promise<void> {
    try {
      for (let full = true; full && !this.#closed;) {
        const entries = await this.parts.tail(this.#lastSeq!);
        full = entries.length === PAGE;
        this.#take(entries, !full);
      }
    } catch {
      this.#later(RETRY_MS);
    }
    if (this.#held.size > 0) this.#later(RETRY_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#held.clear();
  }

  #release(): void {
    if (this.#lastSeq === null || this.#held.size === 0) return;
    const next: Entry[] = [];
    for (let seq = this.#lastSeq + 1, entry; (entry = this.#held.get(seq)); seq++) next.push(entry);
    this.#take(next, true);
    if (this.#held.size > MAX_HELD) this.#held.clear(), void this.repair();
    else if (this.#held.size > 0) this.#later(GRACE_MS);
  }

  #take(entries: readonly Entry[], push: boolean): void {
    const next = entries.filter(({ seq }) => seq > this.#lastSeq!);
    if (next.length > 0 && !this.#closed) {
      this.#lastSeq = next[next.length - 1].seq;
      this.parts.onEntries(next, push);
    }
    for (const seq of this.#held.keys()) if (seq <= this.#lastSeq!) this.#held.delete(seq);
  }

  #later(ms: number): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#held.size > 0) this.repair();
    }, ms);
  }
}
