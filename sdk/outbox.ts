import { ERRORS, ImError } from "../wire/errors.ts";
import type { Input, Output } from "../wire/operations.ts";
import type { Content } from "../wire/schemas.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { uuidV7 } from "./uuid_v7.ts";

export interface OutboxItem {
  readonly clientId: string;
  readonly conversationId: string;
  readonly content: Content;
  /** When it was written, by this machine's clock. */
  readonly at: number;
  /** `failed`: the server refused it, and only a person can decide what becomes of it. */
  readonly state: "sending" | "failed";
  readonly error?: ImError;
}

export interface OutboxOptions {
  /** `message.send`. */
  send(input: Input<"message.send">): Promise<Output<"message.send">>;
  /** It is stored, and out of the outbox. */
  onSent(item: OutboxItem, ack: Output<"message.send">): void;
  /** It came in, failed, is tried again, or was discarded. */
  onChange?(): void;
  backoff?: Backoff;
}

interface Lane {
  items: OutboxItem[];
  sending: boolean;
  failures: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** How many messages may wait. More is refused: memory is not where a day offline belongs. */
const MAX_ITEMS = 1000;

/**
 * What this client wants to say and has no ack for. Every message keeps its clientId through all retries, so
 * that sending it again is safe (P3). In a conversation one is under way at a time, so order is kept.
 */
export class Outbox {
  readonly #lanes = new Map<string, Lane>();
  readonly #failed = new Map<string, OutboxItem>();
  #closed = false;

  constructor(private readonly options: OutboxOptions) {}

  /** What is not acked yet, oldest first. */
  items(conversationId: string): OutboxItem[] {
    const failed = [...this.#failed.values()].filter((item) => item.conversationId === conversationId);
    return [...failed, ...this.#lanes.get(conversationId)?.items ?? []]
      .sort((a, b) => a.clientId < b.clientId ? -1 : 1);
  }

  /** Throws ImError `overloaded` when too many messages wait already. */
  add(conversationId: string, content: Content): OutboxItem {
    const waiting = [...this.#lanes.values()].reduce(
      (sum, lane) => sum + lane.items.length,
      this.#failed.size,
    );
    if (waiting >= MAX_ITEMS) throw new ImError("overloaded", "Too many messages wait to be sent");
    const item: OutboxItem = {
      clientId: uuidV7(),
      conversationId,
      content,
      at: Date.now(),
      state: "sending",
    };
    this.#enqueue(item);
    return item;
  }

  /** Sends a failed message again, with its old clientId. */
  retry(clientId: string): void {
    const item = this.#failed.get(clientId);
    if (!item || !this.#failed.delete(clientId)) return;
    this.#enqueue({ ...item, state: "sending", error: undefined });
  }

  discard(clientId: string): void {
    if (this.#failed.delete(clientId)) this.options.onChange?.();
  }

  /** Tries everything now, as after a reconnect. */
  resume(): void {
    for (const lane of this.#lanes.values()) {
      lane.failures = 0;
      void this.#run(lane);
    }
  }

  close(): void {
    this.#closed = true;
    for (const lane of this.#lanes.values()) clearTimeout(lane.timer);
  }

  #enqueue(item: OutboxItem): void {
    const lane = this.#lanes.get(item.conversationId) ?? { items: [], sending: false, failures: 0 };
    this.#lanes.set(item.conversationId, lane);
    lane.items.push(item);
    this.options.onChange?.();
    if (lane.timer === undefined) void this.#run(lane);
  }

  async #run(lane: Lane): Promise<void> {
    clearTimeout(lane.timer);
    lane.timer = undefined;
    if (lane.sending) return;
    lane.sending = true;
    try {
      while (!this.#closed && lane.items.length > 0 && await this.#sendFirst(lane));
    } finally {
      lane.sending = false;
    }
    if (lane.items.length === 0) this.#forget(lane);
  }

  /** Whether the next one may go at once. */
  async #sendFirst(lane: Lane): Promise<boolean> {
    const item = lane.items[0];
    const { conversationId, clientId, content } = item;
    try {
      const ack = await this.options.send({ conversationId, clientId, content });
      if (this.#closed) return false;
      lane.failures = 0;
      lane.items.shift();
      this.options.onSent(item, ack);
      return true;
    } catch (error) {
      return this.#refused(
        lane,
        item,
        error instanceof ImError ? error : new ImError("internal", String(error)),
      );
    }
  }

  #refused(lane: Lane, item: OutboxItem, error: ImError): boolean {
    const { advice } = ERRORS[error.code];
    if (advice === "retry") {
      const delayMs = Math.max(
        error.details.retryAfterMs ?? 0,
        backoffMs(lane.failures++, this.options.backoff),
      );
      if (!this.#closed) lane.timer = setTimeout(() => void this.#run(lane), delayMs);
      return false;
    }
    // After a new login `resume` sends it.
    if (advice === "login") return false;
    lane.items.shift();
    this.#failed.set(item.clientId, { ...item, state: "failed", error });
    this.options.onChange?.();
    return true;
  }

  #forget(lane: Lane): void {
    for (const [conversationId, known] of this.#lanes) if (known === lane) this.#lanes.delete(conversationId);
  }
}
