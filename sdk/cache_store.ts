import { deleteDatabase, openDatabase, transact } from "./indexed_db.ts";

/** One thing that was kept: a value good for a structured clone, and when it was put, in epoch milliseconds. */
export interface Kept {
  key: string;
  at: number;
  value: unknown;
}

/** Where a `ClientCache` keeps what it knows. It belongs to one person on one server. */
export interface CacheStore {
  read(key: string): Promise<Kept | undefined>;
  readAll(): Promise<Kept[]>;
  /** Puts it in the place of the one with the same key. */
  write(kept: Kept): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
  /** Leaves nothing behind, and takes nothing more. */
  destroy(): Promise<void>;
  close(): void;
}

/** For tests, and for programs that only want to be quick while they run. */
export class MemoryCacheStore implements CacheStore {
  readonly #kept = new Map<string, Kept>();

  read(key: string): Promise<Kept | undefined> {
    return Promise.resolve(structuredClone(this.#kept.get(key)));
  }

  readAll(): Promise<Kept[]> {
    return Promise.resolve(structuredClone([...this.#kept.values()]));
  }

  write(kept: Kept): Promise<void> {
    this.#kept.set(kept.key, structuredClone(kept));
    return Promise.resolve();
  }

  remove(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#kept.delete(key);
    return Promise.resolve();
  }

  destroy(): Promise<void> {
    this.#kept.clear();
    return Promise.resolve();
  }

  close(): void {}
}

/** In the browser, shared by all tabs of an origin. */
export class IndexedDbCacheStore implements CacheStore {
  readonly #name: string;
  readonly #database: Promise<IDBDatabase>;

  /** `name`: one for each person, and for each server if the page talks to several. */
  constructor(name: string) {
    this.#name = `imserver.cache.${name}`;
    this.#database = openDatabase(this.#name, "kept", { keyPath: "key" });
    // Whoever reads or writes is told; nobody may be there yet.
    this.#database.catch(() => {});
  }

  async read(key: string): Promise<Kept | undefined> {
    return await transact(await this.#database, "readonly", (store) => {
      const request: IDBRequest<Kept | undefined> = store.get(key);
      return () => request.result;
    });
  }

  async readAll(): Promise<Kept[]> {
    return await transact(await this.#database, "readonly", (store) => {
      const request: IDBRequest<Kept[]> = store.getAll();
      return () => request.result;
    });
  }

  async write(kept: Kept): Promise<void> {
    await transact(await this.#database, "readwrite", (store) => (store.put(kept), () => {}));
  }

  async remove(keys: readonly string[]): Promise<void> {
    await transact(await this.#database, "readwrite", (store) => {
      for (const key of keys) store.delete(key);
      return () => {};
    });
  }

  /** Also for the other tabs: their writing fails from now on. */
  async destroy(): Promise<void> {
    this.close();
    await deleteDatabase(this.#name);
  }

  close(): void {
    void this.#database.then((database) => database.close(), () => {});
  }
}
