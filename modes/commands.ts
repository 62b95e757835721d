import type { Call, Command } from "./commands/command.ts";
import { type CommandName, entryOf, findCommand } from "./commands/table.ts";
import { UsageError } from "./config.ts";

/** What runs each command of the table; loaded when it is asked for. */
const RUN: Record<CommandName, () => Promise<Command>> = {
  "doctor": async () => (await import("./commands/doctor.ts")).doctor,
  "backup": async () => (await import("./commands/backup.ts")).backup,
  "restore": async () => (await import("./commands/restore.ts")).restore,
  "move": async () => (await import("./commands/move.ts")).move,
  "migrate status": async () => (await import("./commands/migrate.ts")).migrateStatus,
  "migrate up": async () => (await import("./commands/migrate.ts")).migrateUp,
  "user create": async () => (await import("./commands/user.ts")).userCreate,
  "user show": async () => (await import("./commands/user.ts")).userShow,
  "user reset": async () => (await import("./commands/user.ts")).userReset,
  "user disable": async () => (await import("./commands/user.ts")).userDisable,
  "user enable": async () => (await import("./commands/user.ts")).userEnable,
  "user role": async () => (await import("./commands/user.ts")).userRole,
  "token new": async () => (await import("./commands/token.ts")).tokenNew,
  "token bot": async () => (await import("./commands/token.ts")).tokenBot,
  "token inspect": async () => (await import("./commands/token.ts")).tokenInspect,
  "bench": async () => (await import("./commands/bench.ts")).bench,
  "completions": async () => (await import("./commands/completions.ts")).completions,
  "keys new": async () => (await import("./commands/keys.ts")).keysNew,
  "keys rotate": async () => (await import("./commands/keys.ts")).keysRotate,
  "admin-link": async () => (await import("./commands/store.ts")).adminLink,
  "epoch raise": async () => (await import("./commands/store.ts")).epochRaise,
};

/** What imserver does besides serving; answers the exit code. */
export async function runCommand(words: readonly string[], call: Omit<Call, "args">): Promise<number> {
  const found = findCommand(words);
  if (!found) throw new UsageError(`there is no command "${words.join(" ")}"; imserver --help lists them`);
  const { name, args } = found;
  const [least, most] = entryOf(name).argCount ?? [0, 0];
  if (args.length < least || args.length > most) {
    const shape = entryOf(name).args ?? "no more words";
    throw new UsageError(`imserver ${name} takes ${shape}; imserver ${name} --help explains it`);
  }
  return await (await RUN[name]())({ ...call, args, flags: withFallbacks(name, call.flags) });
}

function withFallbacks(name: CommandName, given: Call["flags"]): Call["flags"] {
  const fallbacks = (entryOf(name).flags ?? []).map(({ flag, fallback }) => [flag, given[flag] ?? fallback]);
  return Object.fromEntries(fallbacks);
}
