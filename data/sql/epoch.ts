import type { Reads, Row, Storage } from "./driver.ts";
import type { Snapshot } from "./snapshot.ts";

/** Seconds are counted from here, so that an epoch fits into 32 bits until 2088. */
const FROM_MS = Date.UTC(2020, 0, 1);

/** The store's epoch; null where there is no store yet. */
export async function readStoreEpoch(db: Pick<Reads, "all">): Promise<number | null> {
  const [row] = await db.all<Row & { epoch: number }>("SELECT epoch FROM store");
  return row?.epoch ?? null;
}

/** The same of a snapshot. */
export async function snapshotEpoch(snapshot: Snapshot): Promise<number | null> {
  const store = (await snapshot.tables()).find(({ name }) => name === "store");
  const [row] = store ? await snapshot.page(store, null, 1) : [];
  return row ? Number(row.epoch) : null;
}

/**
 * Gives a restored store an epoch that no client has seen. One more would not do: the same backup may be restored
 * twice, with other things done in between. So it is a time, or one more where that is more. Answers the new one.
 */
export async function renewEpoch(storage: Storage, seen: readonly number[], nowMs: number): Promise<number> {
  const own = await readStoreEpoch(storage) ?? 0;
  const epoch = Math.max(...seen.map((one) => one + 1), own + 1, Math.floor((nowMs - FROM_MS) / 1000));
  await storage.transaction((tx) => tx.run("UPDATE store SET epoch = ?", [epoch]));
  return epoch;
}
