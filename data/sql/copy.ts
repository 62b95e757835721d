import { type Digest, digestOf, pagesOf, TableSum } from "./digest.ts";
import type { Row, Storage } from "./driver.ts";
import { type Snapshot, type TableShape, tablesOf } from "./snapshot.ts";

/** Far below what MySQL takes in one packet by default. */
const STATEMENT_CHARS = 1_000_000;

/** Each database has a list of its own of what was made in it. */
const OWN = new Set(["migrations"]);
/** The words of messages are made of the messages anew, where they are kept otherwise. */
const isMadeAnew = (name: string) => name.startsWith("search_");
/** What stands in a database to which nobody has come yet. */
const BEGINNINGS = new Set(["store", "setup_tokens"]);

export interface CopiedTable extends Digest {
  name: string;
}

/** The tables that hold what people have done; of one program version they are the same in every database. */
export async function keptTables(of: { tables(): Promise<TableShape[]> }): Promise<TableShape[]> {
  return (await of.tables()).filter(({ name }) => !OWN.has(name) && !isMadeAnew(name));
}

/** The tables of a storage in which something was stored already. */
export async function filledTables(storage: Storage): Promise<string[]> {
  const filled: string[] = [];
  for (const { name } of await keptTables({ tables: () => tablesOf(storage) })) {
    if (BEGINNINGS.has(name)) continue;
    if ((await storage.all(`SELECT 1 AS one FROM ${name} LIMIT 1`)).length > 0) filled.push(name);
  }
  return filled;
}

/** Deletes all rows of a storage, and what was made of them. */
export async function emptyTables(storage: Storage): Promise<void> {
  for (const { name } of await tablesOf(storage)) {
    if (OWN.has(name) || name === "search_lease") continue;
    await storage.transaction((tx) => tx.run(`DELETE FROM ${name}`));
  }
}

/**
 * Copies every table of a snapshot into a storage of the same schema, which must be empty; answers what was copied.
 * `onProgress` is told of each page. Throws when the two have other tables or columns.
 */
export async function copyTables(
  from: Snapshot,
  to: Storage,
  onProgress: (table: string, rows: number) => void = () => {},
): Promise<CopiedTable[]> {
  const tables = await keptTables(from);
  requireSame(tables, await keptTables({ tables: () => tablesOf(to) }));
  await emptyTables(to);
  const copied: CopiedTable[] = [];
  for (const table of tables) {
    const sum = new TableSum(table.columns);
    for await (const rows of pagesOf(from, table)) {
      await store(to, table, rows);
      for (const row of rows) sum.add(row);
      onProgress(table.name, sum.digest.rows);
    }
    copied.push({ name: table.name, ...sum.digest });
  }
  return copied;
}

/** Reads the copy again; answers the tables that are not what was copied. */
export async function differences(copy: Snapshot, copied: readonly CopiedTable[]): Promise<string[]> {
  const tables = new Map((await keptTables(copy)).map((table) => [table.name, table]));
  const wrong: string[] = [];
  for (const { name, rows, checksum } of copied) {
    const found = tables.has(name) ? await digestOf(copy, tables.get(name)!) : null;
    if (found?.rows !== rows || found.checksum !== checksum) wrong.push(name);
  }
  return wrong;
}

async function store(to: Storage, { name, columns }: TableShape, rows: readonly Row[]): Promise<void> {
  await to.transaction(async (tx) => {
    for (const part of bySize(rows)) {
      await tx.insert(name, columns, part.map((row) => columns.map((column) => row[column])));
    }
  });
}

function* bySize(rows: readonly Row[]): Generator<Row[]> {
  let part: Row[] = [];
  let chars = 0;
  for (const row of rows) {
    part.push(row);
    for (const value of Object.values(row)) chars += typeof value === "string" ? value.length : 8;
    if (chars < STATEMENT_CHARS) continue;
    yield part;
    part = [];
    chars = 0;
  }
  if (part.length > 0) yield part;
}

function requireSame(from: readonly TableShape[], to: readonly TableShape[]): void {
  const text = ({ name, columns }: TableShape) => `${name} (${columns})`;
  const odd = from.map(text).filter((one) => !to.map(text).includes(one))
    .concat(to.map(text).filter((one) => !from.map(text).includes(one)));
  if (odd.length > 0) throw new Error(`the two databases have different tables: ${odd[0]}`);
}
