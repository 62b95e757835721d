import type { ErrorCode } from "../wire/errors.ts";
import type { Output } from "../wire/operations.ts";
import type { Content } from "../wire/content.ts";

/** What the server answers to a send: it is stored, and where. */
export type Ack = Output<"message.send">;

/** One unsent message as a store keeps it: plain data, good for JSON and for a structured clone. */
export interface StoredItem {
  clientId: string;
  conversationId: string;
  content: Content;
  /** When it was written, by that machine's clock. */
  at: number;
  /** In a conversation the items are sent in this order; the clock alone would not do, it can run back. */
  order: number;
  /** The server refused it, and only a person can decide what becomes of it. */
  failed?: { code: ErrorCode; message: string };
}

/** What somebody else did to the same store: another tab of this browser. */
export type OutboxChange = { put: StoredItem } | { removed: string; ack?: Ack };

/**
 * Where an outbox keeps what is not acked, so that it survives a reload or a restart. A store belongs to one
 * person: what they wrote must never be sent in the name of the next who logs in.
 */
export interface OutboxStore {
  load(): Promise<StoredItem[]>;
  /** Adds an item, or replaces the one of the same clientId. Resolves when it is kept. */
  put(item: StoredItem): Promise<void>;
  /** It is acked (then `ack` says where it stands) or discarded. One that is not there is no error. */
  remove(clientId: string, ack?: Ack): Promise<void>;
  /** Tells what others do to the store, not what is done through this object. Returns what ends it. */
  watch?(onChange: (change: OutboxChange) => void): () => void;
  close?(): void;
}

/** For a program that may forget what it did not send, and for tests. */
export class MemoryOutboxStore implements OutboxStore {
  readonly #items = new Map<string, StoredItem>();

  load(): Promise<StoredItem[]> {
    return Promise.resolve([...this.#items.values()].map((item) => ({ ...item })));
  }

  put(item: StoredItem): Promise<void> {
    this.#items.set(item.clientId, { ...item });
    return Promise.resolve();
  }

  remove(clientId: string): Promise<void> {
    this.#items.delete(clientId);
    return Promise.resolve();
  }
}
