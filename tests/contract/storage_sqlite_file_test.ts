import { openSqlite } from "../../data/sql/sqlite.ts";
import { tempFiles } from "../support/temp_files.ts";
import { storageCases, storageFileCases } from "./storage_cases.ts";

const files = tempFiles();
storageCases("storage, SQLite in a file", () => openSqlite(files.next()));
storageFileCases("storage, SQLite in a file", openSqlite);
Deno.test.afterAll(() => files.remove());
