import { lookAtSqlite } from "../../../data/sql/sqlite_look.ts";
import { type Config, reasonOf } from "../../config.ts";
import { type Check, fault, ok } from "./check.ts";
import { judgeSchema } from "./schema.ts";

export const sqliteFile = ({ database: { target } }: Config): Check => ({
  name: "database",
  look: async () => {
    if (target === ":memory:") return ok("in memory: it goes with the process");
    const info = await Deno.stat(target).catch(() => null);
    if (info === null) return ok(`${target} is not there; the first start makes it`);
    try {
      const { schema, damage } = await lookAtSqlite(target);
      if (damage) {
        return fault(
          `${target} is damaged (${damage})`,
          "restore a backup: imserver restore; look at the disk",
        );
      }
      const said = damage === undefined ? "can be read (too large to look through)" : "is whole";
      return [ok(`${target} ${said}`), judgeSchema(schema)];
    } catch (error) {
      return fault(
        `${target} cannot be read as a database (${reasonOf(error)})`,
        "restore a backup: imserver restore; or name another file with --database",
      );
    }
  },
});
