import type { Config, Settings } from "./config.ts";
import { COMMAND_NAMES, type CommandFlag, entryOf, findCommand } from "./commands/table.ts";
import { envName, type Group, type Setting, SETTINGS } from "./settings.ts";

const GROUPS: Group[] = ["General", "Gateway", "Storage", "Cluster", "Logs"];

export function helpText(version: string): string {
  const settings: Setting<unknown>[] = Object.values(SETTINGS);
  const groups = GROUPS.map((group) => {
    const lines = settings.filter((setting) => setting.group === group).map((setting) => {
      return flagLine(setting);
    });
    return `${group}:\n${lines.join("\n")}`;
  });
  const commands = COMMAND_NAMES.map((name) => {
    const { args, summary } = entryOf(name);
    return line(`imserver ${name}${args ? ` ${args}` : ""}`, summary, 24);
  }).join("\n");
  return `imserver ${version}: an instant-messaging server in one file

Usage:
  imserver [flags]         start; without flags a whole chat system at http://localhost:8080/
${commands}

${groups.join("\n\n")}

Actions:
  -h, --help                        this text; behind a command its own
  --version                         the version
  --print-config                    the settings and where each comes from, secrets masked
  --check-config                    check the settings and exit

Every flag is also an environment variable (--ops-port: ${
    envName("ops-port")
  }) and a key of the --config file.
Flags win over the environment, the environment over the file.
`;
}

/** Two columns; what is too long for the first puts the second on a line of its own. */
function line(first: string, second: string, width: number): string {
  return first.length < width
    ? `  ${first.padEnd(width)} ${second}`
    : `  ${first}\n${" ".repeat(width + 3)}${second}`;
}

function flagLine({ flag, shape, help, fallback }: CommandFlag): string {
  const more = fallback === undefined ? "" : ` (default: ${fallback})`;
  return line(`--${flag}${shape ? ` ${shape}` : ""}`, help + more, 33);
}

/** The help of the command that these words begin with; null: they name none. */
export function commandHelp(words: readonly string[]): string | null {
  const found = findCommand(words);
  if (!found) return null;
  const { args, summary, about, flags = [] } = entryOf(found.name);
  const own = flags.length === 0 ? "" : `\nFlags:\n${flags.map(flagLine).join("\n")}\n`;
  return `imserver ${found.name}: ${summary}

Usage:
  imserver ${found.name}${args ? ` ${args}` : ""} [flags]

${about.replace(/(.{1,96})( |$)/g, "$1\n").trimEnd()}
${own}
It reads the same settings as the server, from flags, environment and --config: imserver --help.
`;
}

/** One line a setting: its value, secrets masked, and where it comes from. */
export function configText({ config, sources }: Settings): string {
  const lines = Object.entries(SETTINGS).map(([name, setting]: [string, Setting<unknown>]) => {
    const given = sources.get(name as keyof typeof SETTINGS);
    const value = given?.value ?? derived(name, config) ?? "";
    const shown = setting.mask ? setting.mask(value) : value;
    return `${setting.flag.padEnd(24)} ${shown.padEnd(40)} # ${given?.source ?? "default"}`;
  });
  return lines.join("\n") + "\n";
}

function derived(name: string, config: Config): string | undefined {
  if (name === "database") return `${config.database.kind}:${config.database.target}`;
  if (name === "keyFile") return config.keyFile;
}
