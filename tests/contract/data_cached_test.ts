import { openSqlite } from "../../data/sql/sqlite.ts";
import { openCachedDatas } from "../support/cached_data.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS } from "./data_world.ts";

dataCases("data, SQLite with a cache", async () => {
  const storage = openSqlite(":memory:");
  return { ...await openCachedDatas([storage], { startMs: START_MS }), close: () => storage.close() };
});
