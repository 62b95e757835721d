import { ImError } from "../../wire/errors.ts";
import { type Row, type Storage, type Tx, UniqueViolation, type Value } from "./driver.ts";
import { type MysqlConnection, type MysqlOptions, MysqlPool, SqlError } from "./mysql_pool.ts";
import { chunks, padded, padKeys, slices, tuple } from "./statements.ts";

/** So often a transaction that met a deadlock is run again. */
const MAX_TRIES = 6;
const LOCK_TIMEOUT_S = 60;

/** Storage on MySQL 8.0 or MariaDB 10.11 and newer. */
export function openMysql(url: string, options: MysqlOptions = {}): Storage {
  const pool = new MysqlPool(url, options);
  const read = <T>(work: (reads: Statements) => Promise<T>) =>
    translated(() => onFreshConnection(() => pool.with((connection) => work(new Statements(connection)))));
  return {
    dialect: "mysql",
    writers: 4,
    all: (sql, params) => read((reads) => reads.all(sql, params)),
    allIn: (sql, keys) => keys.length === 0 ? Promise.resolve([]) : read((reads) => reads.allIn(sql, keys)),
    transaction: (work) => translated(() => retried(() => pool.with((c) => runTransaction(c, work)))),
    schemaChange: (work) => translated(() => pool.with((connection) => runSchemaChange(connection, work))),
    script: (sql) => translated(() => pool.with((connection) => runScript(connection, sql))),
    close: () => pool.close(),
  };
}

/**
 * A connection that rested may have been cut since. Reading again on another does no harm; when that fails too,
 * the server is away.
 */
async function onFreshConnection<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SqlError && error.errno === 0)) throw error;
    return await work();
  }
}

async function runTransaction<T>(connection: MysqlConnection, work: (tx: Tx) => Promise<T>): Promise<T> {
  await connection.query("START TRANSACTION").catch((error: SqlError) => {
    throw error.fatal ? new NotBegun(error.message) : error;
  });
  let result: T;
  try {
    result = await work(new Statements(connection));
  } catch (error) {
    await connection.query("ROLLBACK").catch(() => connection.abandon());
    throw error;
  }
  try {
    await connection.query("COMMIT");
  } catch (error) {
    // It may be stored or not (measured: of 14 such, 6 were). Who asked must ask again, by the same clientId.
    connection.abandon();
    throw new ImError("unavailable", `The commit was not confirmed: ${(error as Error).message}`);
  }
  return result;
}

/** The connection was lost before the transaction began. */
class NotBegun extends Error {}

/** Runs again what the server has rolled back, or what has not begun. */
async function retried<T>(run: () => Promise<T>): Promise<T> {
  for (let tries = 1;; tries++) {
    try {
      return await run();
    } catch (error) {
      if (!isDeadlock(error) && !(error instanceof NotBegun)) throw error;
      if (tries === MAX_TRIES) {
        throw new ImError("overloaded", "The database is busy with others", { retryAfterMs: 500 });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5 * 2 ** tries));
  }
}

/** Or a wait for a lock that took too long. */
const isDeadlock = (error: unknown) => error instanceof SqlError && [1213, 1205].includes(error.errno);

/** Under a lock of the server's by this database's name. */
async function runSchemaChange<T>(connection: MysqlConnection, work: (tx: Tx) => Promise<T>): Promise<T> {
  const name = "CONCAT('imserver ', LEFT(DATABASE(), 50))";
  const { rows } = await connection.query(`SELECT GET_LOCK(${name}, ${LOCK_TIMEOUT_S}) AS got`);
  if (rows[0].got !== 1) throw new ImError("unavailable", "Another process is changing the schema");
  try {
    return await work(new SchemaStatements(connection));
  } finally {
    await connection.query(`SELECT RELEASE_LOCK(${name})`).catch(() => connection.abandon());
  }
}

async function runScript(connection: MysqlConnection, sql: string): Promise<void> {
  for (const statement of sql.split(";")) if (statement.trim() !== "") await connection.query(statement);
}

/** The statements of the contract, on one connection. */
class Statements implements Tx {
  constructor(protected readonly connection: MysqlConnection) {}

  async all<R extends Row>(sql: string, params: readonly Value[] = []): Promise<R[]> {
    return (await this.connection.query(sql, params)).rows as R[];
  }

  async allIn<R extends Row>(sql: string, keys: readonly (readonly Value[])[]): Promise<R[]> {
    const rows: R[] = [];
    for (const part of slices(keys)) {
      const key = part[0].length === 1 ? "?" : tuple(part[0].length);
      const list = `(${Array(padded(part.length)).fill(key).join(",")})`;
      rows.push(...await this.all<R>(sql.replace("{keys}", list), padKeys(part)));
    }
    return rows;
  }

  lock<R extends Row>(table: string, columns: readonly string[], key: string, values: readonly number[]) {
    const sorted = [...new Set(values)].sort((a, b) => a - b).map((value) => [value]);
    // By the key and never by going through the table: that would wait for the rows of others, too.
    return this.allIn<R>(
      `SELECT ${columns} FROM ${table} FORCE INDEX (PRIMARY) WHERE ${key} IN {keys} ORDER BY ${key} FOR UPDATE`,
      sorted,
    );
  }

  async run(sql: string, params: readonly Value[] = []): Promise<number> {
    return (await this.connection.query(sql, params)).affected;
  }

  insert(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]) {
    return this.#write(table, columns, rows, "");
  }

  insertMissing(table: string, columns: readonly string[], rows: readonly (readonly Value[])[]) {
    return this.#write(table, columns, rows, ` ON DUPLICATE KEY UPDATE ${columns[0]} = ${columns[0]}`);
  }

  upsert(
    table: string,
    columns: readonly string[],
    keyColumns: number,
    change: "set" | "add",
    rows: readonly (readonly Value[])[],
  ) {
    // MariaDB does not know MySQL's newer alias for the new row; both know VALUES().
    const changes = columns.slice(keyColumns)
      .map((c) => change === "set" ? `${c} = VALUES(${c})` : `${c} = ${c} + VALUES(${c})`);
    return this.#write(table, columns, rows, ` ON DUPLICATE KEY UPDATE ${changes}`);
  }

  async #write(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
    ending: string,
  ): Promise<void> {
    for (const part of chunks(rows)) {
      const list = Array(part.length).fill(tuple(columns.length)).join(",");
      await this.connection.query(`INSERT INTO ${table} (${columns}) VALUES ${list}${ending}`, part.flat());
    }
  }
}

/** A table, a column or an index that exists already: what a run that was cut off has left. */
const THERE_ALREADY = [1050, 1060, 1061];

class SchemaStatements extends Statements {
  override async run(sql: string, params: readonly Value[] = []): Promise<number> {
    try {
      return await super.run(sql, params);
    } catch (error) {
      if (error instanceof SqlError && THERE_ALREADY.includes(error.errno)) return 0;
      throw error;
    }
  }
}

async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error);
  }
}

/** Full disk, no space for the table, too many connections, time limit: trouble that may pass. */
const PASSING = new Set([1021, 1114, 1040, 1203, 1205, 1213, 1969, 3024, 1317]);

function translate(error: unknown): unknown {
  if (error instanceof NotBegun) return new ImError("unavailable", "The database was lost");
  if (!(error instanceof SqlError)) return error;
  if (error.errno === 1062) return new UniqueViolation(error.message);
  if (error.fatal || PASSING.has(error.errno)) {
    return new ImError("unavailable", `The database does not answer: ${error.message}`);
  }
  return error;
}
