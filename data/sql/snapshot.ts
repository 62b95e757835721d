import type { Reads, Row, Storage, Value } from "./driver.ts";

/** A table with its columns in the order of their names, and those of its primary key in the key's order. */
export interface TableShape {
  name: string;
  columns: string[];
  key: string[];
}

/** Everything in a database as it is at one moment, whatever is written meanwhile. */
export interface Snapshot {
  tables(): Promise<TableShape[]>;
  /** The next rows in the order of the key; `after` is the last one's key, null to begin. */
  page(table: TableShape, after: readonly Value[] | null, limit: number): Promise<Row[]>;
}

/** The tables of a database. */
export async function tablesOf(db: Pick<Reads, "all"> & Pick<Storage, "dialect">): Promise<TableShape[]> {
  const rows = await (db.dialect === "sqlite" ? columnsOfSqlite(db) : columnsOfMysql(db));
  const tables = new Map<string, ColumnRow[]>();
  for (const row of rows) tables.set(row.table_name, [...tables.get(row.table_name) ?? [], row]);
  return [...tables].map(([name, columns]) => ({
    name,
    columns: columns.map((column) => column.column_name).sort(),
    key: columns.filter(({ key_place }) => key_place > 0).sort((a, b) => a.key_place - b.key_place)
      .map((column) => column.column_name),
  })).sort((a, b) => a.name < b.name ? -1 : 1);
}

interface ColumnRow extends Row {
  table_name: string;
  column_name: string;
  /** 1, 2 … in the primary key; 0: not in it. */
  key_place: number;
}

function columnsOfSqlite(db: Pick<Reads, "all">): Promise<ColumnRow[]> {
  return db.all<ColumnRow>(
    `SELECT t.name AS table_name, c.name AS column_name, c.pk AS key_place
     FROM sqlite_master t JOIN pragma_table_info(t.name) c
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
  );
}

function columnsOfMysql(db: Pick<Reads, "all">): Promise<ColumnRow[]> {
  return db.all<ColumnRow>(
    `SELECT c.table_name AS table_name, c.column_name AS column_name, COALESCE(k.ordinal_position, 0) AS key_place
     FROM information_schema.columns c
     JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
     LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema
       AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.constraint_name = 'PRIMARY'
     WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'`,
  );
}

/**
 * The statement of a page and its parameters. `(a, b) > (?, ?)` would be shorter, but MySQL then reads the table from
 * its beginning.
 */
export function pageStatement(
  { name, columns, key }: TableShape,
  after: readonly Value[] | null,
  limit: number,
): { sql: string; params: Value[] } {
  const [condition, params] = after === null ? ["1 = 1", []] : behind(key, after);
  const sql = `SELECT ${columns} FROM ${name} WHERE ${condition} ORDER BY ${key} LIMIT ${limit}`;
  return { sql, params };
}

/** `a >= ? AND (a > ? OR (a = ? AND b > ?))`, and so on. */
function behind(key: readonly string[], after: readonly Value[]): [string, Value[]] {
  const [column, ...others] = key;
  const [value, ...values] = after;
  if (others.length === 0) return [`${column} > ?`, [value]];
  const [rest, params] = behind(others, values);
  return [`${column} >= ? AND (${column} > ? OR (${rest}))`, [value, value, ...params]];
}
