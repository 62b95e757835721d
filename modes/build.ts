import { createLocalData } from "../data/local/mod.ts";
import type { Data } from "../data/service.ts";
import { migrate } from "../data/sql/migrate.ts";
import { openSqlite } from "../data/sql/sqlite.ts";
import { createIds } from "../kit/ids.ts";
import type { Logger } from "../kit/log.ts";
import { type Config, reasonOf, UsageError } from "./config.ts";

/** A part that was opened, and how to close it. */
export interface Opened<T> {
  part: T;
  close(): Promise<void>;
}

/**
 * The switch from Config to a Data. SQLite runs on the thread that serves sockets, because measuring showed
 * that a thread of its own costs more than it gives (docs/adr/0003).
 */
export async function openData({ database }: Pick<Config, "database">, log: Logger): Promise<Opened<Data>> {
  const path = database.target;
  try {
    if (path !== ":memory:") await createPrivately(path);
    const storage = openSqlite(path);
    const { applied } = await migrate(storage);
    for (const name of applied) log.info("database migrated", { to: name });
    const part = createLocalData(storage, { now: Date.now, nextId: createIds(Date.now) });
    return { part, close: () => storage.close() };
  } catch (error) {
    throw new UsageError(`--database cannot open ${path} (${reasonOf(error)}); ${remedyOf(error)}`);
  }
}

function remedyOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  // SQLite's own words (sqlite.org/rescode.html), because Deno gives the number of some errors only.
  if (/not a database|malformed/.test(message ?? "")) return "restore it from a backup or name another file";
  // The migrations' own errors have no code.
  const isOurs = error instanceof Error && error.name === "Error" && code === undefined;
  return isOurs
    ? "run the imserver that wrote it or name another file"
    : "name another file or make this one readable and writable";
}

/** For its owner only; the files that SQLite lays beside it take their rights from it. */
async function createPrivately(path: string): Promise<void> {
  (await Deno.open(path, { create: true, append: true, mode: 0o600 })).close();
}
