import type { Config, Settings } from "./config.ts";
import { envName, type Group, type Setting, SETTINGS } from "./settings.ts";

const GROUPS: Group[] = ["General", "Gateway", "Storage", "Cluster", "Logs"];

export function helpText(version: string): string {
  const settings: Setting<unknown>[] = Object.values(SETTINGS);
  const groups = GROUPS.map((group) => {
    const lines = settings.filter((setting) => setting.group === group).map((setting) => {
      const flag = `--${setting.flag} ${setting.shape}`;
      const fallback = setting.fallback === undefined ? "" : ` (default: ${setting.fallback})`;
      return flag.length < 32
        ? `  ${flag.padEnd(32)}  ${setting.help}${fallback}`
        : `  ${flag}\n${" ".repeat(36)}${setting.help}${fallback}`;
    });
    return `${group}:\n${lines.join("\n")}`;
  });
  return `imserver ${version}: an instant-messaging server in one file

Usage:
  imserver [flags]         start; without flags a whole chat system at http://localhost:8080/
  imserver keys new        print new signing keys, to share among the gateways of a cluster
  imserver keys rotate     put a new signing key into the key file; running servers take it up, nobody is logged out
  imserver admin-link      print a new one-time link that makes an admin
  imserver epoch raise     after a backup was restored: makes every client forget what it held, and read anew

${groups.join("\n\n")}

Actions:
  -h, --help                        this text
  --version                         the version
  --print-config                    the settings and where each comes from, secrets masked
  --check-config                    check the settings and exit

Every flag is also an environment variable (--ops-port: ${
    envName("ops-port")
  }) and a key of the --config file.
Flags win over the environment, the environment over the file.
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
