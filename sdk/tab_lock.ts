import { openDatabase, transact } from "./indexed_db.ts";
import { uuidV7 } from "./uuid_v7.ts";

export interface TabLockOptions {
  /** Gives up waiting: rejects with its reason. */
  signal: AbortSignal;
  /** A lock taken by hand is free again after so long: whoever took it may have been closed. */
  expiresMs: number;
}

/**
 * Does the work in one tab of this origin at a time. `waited` tells it whether another had the lock before,
 * and so perhaps has done it. Browsers have `navigator.locks` for this, but only on https and localhost;
 * elsewhere an entry in IndexedDB, whose transactions exclude each other, says who has it. (localStorage could
 * not: it has no compare-and-set, so two tabs may both believe that they were first.)
 * Where there are no tabs, as in Deno and Node, it is just done.
 */
export async function withTabLock(
  name: string,
  work: (waited: boolean) => Promise<void>,
  options: TabLockOptions,
): Promise<void> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  if (locks !== undefined) return await withNativeLock(locks, name, work, options.signal);
  if (typeof indexedDB === "undefined") return await work(false);
  let database: IDBDatabase;
  try {
    database = await openDatabase("imserver.locks", "locks");
  } catch {
    // The browser forbids it to this page (private windows, blocked storage): then there is no lock to be had.
    return await work(false);
  }
  try {
    await withStoredLock(database, name, work, options);
  } finally {
    database.close();
  }
}

async function withNativeLock(
  locks: LockManager,
  name: string,
  work: (waited: boolean) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const done = await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock !== null) await work(false);
    return lock !== null;
  });
  if (!done) await locks.request(name, { signal }, () => work(true));
}

interface Held {
  by: string;
  until: number;
}

/** How often a lock that another tab has is looked at. */
const POLL_MS = 50;

async function withStoredLock(
  database: IDBDatabase,
  name: string,
  work: (waited: boolean) => Promise<void>,
  { signal, expiresMs }: TabLockOptions,
): Promise<void> {
  const me = uuidV7();
  let waited = false;
  while (!await take(database, name, me, expiresMs)) {
    waited = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS * (0.5 + Math.random())));
    signal.throwIfAborted();
  }
  try {
    await work(waited);
  } finally {
    await giveBack(database, name, me);
  }
}

/** Whether it is ours now: it was free, or had expired. */
function take(database: IDBDatabase, name: string, me: string, expiresMs: number): Promise<boolean> {
  return transact(database, "readwrite", (store) => {
    let taken = false;
    const request: IDBRequest<Held | undefined> = store.get(name);
    request.onsuccess = () => {
      const now = Date.now();
      const held = request.result;
      // One that ends later than any of ours could was taken before the clock was set back.
      taken = held === undefined || held.until <= now || held.until > now + expiresMs;
      if (taken) store.put({ by: me, until: now + expiresMs }, name);
    };
    return () => taken;
  });
}

function giveBack(database: IDBDatabase, name: string, me: string): Promise<void> {
  return transact(database, "readwrite", (store) => {
    const request: IDBRequest<Held | undefined> = store.get(name);
    request.onsuccess = () => {
      if (request.result?.by === me) store.delete(name);
    };
    return () => {};
  });
}
