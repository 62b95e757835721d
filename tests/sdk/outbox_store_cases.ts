import type { OutboxChange, OutboxStore, StoredItem } from "../../sdk/outbox_store.ts";

/**
 * What every OutboxStore keeps to. Run in Deno and, bundled, in a browser: so nothing is imported that runs.
 * `open` opens the same place each time.
 */
export interface StoreCase {
  name: string;
  run(open: () => OutboxStore): Promise<void>;
  /** What is kept after closing, and heard in another tab: memory can do neither. */
  shared?: boolean;
}

const item = (clientId: string, more: Partial<StoredItem> = {}): StoredItem => ({
  clientId,
  conversationId: "7",
  content: { type: "text", text: `text of ${clientId}` },
  at: 1,
  order: 1,
  ...more,
});

function same(actual: unknown, wanted: unknown): void {
  const [a, b] = [actual, wanted].map((value) => JSON.stringify(value));
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

async function holds(store: OutboxStore, wanted: StoredItem[]): Promise<void> {
  const there = await store.load();
  const byId = (a: StoredItem, b: StoredItem) => a.clientId < b.clientId ? -1 : 1;
  const sorted = (items: StoredItem[]) =>
    items.toSorted(byId).map((one) => Object.entries(one).toSorted(([a], [b]) => a < b ? -1 : 1));
  same(sorted(there), sorted(wanted));
}

export const storeCases: StoreCase[] = [
  {
    name: "gives back what was put, the last of each clientId, and not what was removed",
    async run(open) {
      const store = open();
      await holds(store, []);
      const failed = item("b", { failed: { code: "blocked", message: "No" } });
      await Promise.all([store.put(item("a")), store.put(item("b")), store.put(item("c"))]);
      await store.put(failed);
      await store.remove("c");
      await store.remove("never there");
      await holds(store, [item("a"), failed]);
      await store.remove("a", { seq: 1, messageNo: 1, at: 1 });
      await store.remove("b");
      await holds(store, []);
      store.close?.();
    },
  },
  {
    name: "keeps what it was given, whatever becomes of the object",
    async run(open) {
      const store = open();
      const mine = item("a");
      await store.put(mine);
      mine.order = 99;
      (await store.load())[0].order = 98;
      await holds(store, [item("a")]);
      await store.remove("a");
      store.close?.();
    },
  },
  {
    name: "keeps it when it is closed",
    shared: true,
    async run(open) {
      const first = open();
      await first.put(item("a"));
      first.close?.();
      const second = open();
      await holds(second, [item("a")]);
      await second.remove("a");
      second.close?.();
    },
  },
  {
    name: "tells the others what one does, and not itself, until they stop listening",
    shared: true,
    async run(open) {
      const [one, other] = [open(), open()];
      const heard: OutboxChange[] = [];
      let tell = () => {};
      const changes = (count: number) =>
        new Promise<void>((resolve) => tell = () => heard.length >= count && resolve());
      one.watch?.(() => heard.push({ removed: "by itself" }));
      const stop = other.watch?.((change) => (heard.push(change), tell()));
      const ack = { seq: 5, messageNo: 4, at: 3 };
      const three = changes(3);
      await one.put(item("a"));
      await one.remove("a", ack);
      await one.remove("a");
      await three;
      same(heard, [{ put: item("a") }, { removed: "a", ack }, { removed: "a" }]);
      // Messages of one channel come in order: what a third one hears, who stopped would have heard before.
      stop?.();
      const third = open();
      third.watch?.(() => (heard.push({ removed: "heard by the third" }), tell()));
      const four = changes(4);
      await one.put(item("a"));
      await four;
      same(heard.slice(3), [{ removed: "heard by the third" }]);
      await one.remove("a");
      for (const store of [one, other, third]) store.close?.();
    },
  },
];
