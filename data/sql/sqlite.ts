import { DatabaseSync, type StatementSync } from "node:sqlite";
import { ImError } from "../../wire/errors.ts";
import { type Row, type Storage, type Tx, UniqueViolation, type Value } from "./driver.ts";
import { chunks, padded, padKeys, slices, tuple } from "./statements.ts";

const MAX_STATEMENTS = 300;

export interface SqliteOptions {
  /** So long another process may keep the database locked; then it is `unavailable`. */
  busyTimeoutMs?: number;
  /** FULL: a commit waits for the disk. NORMAL: a power cut may undo the last ones, but leaves no half of one. */
  synchronous?: "FULL" | "NORMAL";
}

/** Storage on one SQLite file (`:memory:` for none): WAL, and (unless told otherwise) an fsync on every commit. */
export function openSqlite(path: string, options: SqliteOptions = {}): Storage {
  const { busyTimeoutMs = 5_000 } = options;
  const db = open(path, options);
  // SQLite would wait for another writer with the thread blocked; `#begin` waits in its place.
  db.exec("PRAGMA busy_timeout = 0");
  const writer = new Connection(db, busyTimeoutMs);
  // A second connection reads what is committed while a transaction is open. A memory database has one only.
  const reader = path === ":memory:" ? null : new Connection(open(path, options), busyTimeoutMs);
  let tail: Promise<unknown> = Promise.resolve();
  /** One at a time, in the order of the calls. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work);
    tail = result.then(() => {}, () => {});
    return result;
  };
  return {
    dialect: "sqlite",
    writers: 1,
    all: (sql, params) => reader ? reader.all(sql, params) : inTurn(() => writer.all(sql, params)),
    allIn: (sql, keys) => reader ? reader.allIn(sql, keys) : inTurn(() => writer.allIn(sql, keys)),
    transaction: (work) => inTurn(() => writer.transaction(work)),
    schemaChange: (work) => inTurn(() => writer.transaction(work)),
    script: (sql) => inTurn(() => writer.script(sql)),
    close: () =>
      inTurn(() => {
        reader?.close();
        writer.close();
        return Promise.resolve();
      }),
  };
}

function open(path: string, { busyTimeoutMs = 5_000, synchronous = "FULL" }: SqliteOptions): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec(`
    PRAGMA busy_timeout = ${busyTimeoutMs};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous};
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32768;
    PRAGMA wal_autocheckpoint = 4000;
  `);
  return db;
}

/** The methods answer promises because the contract does; each runs to its end before it returns. */
class Connection implements Tx {
  #db: DatabaseSync;
  #busyTimeoutMs: number;
  #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, busyTimeoutMs: number) {
    this.#db = db;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  // deno-lint-ignore require-await -- the contract is asynchronous; a throw must become a rejection
  async all<R extends Row>(sql: string, params: readonly Value[] = []): Promise<R[]> {
    return this.#prepare(sql).all(...params) as R[];
  }

  // deno-lint-ignore require-await
  async allIn<R extends Row>(sql: string, keys: readonly (readonly Value[])[]): Promise<R[]> {
    if (keys.length === 0) return [];
    const width = keys[0].length;
    const rows: R[] = [];
    for (const part of slices(keys)) {
      rows.push(...this.#prepare(inList(sql, part.length, width)).all(...padKeys(part)) as R[]);
    }
    return rows;
  }

  /** There is one writer at a time anyway. */
  lock<R extends Row>(table: string, columns: readonly string[], key: string, values: readonly number[]) {
    return this.allIn<R>(`SELECT ${columns} FROM ${table} WHERE ${key} IN {keys}`, values.map((v) => [v]));
  }

  // deno-lint-ignore require-await
  async run(sql: string, params: readonly Value[] = []): Promise<number> {
    return Number(this.#run(sql, params));
  }

  // deno-lint-ignore require-await
  async insert(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]) {
    for (const part of chunks(rows)) {
      this.#run(
        `INSERT INTO ${table} (${columns}) VALUES ${values(part.length, columns.length)}`,
        part.flat(),
      );
    }
  }

  // deno-lint-ignore require-await
  async insertMissing(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]) {
    for (const part of chunks(rows)) {
      const list = values(part.length, columns.length);
      this.#run(`INSERT INTO ${table} (${columns}) VALUES ${list} ON CONFLICT DO NOTHING`, part.flat());
    }
  }

  // deno-lint-ignore require-await
  async upsert(
    table: string,
    columns: readonly string[],
    keyColumns: number,
    change: "set" | "add",
    rows: readonly (readonly Value[])[],
  ) {
    const keys = columns.slice(0, keyColumns);
    const changes = columns.slice(keyColumns)
      .map((c) => change === "set" ? `${c} = excluded.${c}` : `${c} = ${c} + excluded.${c}`);
    for (const part of chunks(rows)) {
      this.#run(
        `INSERT INTO ${table} (${columns}) VALUES ${values(part.length, columns.length)} ` +
          `ON CONFLICT (${keys}) DO UPDATE SET ${changes}`,
        part.flat(),
      );
    }
  }

  async atEnd(writes: () => Promise<unknown>): Promise<void> {
    await writes();
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    await this.#begin();
    try {
      const result = await work(this);
      this.#run("COMMIT", []);
      return result;
    } catch (error) {
      // After some errors (a full disk, say) SQLite has rolled back already.
      if (this.#db.isTransaction) this.#run("ROLLBACK", []);
      throw error;
    }
  }

  /** In a transaction, because that waits its turn, and `exec` does not even say that it should. */
  script(sql: string): Promise<void> {
    // deno-lint-ignore require-await
    return this.transaction(async () => this.#db.exec(sql));
  }

  close() {
    this.#db.close();
  }

  /** Takes the write lock. While another process has it, this thread, which serves sockets, goes on. */
  async #begin(): Promise<void> {
    const giveUpAt = performance.now() + this.#busyTimeoutMs;
    for (let waitMs = 1;; waitMs = Math.min(2 * waitMs, 32)) {
      try {
        this.#prepare("BEGIN IMMEDIATE").run();
        return;
      } catch (error) {
        if (!isBusy(error) || performance.now() >= giveUpAt) throw translate(error);
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  #run(sql: string, params: readonly Value[]): number | bigint {
    try {
      return this.#prepare(sql).run(...params).changes;
    } catch (error) {
      throw translate(error);
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      // Texts are few (lists are padded), so emptying the cache is rare and simpler than an order of use.
      if (this.#statements.size >= MAX_STATEMENTS) this.#statements.clear();
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

const inLists = new Map<string, string[]>();

/** The statement with its `{keys}` written out; texts are kept, because building them costs more than a read. */
function inList(sql: string, count: number, width: number): string {
  const texts = inLists.get(sql) ?? [];
  if (texts.length === 0) inLists.set(sql, texts);
  const size = padded(count);
  return texts[size] ??= sql.replace(
    "{keys}",
    width === 1 ? tuple(size) : `(VALUES ${values(size, width)})`,
  );
}

const valueLists = new Map<number, string>();

function values(rows: number, width: number): string {
  const key = rows * 64 + width;
  let text = valueLists.get(key);
  if (!text) valueLists.set(key, text = Array(rows).fill(tuple(width)).join(","));
  return text;
}

const codeOf = (error: unknown) => (error as { errcode?: number }).errcode;
const isBusy = (error: unknown) => ((codeOf(error) ?? 0) & 0xff) === 5;

/** SQLite's error codes (sqlite.org/rescode.html) as ours. */
function translate(error: unknown): unknown {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (code === 2067 || code === 1555) return new UniqueViolation((error as Error).message);
  const primary = code & 0xff;
  // BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN: the disk's trouble, which may pass.
  if ([5, 6, 8, 10, 13, 14].includes(primary)) {
    return new ImError("unavailable", `The database cannot be written: ${(error as Error).message}`);
  }
  return error;
}
