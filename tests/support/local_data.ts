import { createLocalData } from "../../data/local/mod.ts";
import type { Storage } from "../../data/sql/driver.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { createIds } from "../../kit/ids.ts";

/** A Data in this process on a new database, with a clock to set: `place` is a path for SQLite, or a storage. */
export async function openLocalData(place: string | Storage, startMs: number) {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const storage = typeof place === "string" ? openSqlite(place) : place;
  await migrate(storage);
  const data = createLocalData(storage, { now, nextId: createIds(now) });
  return { data, clock, storage, close: () => storage.close() };
}
