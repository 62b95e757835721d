import { ImError } from "../wire/errors.ts";
import type { Input } from "../wire/operations.ts";
import type { Content } from "../wire/content.ts";
import { abortable } from "./abortable.ts";
import type { Backoff } from "./backoff.ts";
import { Emitter } from "./emitter.ts";
import { Lane } from "./lane.ts";
import { fromStored, type OutboxItem, type Queued } from "./outbox_item.ts";
import { type Ack, MemoryOutboxStore, type OutboxChange, type OutboxStore } from "./outbox_store.ts";
import type { StoredItem } from "./outbox_store.ts";
import { Shelf } from "./shelf.ts";
import { uuidV7 } from "./uuid_v7.ts";

export interface OutboxOptions {
  /** `message.send`. The signal aborts when the outbox is closed. */
  send(input: Input<"message.send">, signal: AbortSignal): Promise<Ack>;
  /** It is stored, and out of the outbox. */
  onSent?(item: OutboxItem, ack: Ack): void;
  /** It came in, failed, is tried again, or went without being sent from here. */
  onChange?(): void;
  /** The store failed. The outbox goes on, but what it holds may not survive a reload. */
  onStoreError?(error: unknown): void;
  /** Default: memory. The outbox closes it. */
  store?: OutboxStore;
  /** How long another living tab is trusted to send what it wrote. Default 3000. */
  graceMs?: number;
  backoff?: Backoff;
}

/** "sent" means by this outbox or, where the store is shared, by another tab's. */
export interface OutboxEvents {
  sent: { item: OutboxItem; ack: Ack };
  change: undefined;
}

/** How many messages may wait. More is refused: a device is not where a month offline belongs. */
const MAX_ITEMS = 1000;

/**
 * What this person wants to say and has no ack for. Every message keeps its clientId through all retries and
 * reloads, so that sending it again is safe (P3), from two tabs at once too.
 */
export class Outbox {
  readonly #lanes = new Map<string, Lane<Queued>>();
  readonly #failed = new Map<string, Queued>();
  readonly #events = new Emitter<OutboxEvents>();
  readonly #closed = new AbortController();
  readonly #shelf: Shelf;
  readonly #loaded: Promise<void>;
  #lastOrder = 0;

