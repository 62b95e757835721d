import { readInvocation, requireTogether, UsageError } from "./modes/config.ts";
import { openTerminal } from "./modes/commands/terminal.ts";
import { commandHelp, configText, helpText } from "./modes/help.ts";
import { createLogger } from "./kit/log.ts";
import { listenForLevel } from "./modes/log_level.ts";
import { runUntilSignal, Signals } from "./modes/run.ts";
import { VERSION } from "./modes/version.ts";
import { serveWorker, workerScope } from "./modes/workers.ts";

/** flags → config → one mode. Exit codes: 0 done, 1 failed while running, 2 the caller's mistake. */
async function main(args: readonly string[]): Promise<number> {
  const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  const { command, flags, action, readSettings } = readInvocation(args);
  if (action === "help") return print(commandHelp(command) ?? helpText(VERSION)), 0;
  if (action === "version") return print(`imserver ${VERSION}\n`), 0;
  const settings = readSettings({ env: (name) => Deno.env.get(name), readFile: Deno.readTextFileSync });
  const { config } = settings;
  if (action === "print-config") return print(configText(settings)), 0;
  if (action === "check-config") return requireTogether(config), print("The settings are good.\n"), 0;
  if (command.length > 0) {
    const { runCommand } = await import("./modes/commands.ts");
    using signals = new Signals();
    return await runCommand(command, { settings, flags, terminal: openTerminal(print, signals) });
  }
  const log = createLogger({ format: config.logFormat, level: config.logLevel });
  using signals = new Signals();
  using _ = listenForLevel(log);
  const { start } = await import("./modes/start.ts");
  return await runUntilSignal({ signals, log, start: (parts) => start(config, log, parts) });
}

const scope = workerScope();
if (scope) {
  await serveWorker(scope);
} else {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`imserver: ${error.message}`);
    Deno.exit(2);
  }
}
