import { MIGRATIONS } from "../../migrations/mod.ts";
import type { Storage } from "./driver.ts";

/**
 * Brings the schema up to this program's version, each step in a transaction of its own. Steps only go
 * forward. A database of a newer program is refused rather than written to.
 */
export async function migrate(storage: Storage): Promise<{ applied: string[] }> {
  await storage.script(
    "CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL)",
  );
  const applied: string[] = [];
  for (const [index, migration] of MIGRATIONS.entries()) {
    const done = await storage.transaction(async (tx) => {
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

function check(rows: { id: number; name: string }[]): void {
  for (const [index, row] of rows.entries()) {
    const known = MIGRATIONS[index];
    if (!known) throw new Error(`the database was written by a newer imserver (it has "${row.name}")`);
    if (known.name !== row.name) {
      throw new Error(`the database has "${row.name}" where this imserver has "${known.name}"`);
    }
  }
}
