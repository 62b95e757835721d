import { createLocalData } from "../../data/local/mod.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { openSqlite } from "../../data/sql/sqlite.ts";
import { createIds } from "../../kit/ids.ts";

/** A Data in this process on a new database, with a clock to set. */
export async function openLocalData(path: string, startMs: number) {
  const clock = { nowMs: startMs };
  const now = () => clock.nowMs;
  const storage = openSqlite(path);
  await migrate(storage);
  const data = createLocalData(storage, { now, nextId: createIds(now) });
  return { data, clock, storage, close: () => storage.close() };
}
