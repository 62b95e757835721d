import { openMysql } from "../../data/sql/mysql.ts";
import { EmptiedDatabase } from "../support/emptied_database.ts";
import { openLocalData } from "../support/local_data.ts";
import { Mariadb } from "../support/mariadb.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS } from "./data_world.ts";

const server = await Mariadb.start({ fast: true });
const database = new EmptiedDatabase(() => server.database());
dataCases("data, MariaDB", async () => openLocalData(openMysql(await database.url()), START_MS), {
  large: true,
});
Deno.test.afterAll(() => server.remove());
