import mysql, { type PoolConnection, type QueryError, type SslOptions } from "mysql2";
import { NoSlot, Slots } from "../../kit/slots.ts";
import { ImError } from "../../wire/errors.ts";

export interface MysqlOptions {
  /** At most so many connections. */
  maxConnections?: number;
  /** So long a call waits for a connection; then it is `overloaded`. */
  acquireTimeoutMs?: number;
  /** So long a statement may take; then its connection is given up and the call is `unavailable`. */
  statementTimeoutMs?: number;
  connectTimeoutMs?: number;
}

export type Cell = string | number | null;
export type ResultRow = Record<string, Cell>;
export interface Outcome {
  rows: ResultRow[];
  /** Rows that an UPDATE or DELETE found, changed or not. */
  affected: number;
}

const CALLS_PER_CONNECTION_WAITING = 200;
/** The server's own limit comes first: it leaves the connection usable. */
const ANSWER_LATER_MS = 500;

/**
 * What every connection begins with. READ COMMITTED locks rows and not the gaps between them. MariaDB and MySQL
 * each read a time limit of their own from the comments (the other takes them for comments).
 */
const sessionSql = (timeoutMs: number) => [
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
  `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', innodb_lock_wait_timeout = 5
   /*M!100100 , max_statement_time = ${timeoutMs / 1000} */ /*!80000 , max_execution_time = ${timeoutMs} */`,
];

/** Connections to one MySQL or MariaDB server, as many as allowed, each made when it is first needed. */
export class MysqlPool {
  #pool: mysql.Pool;
  #slots: Slots;
  #timeoutMs: number;
  #closing = false;
  #inUse = 0;
  #idle = Promise.withResolvers<void>();

  /** `url`: mysql://user:password@host:port/name, with `?tls=true` and `?tls-ca=FILE` for TLS. */
  constructor(url: string, options: MysqlOptions = {}) {
    const { maxConnections = 16, acquireTimeoutMs = 2_000, connectTimeoutMs = 3_000 } = options;
    this.#timeoutMs = options.statementTimeoutMs ?? 5_000;
    this.#slots = new Slots({
      count: maxConnections,
      maxWaiting: maxConnections * CALLS_PER_CONNECTION_WAITING,
      waitTimeoutMs: acquireTimeoutMs,
    });
    this.#pool = mysql.createPool({
      ...readUrl(url),
      connectionLimit: maxConnections,
      connectTimeout: connectTimeoutMs,
      charset: "utf8mb4_bin",
      supportBigNumbers: true,
      decimalNumbers: true,
      // What belongs to one turn goes in one packet (data/sql/mysql.ts). Values are always escaped, never pasted.
      multipleStatements: true,
      // An UPDATE then answers how many rows it found, as SQLite does.
      flags: ["+FOUND_ROWS"],
      enableKeepAlive: true,
      keepAliveInitialDelay: 10_000,
    });
    this.#pool.on("connection", (connection) => {
      for (const sql of sessionSql(this.#timeoutMs)) {
        // Without its settings a connection must not be used.
        connection.query(sql, (error) => error && connection.destroy());
      }
    });
  }

  /** Runs `work` with a connection of its own. One that met a fatal error is not used again. */
  async with<T>(work: (connection: MysqlConnection) => Promise<T>): Promise<T> {
    if (this.#closing) throw new ImError("unavailable", "The database is closed");
    this.#inUse++;
    const release = await this.#slots.take().catch((error) => {
      this.#leave();
      throw error instanceof NoSlot ? new ImError("overloaded", undefined, { retryAfterMs: 500 }) : error;
    });
    try {
      const connection = new MysqlConnection(await this.#connect(), this.#timeoutMs);
      try {
        return await work(connection);
      } finally {
        connection.release();
      }
    } finally {
      release();
      this.#leave();
    }
  }

  /** Waits for what was begun. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#inUse > 0) await this.#idle.promise;
    await new Promise<void>((resolve) => this.#pool.end(() => resolve()));
  }

  #leave(): void {
    this.#inUse--;
    if (this.#closing && this.#inUse === 0) this.#idle.resolve();
  }

  #connect(): Promise<PoolConnection> {
    return new Promise((resolve, reject) => {
      this.#pool.getConnection((error, connection) => {
        if (error) reject(new Unreachable(error));
        else resolve(connection);
      });
    });
  }
}

/** No connection could be made: nothing was asked of the server. */
export class Unreachable extends ImError {
  constructor(cause: Error) {
    super("unavailable", `The database cannot be reached: ${cause.message}`, { retryAfterMs: 1_000 });
  }
}

