import type { SchemaState } from "../../../data/sql/schema_state.ts";
import { fault, ok } from "./check.ts";

/** Whether this program can work with a schema. */
export function judgeSchema({ applied, pending, unknown }: SchemaState): ReturnType<typeof ok> {
  if (unknown !== null) {
    return fault(
      `the schema has ${unknown}, which this program does not know: a newer imserver has been here`,
      "run that version again, or restore a backup from before it",
    );
  }
  if (applied.length === 0) return ok("the database is empty; the first start makes its tables");
  if (pending.length === 0) return ok(`the schema is this program's (${applied.at(-1)!.name})`);
  return {
    state: "warning",
    found: `${pending.length} steps of the schema are to be made: ${pending.join(", ")}`,
    remedy: "make a backup; then imserver migrate up, or let the next start do it",
  };
}
