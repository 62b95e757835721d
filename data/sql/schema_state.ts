import { MIGRATIONS } from "../../migrations/mod.ts";
import type { Reads, Storage } from "./driver.ts";

/** How a database's schema stands to this program's. */
export interface SchemaState {
  /** The steps that were made, with when, in milliseconds since 1970. */
  applied: { name: string; at: number }[];
  /** The steps that this program would make. */
  pending: string[];
  /** The first step that this program does not know: a newer one, or another program, has written it. */
  unknown: string | null;
}

/** Reads it and changes nothing. A database in which nothing was made yet has all steps pending. */
export async function schemaState(storage: Pick<Storage, "dialect"> & Reads): Promise<SchemaState> {
  const there = storage.dialect === "sqlite"
    ? await storage.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'")
    : await storage.all(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'migrations'",
    );
  const applied = there.length === 0
    ? []
    : await storage.all<{ name: string; at: number }>("SELECT name, at FROM migrations ORDER BY id");
  return {
    applied: applied.map(({ name, at }) => ({ name, at })),
    pending: MIGRATIONS.slice(applied.length).map(({ name }) => name),
    unknown: applied.find(({ name }, index) => MIGRATIONS[index]?.name !== name)?.name ?? null,
  };
}
