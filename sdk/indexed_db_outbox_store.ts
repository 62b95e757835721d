import { openDatabase, transact } from "./indexed_db.ts";
import type { Ack, OutboxChange, OutboxStore, StoredItem } from "./outbox_store.ts";

const STORE = "items";

/**
 * An outbox in the browser, shared by all tabs of an origin. What one tab puts in or takes out, the others
 * hear over a BroadcastChannel; without one they find out when they send it themselves, which is harmless.
 */
export class IndexedDbOutboxStore implements OutboxStore {
  readonly #database: Promise<IDBDatabase>;
  readonly #channel: BroadcastChannel | undefined;

  /** `name`: one for each person, and for each server if the page talks to several. */
  constructor(name: string) {
    const full = `imserver.outbox.${name}`;
    this.#database = openDatabase(full, STORE, { keyPath: "clientId" });
    // Whoever loads or puts is told; nobody may be there yet.
    this.#database.catch(() => {});
    if (typeof BroadcastChannel !== "undefined") this.#channel = new BroadcastChannel(full);
  }

  async load(): Promise<StoredItem[]> {
    return await transact(await this.#database, "readonly", (store) => {
      const request: IDBRequest<StoredItem[]> = store.getAll();
      return () => request.result;
    });
  }

  async put(item: StoredItem): Promise<void> {
    await transact(await this.#database, "readwrite", (store) => {
      store.put(item);
      return () => {};
    });
    this.#tell({ put: item });
  }

  async remove(clientId: string, ack?: Ack): Promise<void> {
    await transact(await this.#database, "readwrite", (store) => {
      store.delete(clientId);
      return () => {};
    });
    this.#tell({ removed: clientId, ...(ack && { ack }) });
  }

  watch(onChange: (change: OutboxChange) => void): () => void {
    const hear = (event: MessageEvent<OutboxChange>) => onChange(event.data);
    this.#channel?.addEventListener("message", hear);
    return () => this.#channel?.removeEventListener("message", hear);
  }

  close(): void {
    this.#channel?.close();
    void this.#database.then((database) => database.close(), () => {});
  }

  #tell(change: OutboxChange): void {
    try {
      this.#channel?.postMessage(change);
    } catch {
      // The store was closed meanwhile: the others will find out by themselves.
    }
  }
}
