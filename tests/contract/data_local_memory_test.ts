import { openLocalData } from "../support/local_data.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS } from "./data_world.ts";

dataCases("data, SQLite in memory", () => openLocalData(":memory:", START_MS), { large: true });