  constructor(private readonly options: OutboxOptions) {
    const store: OutboxStore = options.store ?? new MemoryOutboxStore();
    this.#shelf = new Shelf(store, (error) => options.onStoreError?.(error));
    if (options.onSent) this.on("sent", ({ item, ack }) => options.onSent?.(item, ack));
    if (options.onChange) this.on("change", () => options.onChange?.());
    // Before the loading, so that no change falls between the two.
    const stop = store.watch?.((change) => void this.#loaded.then(() => this.#take(change)));
    this.signal.addEventListener("abort", () => stop?.());
    this.#shelf.load((stored) => this.#fill(stored));
    this.#loaded = this.#shelf.saved;
  }

  /** Aborted when the outbox is closed. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** Returns the function that takes the handler away again. */
  on<E extends keyof OutboxEvents>(event: E, handler: (payload: OutboxEvents[E]) => void): () => void {
    return this.#events.on(event, handler);
  }

  /** What is not acked yet, in the order of sending. */
  items(conversationId: string): OutboxItem[] {
    const failed = [...this.#failed.values()].filter((item) => item.conversationId === conversationId);
    return [...failed, ...this.#lanes.get(conversationId)?.items ?? []].sort((a, b) => a.order - b.order);
  }

  /** Throws ImError `overloaded` when too many messages wait already. */
  add(conversationId: string, content: Content): OutboxItem {
    if (this.#waiting().length + this.#failed.size >= MAX_ITEMS) {
      throw new ImError("overloaded", "Too many messages wait to be sent");
    }
    const item = { clientId: uuidV7(), conversationId, content, at: Date.now() };
    return this.#enqueue({ ...item, state: "sending", order: this.#nextOrder() });
  }

  /** Sends a failed message again, with its old clientId, after what was written since. */
  retry(clientId: string): void {
    const item = this.#failed.get(clientId);
    if (!item || !this.#failed.delete(clientId)) return;
    this.#enqueue({ ...item, state: "sending", error: undefined, order: this.#nextOrder() });
  }

  discard(clientId: string): void {
    if (!this.#failed.delete(clientId)) return;
    this.#shelf.remove(clientId);
    this.#changed();
  }

  /** Tries everything now, as after a reconnect. */
  resume(): void {
    for (const lane of this.#lanes.values()) lane.resume();
  }

  /** Resolves when the store knows all that was written and acked so far: then a reload loses nothing. */
  saved(signal?: AbortSignal): Promise<void> {
    return abortable(this.#shelf.saved, signal);
  }

  /** Resolves when nothing waits any more. Failed messages do not count. */
  async drained(signal?: AbortSignal): Promise<void> {
    const stop = signal ? AbortSignal.any([signal, this.signal]) : this.signal;
    await abortable(this.#loaded, stop);
    if (this.#waiting().length === 0) return;
    let offs: (() => void)[] = [];
    const drained = new Promise<void>((resolve) => {
      const look = () => this.#waiting().length === 0 && resolve();
      offs = [this.on("sent", look), this.on("change", look)];
    });
    await abortable(drained, stop).finally(() => offs.forEach((off) => off()));
  }

  /** Discards everything, as when somebody logs out of a device that is not theirs. */
  async clear(): Promise<void> {
    await this.#loaded;
    for (const { clientId } of [...this.#waiting(), ...this.#failed.values()]) {
      this.#drop(clientId);
      this.#shelf.remove(clientId);
    }
    this.#changed();
    await this.#shelf.saved;
  }

  /** Nothing is sent any more; what waits stays in the store. */
  close(): void {
    if (this.signal.aborted) return;
    for (const lane of this.#lanes.values()) lane.close();
    this.#closed.abort(new ImError("unavailable", "The outbox was closed"));
    this.#shelf.close();
  }

  #fill(stored: StoredItem[]): void {
    if (this.signal.aborted || stored.length === 0) return;
    this.#lastOrder = Math.max(this.#lastOrder, ...stored.map(({ order }) => order));
    // What was written while it loaded comes after what was there.
    for (const item of this.#waiting()) item.order = this.#nextOrder();
    for (const item of stored) this.#insert(fromStored(item));
    this.#changed();
  }

  /** Something happened in another tab. */
  #take(change: OutboxChange): void {
    if (this.signal.aborted) return;
    const item = this.#drop("put" in change ? change.put.clientId : change.removed);
    if ("put" in change) {
      this.#lastOrder = Math.max(this.#lastOrder, change.put.order);
      this.#insert(fromStored(change.put), this.options.graceMs ?? 3000);
    } else if (item && change.ack) this.#events.emit("sent", { item, ack: change.ack });
    this.#changed();
  }

  #enqueue(item: Queued): OutboxItem {
    this.#insert(item);
    this.#shelf.put(item);
    this.#changed();
    return item;
  }

  #insert(item: Queued, graceMs = 0): void {
    if (item.state === "failed") this.#failed.set(item.clientId, item);
    else this.#laneOf(item.conversationId).add(item, graceMs);
  }

  /** Takes it out of this outbox; the store is another matter. */
  #drop(clientId: string): Queued | undefined {
    const failed = this.#failed.get(clientId);
    if (failed && this.#failed.delete(clientId)) return failed;
    for (const lane of this.#lanes.values()) {
      const item = lane.remove(clientId);
      if (item) return item;
    }
  }

  #waiting(): Queued[] {
    return [...this.#lanes.values()].flatMap(({ items }) => items);
  }

  #laneOf(conversationId: string): Lane<Queued> {
    const known = this.#lanes.get(conversationId);
    if (known) return known;
    const lane = new Lane<Queued>({
      ready: this.#loaded,
      backoff: this.options.backoff,
      send: ({ clientId, content }) => this.options.send({ conversationId, clientId, content }, this.signal),
      onSent: (item, ack) => {
        this.#shelf.remove(item.clientId, ack);
        this.#events.emit("sent", { item, ack });
      },
      onRefused: (item, error) => {
        const failed: Queued = { ...item, state: "failed", error };
        this.#failed.set(item.clientId, failed);
        this.#shelf.put(failed);
        this.#changed();
      },
      onEmpty: () => void this.#lanes.delete(conversationId),
    });
    this.#lanes.set(conversationId, lane);
    return lane;
  }

  #changed(): void {
    this.#events.emit("change", undefined);
  }

  #nextOrder(): number {
    return this.#lastOrder = Math.max(Date.now() * 1000, this.#lastOrder + 1);
  }
}
