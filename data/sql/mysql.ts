import { ImError } from "../../wire/errors.ts";
import { type Reads, type Row, type Storage, type Tx, UniqueViolation, type Value } from "./driver.ts";
import {
  escapeText,
  type MysqlConnection,
  type MysqlOptions,
  MysqlPool,
  type Outcome,
  SqlError,
} from "./mysql_pool.ts";
import { distinct } from "./statements.ts";

/** So often a transaction that met a deadlock is run again. */
const MAX_TRIES = 6;
const LOCK_TIMEOUT_S = 60;

/** Storage on MySQL 8.0 or MariaDB 10.11 and newer. */
export function openMysql(url: string, options: MysqlOptions = {}): Storage {
  const pool = new MysqlPool(url, options);
  const reads = new PooledReads(pool);
  return {
    dialect: "mysql",
    writers: 4,
    all: (sql, params) => translated(() => reads.all(sql, params)),
    allIn: (sql, keys) => translated(() => reads.allIn(sql, keys)),
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
  const tx = new Statements(connection);
  // In one packet with the first statement.
  const begun = tx.query("START TRANSACTION");
  let result: T;
  try {
    result = await work(tx);
    await begun;
    await tx.checkEnd();
  } catch (error) {
    if (await isLost(begun)) throw new NotBegun((error as Error).message);
    await connection.query("ROLLBACK").catch(() => connection.abandon());
    throw error;
  }
  try {
    await tx.commit();
  } catch (error) {
    // A server that says what was wrong with a statement has not come to the COMMIT after it.
    if (error instanceof SqlError && !error.fatal && IN_A_STATEMENT.has(error.errno)) {
      await connection.query("ROLLBACK").catch(() => connection.abandon());
      throw error;
    }
    // It may be stored or not (measured: of 14 such, 6 were). Who asked must ask again, by the same clientId.
    connection.abandon();
    throw new ImError("unavailable", `The commit was not confirmed: ${(error as Error).message}`);
  }
  return result;
}

/** The connection went before anything was begun. A server that takes no writes is another matter. */
const isLost = (begun: Promise<unknown>) =>
  begun.then(() => false, ({ fatal, errno }: SqlError) => fatal && !READ_ONLY.has(errno));

const READ_ONLY = new Set([1290, 1836]);

/** A key that exists, a deadlock, a lock that was waited for too long, and what the schema or the grants forbid. */
const IN_A_STATEMENT = new Set([
  ...[1062, 1213, 1205],
  ...[1048, 1054, 1064, 1142, 1143, 1146, 1264, 1265, 1292, 1364, 1366, 1406, 1451, 1452, 1690],
]);

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

/**
 * Rows and keys of one statement. Its text is no longer than MAX_TEXT, unless one row is, and neither is a packet, unless
 * one statement is: servers take 16 MiB at a time by default, and a character is up to four bytes, or two escaped.
 */
const ROWS_PER_STATEMENT = 1024;
const MAX_TEXT = 1024 * 1024;
/** Turns of promises in which a write at the end fails that has not come to its statement. */
const TURNS_TO_FAIL = 8;

interface Waiting {
  sql: string;
  values?: readonly Value[];
  resolve: (outcome: Outcome) => void;
  reject: (error: Error) => void;
}

/** Reads that share a packet at most: one connection runs them one after the other, others may run beside it. */
const READS_PER_PACKET = 16;

/**
 * Reads outside of transactions, of whoever asks: those that are called in one turn leave in one packet, on whatever
 * connection is free. One that fails does so for itself only.
 */
class PooledReads implements Reads {
  #pool: MysqlPool;
  #waiting: Waiting[] = [];

  constructor(pool: MysqlPool) {
    this.#pool = pool;
  }

  async all<R extends Row>(sql: string, params?: readonly Value[]): Promise<R[]> {
    return (await this.#query(sql, params)).rows as R[];
  }

  async allIn<R extends Row>(sql: string, keys: readonly (readonly Value[])[]): Promise<R[]> {
    const outcomes = await Promise.all(statementsIn(sql, keys).map((one) => this.#query(one)));
    return outcomes.length === 1 ? outcomes[0].rows as R[] : outcomes.flatMap(({ rows }) => rows as R[]);
  }

  #query(sql: string, values?: readonly Value[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.push({ sql, values, resolve, reject }) === 1) queueMicrotask(() => this.#send());
    });
  }

  #send(): void {
    const sent = this.#waiting;
    this.#waiting = [];
    for (let at = 0; at < sent.length; at += READS_PER_PACKET) {
      for (const packet of packets(sent.slice(at, at + READS_PER_PACKET))) void this.#deliver(packet);
    }
  }

  async #deliver(packet: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await onFreshConnection(() =>
        this.#pool.with((connection) => connection.queries(packet))
      );
      for (const [i, { resolve }] of packet.entries()) resolve(outcomes[i]);
    } catch (error) {
      // What the server says of one statement is not the others' fault; reading again does no harm.
      const alone = packet.length === 1 || !(error instanceof SqlError && error.errno > 0);
      if (alone) { for (const { reject } of packet) reject(error as Error); }
      else for (const one of packet) void this.#deliver([one]);
    }
  }
}

/**
 * The statements of the contract, on one connection. Those that are called in one turn of the event loop leave in one
 * packet: the way to the server and back is most of what a small statement costs.
 */
class Statements implements Tx {
  #waiting: Waiting[] = [];
  /** They leave in this turn. */
  #leaving = false;
  /** What is called now waits for the COMMIT, or for a statement that somebody needs before. */
  #holding = false;
  /** Why the transaction can only be rolled back. */
  #failure: { error: unknown } | undefined;
  #sent: Promise<void> = Promise.resolve();
  /** Whether nothing runs after a statement that failed. */
  protected readonly stops: boolean = true;

