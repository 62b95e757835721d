import { openSqlite } from "../../data/sql/sqlite.ts";
import { storageCases } from "./storage_cases.ts";

storageCases("storage, SQLite in memory", () => openSqlite(":memory:"));
