import type { OutboxChange, OutboxStore, StoredItem } from "../outbox_store.ts";

/** A store as several tabs of one browser share it: each thing takes a moment, and the others hear of it later. */
export class SharedStore {
  readonly items = new Map<string, StoredItem>();
  readonly #tabs = new Set<(change: OutboxChange) => void>();

  open(): OutboxStore {
    let hear: ((change: OutboxChange) => void) | undefined;
    const tell = (change: OutboxChange) => {
      const others = [...this.#tabs].filter((other) => other !== hear);
      setTimeout(() => others.forEach((other) => other(structuredClone(change))), 0);
    };
    return {
      load: async () => {
        await pause();
        return [...this.items.values()].map((item) => structuredClone(item));
      },
      put: async (item) => {
        await pause();
        this.items.set(item.clientId, structuredClone(item));
        tell({ put: item });
      },
      remove: async (clientId, ack) => {
        await pause();
        this.items.delete(clientId);
        tell({ removed: clientId, ack });
      },
      watch: (onChange) => {
        this.#tabs.add(hear = onChange);
        return () => this.#tabs.delete(onChange);
      },
    };
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 0));
