import { readConfig, UsageError } from "./modes/config.ts";
import { configText, helpText } from "./modes/help.ts";
import { createLogger } from "./kit/log.ts";
import { Parts, runUntilSignal } from "./modes/run.ts";
import { VERSION } from "./modes/version.ts";
import { serveWorker, workerScope } from "./modes/workers.ts";

/** flags → config → one mode. Exit codes: 0 done, 1 failed while running, 2 the caller's mistake. */
async function main(args: readonly string[]): Promise<number> {
  const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  const invocation = readConfig({ args, env: (name) => Deno.env.get(name), readFile: Deno.readTextFileSync });
  const { config, command } = invocation;
  if (invocation.help) return print(helpText(VERSION)), 0;
  if (invocation.version) return print(`imserver ${VERSION}\n`), 0;
  if (invocation.printConfig) return print(configText(invocation)), 0;
  if (invocation.checkConfig) return print("The settings are good.\n"), 0;
  if (command.length > 0) {
    const { runCommand } = await import("./modes/commands.ts");
    return print(await runCommand(command, config)), 0;
  }
  const log = createLogger({ format: config.logFormat, level: config.logLevel });
  const parts = new Parts();
  try {
    const { start } = await import("./modes/start.ts");
    await start(config, log, parts);
  } catch (error) {
    await parts.stop(log);
    throw error;
  }
  return await runUntilSignal(parts, log);
}

const scope = workerScope();
if (scope) {
  serveWorker(scope);
} else {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`imserver: ${error.message}`);
    Deno.exit(2);
  }
}
