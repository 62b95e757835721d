import { type MysqlConnection, MysqlPool, type ResultRow } from "./mysql_pool.ts";
import { type SchemaState, schemaState } from "./schema_state.ts";
import type { Row } from "./driver.ts";

/** What a MySQL or MariaDB server says of itself. */
export interface MysqlFacts {
  /** `10.11.6-MariaDB-1`, `8.4.2`. */
  version: string;
  /** Its global settings that matter here, by name; what it does not know is missing. */
  settings: Record<string, string>;
  /** The lines of SHOW GRANTS. */
  grants: string[];
  /** Of the database by default. */
  characterSet: string;
  /** Tables that are not InnoDB's. */
  strangeTables: string[];
  /** Its clock minus this machine's, in milliseconds, and how far that may be off. */
  skewMs: number;
  skewErrorMs: number;
  schema: SchemaState;
}

const SETTINGS = [
  "innodb_flush_log_at_trx_commit",
  "sync_binlog",
  "log_bin",
  "binlog_format",
  "max_connections",
  "max_allowed_packet",
  "read_only",
  "lower_case_table_names",
  "innodb_doublewrite",
];

/**
 * Looks at a server without changing anything. Rejects with what the driver says: `Access denied …`, `Unknown database
 * …`, or why it cannot be reached.
 */
export async function lookAtMysql(url: string): Promise<MysqlFacts> {
  const pool = new MysqlPool(url, { maxConnections: 1, connectTimeoutMs: 3_000, statementTimeoutMs: 5_000 });
  try {
    return await pool.with(look);
  } finally {
    await pool.close();
  }
}

async function look(connection: MysqlConnection): Promise<MysqlFacts> {
  const all = async <R>(sql: string) => (await connection.query(sql)).rows as R[];
  const names = SETTINGS.map((name) => `'${name}'`).join(",");
  const settings = await all<{ name: string; value: string }>(
    `SELECT LOWER(variable_name) AS name, variable_value AS value FROM ${await variablesOf(connection)}
     WHERE LOWER(variable_name) IN (${names})`,
  );
  const [{ version }] = await all<{ version: string }>("SELECT VERSION() AS version");
  const grants = await all<ResultRow>("SHOW GRANTS");
  const [schema] = await all<{ characterSet: string }>(
    `SELECT default_character_set_name AS characterSet FROM information_schema.schemata
     WHERE schema_name = DATABASE()`,
  );
  const strange = await all<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'`,
  );
  const reads = {
    all: <R extends Row>(sql: string) => all<R>(sql),
    allIn: <R extends Row>(sql: string) => all<R>(sql),
  };
  return {
    version,
    settings: Object.fromEntries(settings.map(({ name, value }) => [name, value])),
    grants: grants.map((row) => String(Object.values(row)[0])),
    characterSet: schema.characterSet,
    strangeTables: strange.map(({ name }) => name),
    ...await skewOf(connection),
    schema: await schemaState({ dialect: "mysql", ...reads }),
  };
}

/** MySQL 8 keeps them where MariaDB has nothing, and the other way round. */
async function variablesOf(connection: MysqlConnection): Promise<string> {
  const { rows } = await connection.query("SELECT VERSION() LIKE '%MariaDB%' AS isMariadb");
  return rows[0].isMariadb ? "information_schema.global_variables" : "performance_schema.global_variables";
}

async function skewOf(connection: MysqlConnection): Promise<{ skewMs: number; skewErrorMs: number }> {
  const before = Date.now();
  const { rows } = await connection.query("SELECT UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS ms");
  const after = Date.now();
  return { skewMs: Math.round(Number(rows[0].ms) - (before + after) / 2), skewErrorMs: (after - before) / 2 };
}
