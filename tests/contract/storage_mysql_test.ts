import { openMysql } from "../../data/sql/mysql.ts";
import { Mariadb } from "../support/mariadb.ts";
import { storageCases } from "./storage_cases.ts";

const server = await Mariadb.start({ fast: true });
storageCases("storage, MariaDB", async () => openMysql(await server.database()));
Deno.test.afterAll(() => server.remove());
