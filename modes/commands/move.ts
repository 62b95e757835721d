import { copyTables, differences, emptyTables, filledTables } from "../../data/sql/copy.ts";
import { UsageError } from "../config.ts";
import { lockDataDir } from "../data_dir.ts";
import { type DatabaseUrl, mysqlOrSqlite } from "../values.ts";
import type { Command, Terminal } from "./command.ts";
import { placeName, placeOf, requireAlone, withMigrated, withSnapshot } from "./places.ts";
import { dirname } from "node:path";

export const move: Command = async ({ settings: { config }, flags, terminal }) => {
  if (!flags.from || !flags.to) {
    throw new UsageError("imserver move needs --from and --to; imserver move --help explains them");
  }
  const from = placeOf("from", String(flags.from), config, mysqlOrSqlite);
  const to = placeOf("to", String(flags.to), config, mysqlOrSqlite);
  if (from.target === to.target) throw new UsageError("--from and --to are the same database; name two");
  await requireThere(from);
  const release = await takeFolders(from, to);
  try {
    await requireAlone(from);
    await requireAlone(to);
    return await withMigrated(to, async (storage) => {
      const filled = await filledTables(storage);
      if (filled.length > 0 && !flags.replace) throw isFilled(to, filled);
      if (filled.length > 0) await emptyTables(storage);
      const copied = await withSnapshot(
        from,
        (snapshot) => copyTables(snapshot, storage, progress(terminal)),
      );
      const wrong = await withSnapshot(to, (snapshot) => differences(snapshot, copied));
      const all = copied.map((table) => ({ ...table, good: !wrong.includes(table.name) }));
      terminal.print(flags.json ? JSON.stringify({ tables: all }, null, 2) + "\n" : report(all, from, to));
      return wrong.length > 0 ? 1 : 0;
    });
  } finally {
    release();
  }
};

async function requireThere(from: DatabaseUrl): Promise<void> {
  if (from.kind !== "sqlite" || await Deno.stat(from.target).then(({ size }) => size > 0, () => false)) {
    return;
  }
  throw new UsageError(`--from ${from.target} is no database; name the --data-dir of the server`);
}

/** No server runs on either meanwhile: what it wrote would be left behind. */
async function takeFolders(...places: DatabaseUrl[]): Promise<() => void> {
  const releases: (() => void)[] = [];
  const release = () => releases.forEach((one) => one());
  try {
    for (const { kind, target } of places) {
      if (kind === "sqlite") releases.push(await lockDataDir(dirname(target)));
    }
    return release;
  } catch (error) {
    release();
    throw error;
  }
}

export function isFilled(to: DatabaseUrl, filled: readonly string[]): UsageError {
  return new UsageError(
    `${placeName(to)} has something in it already (${filled.slice(0, 3).join(", ")}); ` +
      "name an empty database, or say --replace to delete all that is there",
  );
}

/** One line for each table, rewritten while it grows where a person looks on. */
export function progress(terminal: Terminal): (table: string, rows: number) => void {
  let last = 0;
  return (table, rows) => {
    const now = performance.now();
    if (now - last < 500) return;
    last = now;
    terminal.tell(terminal.isLive ? `\r${table}: ${rows} rows\x1b[K` : `${table}: ${rows} rows\n`);
  };
}

function report(
  tables: readonly { name: string; rows: number; checksum: string; good: boolean }[],
  from: DatabaseUrl,
  to: DatabaseUrl,
): string {
  const width = Math.max(...tables.map(({ name }) => name.length));
  const lines = tables.map(({ name, rows, checksum, good }) =>
    `${good ? "ok       " : "DIFFERENT"} ${name.padEnd(width)} ${String(rows).padStart(10)}  ${checksum}`
  );
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const bad = tables.filter(({ good }) => !good).length;
  const sum = bad > 0
    ? `${bad} tables are not what they should be: do not use ${placeName(to)}`
    : `${rows} rows in ${tables.length} tables are in ${placeName(to)} as they are in ${placeName(from)}.\n` +
      "The files that people uploaded stay where they are: give the new servers the same --files and --key-file";
  return `${lines.join("\n")}\n\n${sum}.\n`;
}