export interface Statement {
  sql: string;
  values?: readonly Cell[];
}

/** A text as a literal of SQL, for the mode that every connection here has (backslashes escape). */
export const escapeText = (text: string): string => mysql.escape(text);

/** With its values escaped. */
const written = ({ sql, values }: Statement) => values ? mysql.format(sql, values as Cell[]) : sql;

function outcomeOf(result: unknown): Outcome {
  if (Array.isArray(result)) return { rows: result as ResultRow[], affected: 0 };
  return { rows: [], affected: (result as { affectedRows: number }).affectedRows };
}

/** One connection, for one caller at a time. */
export class MysqlConnection {
  #connection: PoolConnection;
  #timeoutMs: number;
  #broken = false;

  constructor(connection: PoolConnection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** Runs one statement. */
  async query(sql: string, values?: readonly Cell[]): Promise<Outcome> {
    return (await this.queries([{ sql, values }]))[0];
  }

  /**
   * Runs statements one after the other, in one packet; the first that fails is the last that was run. Rejects with
   * its SqlError; after a fatal one, or when the server is silent for longer than its own time limit for one, the
   * connection is given up.
   */
  queries(statements: readonly Statement[]): Promise<Outcome[]> {
    if (this.#broken) return Promise.reject(new SqlError(new Error("the connection is given up")));
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        clearTimeout(timer);
        const wrapped = new SqlError(error);
        if (wrapped.fatal) this.abandon();
        reject(wrapped);
      };
      // The driver's own limit begins only when the statement is its turn, and what stands before may hang.
      const timer = setTimeout(() => fail(new Error("no answer in time")), this.#timeoutMs + ANSWER_LATER_MS);
      const done = (error: QueryError | null, result: unknown) => {
        if (error) return fail(error);
        clearTimeout(timer);
        resolve(statements.length === 1 ? [outcomeOf(result)] : (result as unknown[]).map(outcomeOf));
      };
      if (statements.length === 1) {
        const [{ sql, values }] = statements;
        this.#connection.query({ sql, values: values as Cell[] }, done);
      } else this.#connection.query(statements.map(written).join(";"), done);
    });
  }

  /** Nobody knows in what state it is. */
  abandon(): void {
    if (!this.#broken) this.#connection.destroy();
    this.#broken = true;
  }

  release(): void {
    if (!this.#broken) this.#connection.release();
  }
}

/** Server errors after which the connection, or this server, is of no more use: shutting down, or read-only now. */
const GIVE_UP = new Set([1053, 1077, 1079, 1290, 1836, 1927, 4031]);

/** What the driver or the server answered to a statement. */
export class SqlError extends Error {
  override name = "SqlError";
  /** The server's number; 0: it was the connection or the time limit. */
  readonly errno: number;
  /** The connection is of no more use. */
  readonly fatal: boolean;

  constructor(error: Error & Partial<QueryError>) {
    super(error.message, { cause: error });
    const fromServer = /^ER_/.test(error.code ?? "") && (error.errno ?? 0) > 0;
    this.errno = fromServer ? error.errno! : 0;
    this.fatal = !fromServer || error.fatal === true || GIVE_UP.has(this.errno);
  }
}

function readUrl(text: string) {
  const url = new URL(text);
  const caFile = url.searchParams.get("tls-ca");
  const tls = caFile !== null || url.searchParams.get("tls") === "true";
  const ssl: SslOptions = caFile === null ? {} : { ca: Deno.readTextFileSync(caFile) };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || 3306),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(tls ? { ssl } : {}),
  };
}
