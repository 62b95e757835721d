/** The little that this SDK wants of IndexedDB: a database of one object store, and promises. */

/** Opens a database, making it with its one store when it is new. */
export function openDatabase(name: string, store: string, options?: IDBObjectStoreParameters) {
  return new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(store, options);
    request.onsuccess = () => {
      const database = request.result;
      // A newer version of the page, or somebody who clears the site's data, must not wait for this one.
      database.onversionchange = () => database.close();
      resolve(database);
    };
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error(`The database ${name} is held by an older page`));
  });
}

/**
 * One transaction. `work` may only make requests of the store, and use their results in their callbacks;
 * what it returns is read when the transaction is complete, and so is sure to last.
 */
export function transact<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => () => T,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const [name] = Array.from(database.objectStoreNames);
    const transaction = database.transaction(name, mode);
    const result = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(result());
    transaction.onabort = () => reject(transaction.error ?? new Error("The transaction was aborted"));
  });
}

/** Deletes a database, open or not: `openDatabase` closes it then in every tab. Resolves when it is gone, or nearly. */
export function deleteDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name);
    request.onsuccess = () => resolve();
    // A tab that is frozen closes its own when it wakes, and the deletion goes on by itself.
    request.onblocked = () => resolve();
    request.onerror = () => reject(request.error);
  });
}
