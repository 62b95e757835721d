import { type Queued, toStored } from "./outbox_item.ts";
import type { Ack, OutboxStore, StoredItem } from "./outbox_store.ts";

/**
 * An outbox's store, used without waiting: its work is done one piece after the other, so that nothing is put
 * after it was removed, and nothing before what was there is loaded. A store that fails is told of and stops
 * nobody: then the outbox lives in memory.
 */
export class Shelf {
  #work: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: OutboxStore,
    private readonly onError: (error: unknown) => void = () => {},
  ) {}

  /** Resolves when all that was asked so far is done, or has failed. */
  get saved(): Promise<void> {
    return this.#work;
  }

  load(take: (stored: StoredItem[]) => void): void {
    this.#do(async () => take(await this.store.load()));
  }

  /** As the item is when its turn comes. */
  put(item: Queued): void {
    this.#do(() => this.store.put(toStored(item)));
  }

  remove(clientId: string, ack?: Ack): void {
    this.#do(() => this.store.remove(clientId, ack));
  }

  close(): void {
    this.#do(() => this.store.close?.());
  }

  #do(work: () => Promise<void> | void): void {
    this.#work = this.#work.then(work).catch(this.onError);
  }
}
