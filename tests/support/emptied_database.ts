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
  #emptying = new Map<string, string>();

  /** `stores`: where the rows lie of what is reached at the URL, if not there. */
  constructor(
    readonly create: () => Promise<string>,
    readonly stores: (url: string) => readonly string[] = (url) => [url],
  ) {}

  /** The URL of the database, as it is when all migrations have just been made. */
  async url(): Promise<string> {
    if (this.#url === null) {
      this.#url = await this.create();
      await this.#make(this.#url);
    } else await Promise.all([...this.#emptying].map(([store, sql]) => this.#empty(store, sql)));
    return this.#url;
  }

  async #make(url: string): Promise<void> {
    const storage = openMysql(url);
    await migrate(storage).finally(() => storage.close());
    for (const store of this.stores(url)) {
      this.#emptying.set(store, await this.#withConnection(store, sqlToEmpty));
    }
  }

  async #empty(store: string, sql: string): Promise<void> {
    await this.#withConnection(store, (connection) => connection.query(sql));
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

/** All tables emptied, but for what is in them now. */
async function sqlToEmpty(connection: Connection): Promise<string> {
  const tables = await all(
    connection,
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND engine = 'InnoDB'",
  );
  const deletes: string[] = [];
  const inserts: string[] = [];
  for (const table of tables.map(({ name }) => String(name))) {
    deletes.push(`DELETE FROM ${table}`);
    for (const row of await all(connection, `SELECT * FROM ${table}`)) {
      inserts.push(connection.format(`INSERT INTO ${table} SET ?`, [row]));
    }
  }
  return ["BEGIN", ...deletes, ...inserts, "COMMIT"].join(";");
}

async function all(connection: Connection, sql: string): Promise<Row[]> {
  const [rows] = await connection.query(sql);
  return rows as Row[];
}
