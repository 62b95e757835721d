import { openLocalData } from "../support/local_data.ts";
import { tempFiles } from "../support/temp_files.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS } from "./data_world.ts";

const files = tempFiles();
dataCases("data, SQLite in a file", () => openLocalData(files.next(), START_MS));
Deno.test.afterAll(() => files.remove());
