import { createHash } from "node:crypto";
import type { Row, Value } from "./driver.ts";
import type { Snapshot, TableShape } from "./snapshot.ts";

export const ROWS_PER_PAGE = 500;

/** How many rows a table has and a sum over them: the same wherever they lie and in whatever order. */
export interface Digest {
  rows: number;
  checksum: string;
}

/** Adds up the hashes of rows. A key makes each row another, so no two cancel each other. */
export class TableSum {
  #rows = 0;
  #sum = 0n;

  constructor(private readonly columns: readonly string[]) {}

  add(row: Row): void {
    const text = JSON.stringify(this.columns.map((column) => row[column]));
    const hash = createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32);
    this.#sum = BigInt.asUintN(128, this.#sum + BigInt(`0x${hash}`));
    this.#rows++;
  }

  get digest(): Digest {
    return { rows: this.#rows, checksum: this.#sum.toString(16).padStart(32, "0") };
  }
}

/** All rows of a table, page by page. */
export async function* pagesOf(snapshot: Snapshot, table: TableShape): AsyncGenerator<Row[]> {
  let after: Value[] | null = null;
  for (;;) {
    const rows: Row[] = await snapshot.page(table, after, ROWS_PER_PAGE);
    if (rows.length > 0) yield rows;
    if (rows.length < ROWS_PER_PAGE) return;
    const last = rows[rows.length - 1];
    after = table.key.map((column) => last[column]);
  }
}

/** The digest of one table. */
export async function digestOf(snapshot: Snapshot, table: TableShape): Promise<Digest> {
  const sum = new TableSum(table.columns);
  for await (const rows of pagesOf(snapshot, table)) for (const row of rows) sum.add(row);
  return sum.digest;
}
