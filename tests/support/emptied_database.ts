import mysql, { type Connection } from "mysql2/promise";
import { migrate } from "../../data/sql/migrate.ts";
import { openMysql } from "../../data/sql/mysql.ts";

type Row = Record<string, unknown>;

/**
 * One database that is like new for each case: its tables are made once and emptied from then on, since most of a
 * case's time would go into making forty tables again, and as many files would be left. One case at a time.
 */
export class EmptiedDatabase {
  #url: string | null = null;
  #tables: string[] = [];
  #seeds = new Map<string, Row[]>();

  constructor(readonly create: () => Promise<string>) {}

  /** The URL of the database, as it is when all migrations have just been made. */
  async url(): Promise<string> {
    if (this.#url === null) {
      this.#url = await this.create();
      await this.#make(this.#url);
    } else await this.#withConnection(this.#url, (connection) => this.#empty(connection));
    return this.#url;
  }

  async #make(url: string): Promise<void> {
    const storage = openMysql(url);
    await migrate(storage).finally(() => storage.close());
    await this.#withConnection(url, async (connection) => {
      const rows = await all(
        connection,
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
      );
      this.#tables = rows.map(({ name }) => String(name));
      for (const table of this.#tables) {
        const seeds = await all(connection, `SELECT * FROM ${table}`);
        if (seeds.length > 0) this.#seeds.set(table, seeds);
      }
    });
  }

  async #empty(connection: Connection): Promise<void> {
    const deletes = this.#tables.map((table) => `DELETE FROM ${table}`);
    const seeds = [...this.#seeds].flatMap(([table, rows]) =>
      rows.map((row) => connection.format(`INSERT INTO ${table} SET ?`, [row]))
    );
    await connection.query(["BEGIN", ...deletes, ...seeds, "COMMIT"].join(";"));
  }

  async #withConnection<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await mysql.createConnection({ uri: url, multipleStatements: true });
    try {
      return await work(connection);
    } finally {
      await connection.end();
    }
  }
}

async function all(connection: Connection, sql: string): Promise<Row[]> {
  const [rows] = await connection.query(sql);
  return rows as Row[];
}
