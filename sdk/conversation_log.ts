import { ERRORS, ImError } from "../wire/errors.ts";
import type { Entry } from "../wire/schemas.ts";
import { type Backoff, backoffMs } from "./backoff.ts";

export interface ConversationLogOptions<E = Entry> {
  /** The last seq already held; emitting starts with the next. Default 0: the whole log. */
  after?: number;
  /** `log.read`: the entries after a seq, as many as the server likes to give at once, and how far the log goes. */
  read(after: number): Promise<{ entries: E[]; lastSeq: number }>;
  /** The next entries: in seq order, without a hole, none twice. */
  onEntries(entries: E[]): void;
  /** A read failed in a way that trying again cannot help. */
  onError?(error: unknown): void;
  /** How long a hole may stand before it is read: the missing entry is often on its way. Default 80. */
  graceMs?: number;
  backoff?: Backoff;
}

/** How many entries from beyond a hole are kept. The farthest are let go; reading will bring them again. */
const MAX_AHEAD = 1000;

/**
 * One conversation's log as this client holds it. It is fed entries as they come (pushed, read, acked; in any
 * order, more than once) and passes on the log itself, because what is pushed is only ever a hint.
 */
export class ConversationLog<E extends { seq: number } = Entry> {
  #last: number;
  #known: number;
  readonly #ahead = new Map<number, E>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reading = false;
  #again = false;
  #failures = 0;
  #closed = false;

  constructor(private readonly options: ConversationLogOptions<E>) {
    this.#last = this.#known = options.after ?? 0;
  }

  /** The seq up to which everything was emitted. */
  get lastSeq(): number {
    return this.#last;
  }

  push(entries: readonly E[]): void {
    if (this.#closed) return;
    for (const entry of entries) {
      if (entry.seq > this.#last) this.#ahead.set(entry.seq, entry);
      this.#known = Math.max(this.#known, entry.seq);
    }
    this.#emit();
    this.#trim();
    if (this.#last < this.#known) this.#readSoon(this.options.graceMs ?? 80);
  }

  /** The log is known to reach this far, from a conversation's head for example. */
  expect(lastSeq: number): void {
    this.#known = Math.max(this.#known, lastSeq);
    if (this.#last < this.#known) this.#readSoon(this.options.graceMs ?? 80);
  }

  /** Asks whether there is more, as after every reconnect: what happened meanwhile was not pushed. */
  sync(): void {
    this.#failures = 0;
    void this.#read();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#ahead.clear();
  }

  #emit(): void {
    const next: E[] = [];
    for (let entry; (entry = this.#ahead.get(this.#last + 1)); this.#last++) {
      this.#ahead.delete(entry.seq);
      next.push(entry);
    }
    if (next.length > 0) this.options.onEntries(next);
  }

  #trim(): void {
    if (this.#ahead.size <= MAX_AHEAD) return;
    const seqs = [...this.#ahead.keys()].sort((a, b) => a - b);
    for (const seq of seqs.slice(MAX_AHEAD)) this.#ahead.delete(seq);
  }

  #readSoon(delayMs: number): void {
    if (this.#closed || this.#reading || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#read(), delayMs);
  }

  async #read(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#reading) this.#again = true;
    if (this.#reading || this.#closed) return;
    this.#reading = true;
    try {
      do {
        this.#again = false;
        await this.#readOnce();
      } while (!this.#closed && (this.#again || this.#last < this.#known));
      this.#failures = 0;
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#reading = false;
    }
  }

  async #readOnce(): Promise<void> {
    const before = this.#last;
    const { entries, lastSeq } = await this.options.read(before);
    if (this.#closed) return;
    for (const entry of entries) if (entry.seq > this.#last) this.#ahead.set(entry.seq, entry);
    this.#known = Math.max(this.#known, lastSeq);
    this.#emit();
    this.#trim();
    // A server behind what it told before (a lagging replica) must not be asked in a tight loop.
    if (this.#last === before && this.#last < this.#known) {
      throw new ImError("unavailable", "The log has a hole");
    }
  }

  #failed(error: unknown): void {
    if (this.#closed) return;
    if (!(error instanceof ImError) || ERRORS[error.code].advice !== "retry") {
      return this.options.onError?.(error);
    }
    const delayMs = Math.max(
      error.details.retryAfterMs ?? 0,
      backoffMs(++this.#failures, this.options.backoff),
    );
    this.#timer ??= setTimeout(() => void this.#read(), delayMs);
  }
}
