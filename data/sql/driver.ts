/**
 * The Storage contract: SQL below the services, on SQLite and on MySQL. Every implementation passes
 * tests/contract/storage_cases.ts.
 */

/** Numbers are whole and at most 2^53 - 1. A text must not hold U+0000: SQLite's reader ends it there. */
export type Value = string | number | null;
export type Row = Record<string, Value>;

/** Statements that are called in one turn of the event loop run in order and may leave in one packet. */
export interface Reads {
  /** The rows of one statement with `?` placeholders. */
  all<R extends Row>(sql: string, params?: readonly Value[]): Promise<R[]>;
  /**
   * The rows of one statement whose `{keys}` stands for a list of keys: `WHERE id IN {keys}` with keys of one
   * value, `WHERE (a, b) IN {keys}` with more. A row comes once, however often its key is given, and in no
   * order. No keys: no rows, and nothing is asked.
   */
  allIn<R extends Row>(sql: string, keys: readonly (readonly Value[])[]): Promise<R[]>;
}

export interface Tx extends Reads {
  /**
   * Reads rows by a key of one number and keeps them from every other transaction that locks them, until this
   * one ends. What a transaction decides by, it locks first, in one call: rows are taken in the order of their
   * keys, so that two never wait for each other. A key without a row locks nothing.
   */
  lock<R extends Row>(
    table: string,
    columns: readonly string[],
    key: string,
    values: readonly number[],
  ): Promise<R[]>;
  /** Runs one statement; answers how many rows it changed. */
  run(sql: string, params?: readonly Value[]): Promise<number>;
  /** Inserts rows. Throws UniqueViolation when a key exists; the transaction can then only be rolled back. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]): Promise<void>;
  /** Inserts the rows whose key does not exist; the others stay as they are. */
  insertMissing(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<void>;
  /**
   * Inserts rows or, where the key (the first `keyColumns` columns) exists, changes the other columns:
   * `set` them to the new values or `add` the new values to them.
   */
  upsert(
    table: string,
    columns: readonly string[],
    keyColumns: number,
    change: "set" | "add",
    rows: readonly (readonly Value[])[],
  ): Promise<void>;
  /**
   * Writes that leave together with the COMMIT, where the storage is a way off: `writes` calls all of them before it
   * waits for anything. When one fails, the transaction has failed; `atEnd` itself may resolve before.
   */
  atEnd(writes: () => Promise<unknown>): Promise<void>;
}

export interface Storage extends Reads {
  readonly dialect: "sqlite" | "mysql";
  /** So many transactions make progress at once. */
  readonly writers: number;
  /**
   * Runs `work` in a transaction. Others see all of it or nothing, and what it has locked they neither lock nor
   * change meanwhile; what it reads without a lock may be changed before it commits. When it resolves, the commit
   * is on disk (fsync). When `work` throws, nothing is stored. When the commit itself fails, it may or may not be:
   * ImError `unavailable`. `work` must only touch the database, through its `tx`: a read of the storage itself
   * may wait for the transaction's end. A storage may run it again.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs `work` while no other process changes the schema. On SQLite it is a transaction. MySQL commits each change
   * of a table by itself: when `work` was cut off, the next run finds a part of it done, and doing that part again
   * does nothing.
   */
  schemaChange<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Runs a script of several statements, in a transaction of its own or in none; for tests. */
  script(sql: string): Promise<void>;
  close(): Promise<void>;
}

/** A row with this key exists already. */
export class UniqueViolation extends Error {
  override name = "UniqueViolation";
}
