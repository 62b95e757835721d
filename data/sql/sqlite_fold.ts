import { openSqlite } from "./sqlite.ts";

/** Moves what a SQLite file's write-ahead log holds into the file, and leaves the log empty. Nobody else may have it open. */
export async function foldLog(path: string): Promise<void> {
  const storage = openSqlite(path);
  try {
    await storage.all("PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    await storage.close();
  }
}
