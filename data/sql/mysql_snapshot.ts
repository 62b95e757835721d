import type { Row, Value } from "./driver.ts";
import { type MysqlConnection, MysqlPool } from "./mysql_pool.ts";
import { pageStatement, type Snapshot, tablesOf } from "./snapshot.ts";

/** A page of long rows over a slow network. */
const PAGE_WITHIN_MS = 120_000;

/** Runs `work` with a MySQL database as it is now; others may go on writing to it. */
export async function withMysqlSnapshot<T>(
  url: string,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  const pool = new MysqlPool(url, { maxConnections: 1, statementTimeoutMs: PAGE_WITHIN_MS });
  try {
    return await pool.with(async (connection) => {
      await connection.query("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
      await connection.query("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
      return await work(snapshotOf(connection));
    });
  } finally {
    await pool.close();
  }
}

function snapshotOf(connection: MysqlConnection): Snapshot {
  const all = async <R extends Row>(sql: string, params: readonly Value[] = []) =>
    (await connection.query(sql, params)).rows as R[];
  return {
    tables: () => tablesOf({ dialect: "mysql", all }),
    page: (table, after, limit) => {
      const { sql, params } = pageStatement(table, after, limit);
      return all(sql, params);
    },
  };
}

/** How many others are connected to the database: servers, mostly. Only those of the same user may be seen. */
export async function othersConnected(url: string): Promise<number> {
  const pool = new MysqlPool(url, { maxConnections: 1 });
  try {
    const { rows } = await pool.with((connection) =>
      connection.query(
        "SELECT COUNT(*) AS others FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
      )
    );
    return Number(rows[0].others);
  } finally {
    await pool.close();
  }
}