  constructor(protected readonly connection: MysqlConnection) {}

  query(sql: string, values?: readonly Value[]): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve, reject) => {
      this.#waiting.push({ sql, values, resolve, reject });
    });
    // Each failure is told to all of its packet; not everyone listens.
    outcome.catch(() => {});
    if (!this.#leaving && !this.#holding) {
      this.#leaving = true;
      queueMicrotask(() => this.#send());
    }
    return outcome;
  }

  atEnd(writes: () => Promise<unknown>): Promise<void> {
    this.#holding = true;
    try {
      writes().catch((error) => this.#failure ??= { error });
    } finally {
      this.#holding = false;
    }
    return Promise.resolve();
  }

  /** Rejects when the writes at the end failed before they came to the database: their COMMIT must not leave. */
  async checkEnd(): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_FAIL && !this.#failure; turn++) await null;
    if (this.#failure) throw this.#failure.error;
  }

  /** With what has waited for it; resolves when all of it is stored. */
  async commit(): Promise<void> {
    const committed = this.query("COMMIT");
    this.#send();
    await committed;
  }

  /** All that waits, after what is on its way. */
  #send(): void {
    const sent = this.#waiting;
    this.#waiting = [];
    this.#leaving = false;
    if (sent.length > 0) this.#sent = this.#sent.then(() => this.#deliver(sent));
  }

  /** In as many packets as it takes. After a failure nothing more is sent, least of all a COMMIT. */
  async #deliver(sent: readonly Waiting[]): Promise<void> {
    for (const packet of packets(sent)) {
      try {
        if (this.#failure && this.stops) throw this.#failure.error;
        const outcomes = await this.connection.queries(packet);
        for (const [i, { resolve }] of packet.entries()) resolve(outcomes[i]);
      } catch (error) {
        this.#failure ??= { error };
        for (const { reject } of packet) reject(error as Error);
      }
    }
  }

  async all<R extends Row>(sql: string, params?: readonly Value[]): Promise<R[]> {
    return (await this.query(sql, params)).rows as R[];
  }

  async allIn<R extends Row>(sql: string, keys: readonly (readonly Value[])[]): Promise<R[]> {
    const parts = statementsIn(sql, keys).map((one) => this.all<R>(one));
    return (await Promise.all(parts)).flat();
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
    return (await this.query(sql, params)).affected;
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
    const writes = parts(rows).map((part) => {
      return this.query(`INSERT INTO ${table} (${columns}) VALUES ${part.map(literals).join(",")}${ending}`);
    });
    await Promise.all(writes);
  }
}

/** A statement with its list of keys, in as many as it takes; none for no keys. */
function statementsIn(sql: string, keys: readonly (readonly Value[])[]): string[] {
  const different = keys.length > ROWS_PER_STATEMENT ? distinct(keys) : keys;
  const statements: string[] = [];
  for (let at = 0; at < different.length; at += ROWS_PER_STATEMENT) {
    const part = different.slice(at, at + ROWS_PER_STATEMENT);
    const list = part.map((key) => key.length === 1 ? literal(key[0]) : literals(key)).join(",");
    statements.push(sql.replace("{keys}", () => `(${list})`));
  }
  return statements;
}

const sizeOf = ({ sql, values = [] }: Waiting) =>
  values.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), sql.length);

/** Cuts statements into those of one packet each. */
function* packets(statements: readonly Waiting[]): Generator<readonly Waiting[]> {
  for (let from = 0, to = 0; from < statements.length; from = to) {
    for (let length = 0; to < statements.length && (to === from || length <= MAX_TEXT); to++) {
      length += sizeOf(statements[to]);
      if (length > MAX_TEXT && to > from) break;
    }
    yield statements.slice(from, to);
  }
}

/** A value as SQL; looking for the places of thousands of values in a text takes longer than writing them. */
function literal(value: Value): string {
  if (typeof value === "number") return String(value);
  return value === null ? "NULL" : escapeText(value);
}

const literals = (row: readonly Value[]) => `(${row.map(literal).join(",")})`;

/** Cuts rows into those of one statement each. */
function parts(rows: readonly (readonly Value[])[]): (readonly Value[])[][] {
  const cut: (readonly Value[])[][] = [];
  let length = Infinity;
  for (const row of rows) {
    const own = row.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);
    if (length + own > MAX_TEXT || cut[cut.length - 1].length === ROWS_PER_STATEMENT) {
      cut.push([]);
      length = 0;
    }
    cut[cut.length - 1].push(row);
    length += own;
  }
  return cut;
}

/** A table, a column or an index that exists already: what a run that was cut off has left. */
const THERE_ALREADY = [1050, 1060, 1061];

class SchemaStatements extends Statements {
  protected override readonly stops = false;

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
const PASSING = new Set([
  ...[1021, 1114, 1040, 1203, 1205, 1213, 1969, 3024, 1317],
  // Of a server that asks others, which are away: MariaDB's Spider.
  ...[1158, 1159, 1160, 1161, 1429, 1430, 12701],
]);

function translate(error: unknown): unknown {
  if (error instanceof NotBegun) return new ImError("unavailable", "The database was lost");
  if (!(error instanceof SqlError)) return error;
  if (error.errno === 1062) return new UniqueViolation(error.message);
  if (error.fatal || PASSING.has(error.errno)) {
    return new ImError("unavailable", `The database does not answer: ${error.message}`);
  }
  return error;
}
