import { MYSQL_TABLE } from "../../migrations/migration.ts";
import { MIGRATIONS } from "../../migrations/mod.ts";
import type { Storage, Tx } from "./driver.ts";

/**
 * Brings the schema up to this program's version, one process at a time. Steps only go forward. A database of a
 * newer program, or of another one, is refused rather than written to.
 */
export async function migrate(storage: Storage): Promise<{ applied: string[] }> {
  await makeList(storage);
  const applied: string[] = [];
  for (const [index, migration] of MIGRATIONS.entries()) {
    const done = await storage.schemaChange(async (tx) => {
      const rows = await tx.all<{ id: number; name: string }>("SELECT id, name FROM migrations ORDER BY id");
      check(rows);
      if (rows.length > index) return false;
      for (const statement of migration[storage.dialect]) await tx.run(statement);
      await tx.insert("migrations", ["id", "name", "at"], [[index + 1, migration.name, Date.now()]]);
      return true;
    });
    if (done) applied.push(migration.name);
  }
  return { applied };
}

/** The list of the steps that were made; its being there says that the other tables are ours. */
async function makeList(storage: Storage): Promise<void> {
  if (storage.dialect === "sqlite") {
    await storage.script(
      "CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL)",
    );
    return;
  }
  await storage.schemaChange(async (tx) => {
    const tables = await tablesOf(tx);
    if (tables.includes("migrations")) return;
    const ours = tables.filter((name) => OUR_NAMES.has(name));
    // Where a step is begun again, a table that is there already is taken for its own.
    if (ours.length > 0) {
      throw new Error(`the database has a table "${ours[0]}" that imserver did not make`);
    }
    await tx.run(
      `CREATE TABLE migrations (id INT PRIMARY KEY, name VARCHAR(64) NOT NULL, at BIGINT NOT NULL) ${MYSQL_TABLE}`,
    );
  });
}

const OUR_NAMES = new Set(
  MIGRATIONS.flatMap(({ mysql }) => mysql).flatMap((sql) => /^CREATE TABLE (\w+)/.exec(sql)?.[1] ?? []),
);

async function tablesOf(tx: Tx): Promise<string[]> {
  const rows = await tx.all<{ name: string }>(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
  );
  return rows.map((row) => row.name);
}

function check(rows: { id: number; name: string }[]): void {
  for (const [index, row] of rows.entries()) {
    const known = MIGRATIONS[index];
    if (!known) throw new Error(`the database was written by a newer imserver (it has "${row.name}")`);
    if (known.name !== row.name) {
      throw new Error(`the database has "${row.name}" where this imserver has "${known.name}"`);
    }
  }
}
