import { backup, DatabaseSync } from "node:sqlite";
import type { Row, Value } from "./driver.ts";
import { pageStatement, type Snapshot, tablesOf } from "./snapshot.ts";

/** Runs `work` with a SQLite database as it is now; a server may go on writing to it. */
export async function withSqliteSnapshot<T>(
  path: string,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  using db = new DatabaseSync(path, { readOnly: true });
  db.exec("PRAGMA busy_timeout = 5000; BEGIN");
  // The first read takes the snapshot.
  db.prepare("SELECT COUNT(*) FROM sqlite_master").get();
  const all = <R extends Row>(sql: string, params: readonly Value[] = []) =>
    Promise.resolve(db.prepare(sql).all(...params) as R[]);
  return await work({
    tables: () => tablesOf({ dialect: "sqlite", all }),
    page: (table, after, limit) => {
      const { sql, params } = pageStatement(table, after, limit);
      return all(sql, params);
    },
  });
}

/** In one step, which reads one moment; between steps a writer would make it begin anew, for ever. */
const ALL_PAGES = 2 ** 31 - 1;

/** Writes a copy of the database as it is now, while a server goes on writing to it. */
export async function copySqlite(path: string, to: string): Promise<void> {
  using db = new DatabaseSync(path, { readOnly: true });
  db.exec("PRAGMA busy_timeout = 5000");
  await backup(db, to, { rate: ALL_PAGES });
}

/** Makes a database one file that can be read where nothing can be written. */
export function settleSqlite(path: string): void {
  using db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = DELETE");
}
