import { migrate } from "../../data/sql/migrate.ts";
import { schemaState } from "../../data/sql/schema_state.ts";
import { faultOf } from "./doctor/check.ts";
import type { Command } from "./command.ts";
import { requireDatabase } from "./on_data.ts";
import { placeName, withMigrated, withPlace } from "./places.ts";

export const migrateStatus: Command = async ({ settings: { config }, flags, terminal }) => {
  await requireDatabase(config);
  const state = await withPlace(config.database, schemaState);
  if (flags.json) terminal.print(JSON.stringify(state, null, 2) + "\n");
  else {
    const made = state.applied.map(({ name, at }) => `made     ${name}  ${new Date(at).toISOString()}`);
    const open = state.pending.map((name) => `pending  ${name}`);
    const odd = state.unknown
      ? [`\n${state.unknown} is not of this program: a newer imserver has been here.`]
      : [];
    terminal.print([placeName(config.database), ...made, ...open, ...odd].join("\n") + "\n");
  }
  return state.pending.length > 0 || state.unknown !== null ? 1 : 0;
};

export const migrateUp: Command = async ({ settings: { config }, terminal }) => {
  await requireDatabase(config);
  const before = await withPlace(config.database, schemaState);
  try {
    await withMigrated(config.database, migrate);
  } catch (error) {
    if (before.unknown === null) throw error;
    terminal.tell(`imserver: ${faultOf(error).found}; ${faultOf(error).remedy}\n`);
    return 1;
  }
  const made = before.pending.map((name) => `made  ${name}\n`).join("");
  terminal.print(made || `${placeName(config.database)} has this program's schema already\n`);
  return 0;
};
