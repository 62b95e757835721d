import { ERRORS, ImError } from "../wire/errors.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import type { Ack } from "./outbox_store.ts";

export interface LaneItem {
  readonly clientId: string;
  order: number;
}

export interface LaneOptions<I extends LaneItem> {
  /** Nothing is sent before it resolves: what was written before this program began goes first. */
  ready: Promise<void>;
  send(item: I): Promise<Ack>;
  onSent(item: I, ack: Ack): void;
  /** The server refused it for good; it is out of the lane. */
  onRefused(item: I, error: ImError): void;
  /** Whenever it has run out of items. */
  onEmpty(): void;
  backoff?: Backoff;
}

/** The unsent messages of one conversation. One is under way at a time, so that their order is kept. */
export class Lane<I extends LaneItem> {
  readonly #items: I[] = [];
  #sending = false;
  #failures = 0;
  #closed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the timer is a wait after a failure, which a new item does not cut short. */
  #backingOff = false;

  constructor(private readonly options: LaneOptions<I>) {}

  get items(): readonly I[] {
    return this.#items;
  }

  /**
   * Puts an item in its place. With `graceMs` another tab is likely to send it, and the item is only sent
   * from here if it is still there after so long, or when one of ours stands behind it.
   */
  add(item: I, graceMs = 0): void {
    const at = this.#items.findLastIndex(({ order }) => order <= item.order) + 1;
    this.#items.splice(at, 0, item);
    if (graceMs > 0) this.#timer ??= this.#runIn(graceMs);
    else if (!this.#backingOff) void this.#run();
  }

  /** Takes an item out that somebody else has sent. */
  remove(clientId: string): I | undefined {
    const at = this.#items.findIndex((item) => item.clientId === clientId);
    if (at < 0) return undefined;
    const [item] = this.#items.splice(at, 1);
    if (this.#items.length === 0 && !this.#sending) this.#end();
    return item;
  }

  /** Tries now. */
  resume(): void {
    this.#failures = 0;
    void this.#run();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#backingOff = false;
    if (this.#sending || this.#closed) return;
    this.#sending = true;
    try {
      await this.options.ready;
      while (!this.#closed && this.#items.length > 0 && await this.#sendFirst());
    } finally {
      this.#sending = false;
    }
    if (this.#items.length === 0) this.#end();
  }

  /** Whether the next one may go at once. */
  async #sendFirst(): Promise<boolean> {
    const item = this.#items[0];
    try {
      const ack = await this.options.send(item);
      if (this.#closed) return false;
      this.#failures = 0;
      // Gone already if another tab was faster; then it was told there.
      if (this.remove(item.clientId)) this.options.onSent(item, ack);
      return true;
    } catch (error) {
      if (this.#closed) return false;
      if (!this.#items.includes(item)) return true;
      return this.#refused(item, error instanceof ImError ? error : new ImError("internal", String(error)));
    }
  }

  #refused(item: I, error: ImError): boolean {
    const { advice } = ERRORS[error.code];
    if (advice === "retry") {
      const waitMs = backoffMs(this.#failures++, this.options.backoff);
      clearTimeout(this.#timer);
      this.#timer = this.#runIn(Math.max(error.details.retryAfterMs ?? 0, waitMs));
      this.#backingOff = true;
      return false;
    }
    // After a new login `resume` sends it.
    if (advice === "login") return false;
    this.remove(item.clientId);
    this.options.onRefused(item, error);
    return true;
  }

  #runIn(ms: number): ReturnType<typeof setTimeout> | undefined {
    return this.#closed ? undefined : setTimeout(() => void this.#run(), ms);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.options.onEmpty();
  }
}
