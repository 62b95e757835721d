import { DatabaseSync } from "node:sqlite";
import type { Row, Value } from "./driver.ts";
import { type SchemaState, schemaState } from "./schema_state.ts";

export interface SqliteFacts {
  schema: SchemaState;
  /** What SQLite finds wrong with the file; null: nothing, undefined: it was too large to look through. */
  damage: string | null | undefined;
}

/** Looking through takes about a second for so many bytes, on a disk that is not cached. */
const MAX_CHECKED_BYTES = 500e6;

/** Looks at a database without changing it. Throws what SQLite says when it is none. */
export async function lookAtSqlite(path: string): Promise<SqliteFacts> {
  const { size } = await Deno.stat(path);
  using db = new DatabaseSync(path, { readOnly: true });
  db.exec("PRAGMA busy_timeout = 2000");
  const all = <R extends Row>(sql: string, params: readonly Value[] = []) =>
    Promise.resolve(db.prepare(sql).all(...params) as R[]);
  const schema = await schemaState({ dialect: "sqlite", all, allIn: (sql) => all(sql) });
  if (size > MAX_CHECKED_BYTES) return { schema, damage: undefined };
  const [{ quick_check: said }] = db.prepare("PRAGMA quick_check(1)").all() as { quick_check: string }[];
  return { schema, damage: said === "ok" ? null : said };
}
