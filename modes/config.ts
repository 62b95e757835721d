import { join } from "node:path";
import { parseArgs } from "node:util";
import { parse as parseToml, TomlError } from "smol-toml";
import { allCommandFlags, type CommandFlag, entryOf, findCommand } from "./commands/table.ts";
import { envName, type Setting, type SettingName, SETTINGS } from "./settings.ts";
import type { DatabaseUrl } from "./values.ts";

/** The checked settings of one process. */
export type Config =
  & { [K in SettingName]: ReturnType<(typeof SETTINGS)[K]["parse"]> | Absent<K> }
  & { database: DatabaseUrl; keyFile: string };

type Absent<K extends SettingName> = (typeof SETTINGS)[K] extends { fallback: string } ? never : undefined;

/** What the command line asks for. */
export interface Invocation {
  /** Words that are no flags: `keys new`. */
  command: string[];
  action: Action | null;
  /** The flags that are the command's own, by name; `true` for one that has no value. */
  flags: Record<string, string | true | undefined>;
  /** Not read before it is needed, so that `--help` works whatever the settings are. Errors: UsageError. */
  readSettings(surroundings: Surroundings): Settings;
}

/** What is asked for instead of running; of several, the first in this order. */
const ACTIONS = ["help", "version", "print-config", "check-config"] as const;
export type Action = (typeof ACTIONS)[number];

export interface Settings {
  config: Config;
  /** Where each setting came from, as typed: for `--print-config`. */
  sources: Map<SettingName, Given>;
}

/** A mistake of the person who starts the server: one sentence naming the key and the remedy; exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

export interface Given {
  value: string;
  /** What to call it in a message: `--port`, `IMSERVER_PORT`, `port in imserver.toml`. */
  source: string;
}

export interface Surroundings {
  env: (name: string) => string | undefined;
  readFile: (path: string) => string;
}

const NAMES = Object.keys(SETTINGS) as SettingName[];

/** Reads the command line. Errors: UsageError. */
export function readInvocation(args: readonly string[]): Invocation {
  const { values, positionals } = parseFlags(args);
  const own = allCommandFlags().map(({ flag }) =>
    [flag, values[flag]] as [string, string | true | undefined]
  );
  return {
    command: positionals,
    flags: Object.fromEntries(own),
    action: ACTIONS.find((action) => values[action] === true) ?? null,
    readSettings: (surroundings) => readSettings(values, surroundings),
  };
}

/** Flags over environment over file over defaults. */
function readSettings(flags: Record<string, unknown>, { env, readFile }: Surroundings): Settings {
  const typed = (name: SettingName): Given | null => {
    const { flag } = SETTINGS[name];
    const value = flags[flag];
    if (typeof value === "string") return { value, source: `--${flag}` };
    const fromEnv = env(envName(flag));
    return fromEnv === undefined ? null : { value: fromEnv, source: envName(flag) };
  };
  const file = typed("config");
  const inFile = file ? readSettingsFile(parseOne("config", file), file.source, readFile) : new Map();
  const sources = new Map<SettingName, Given>();
  for (const name of NAMES) {
    const setting: Setting<unknown> = SETTINGS[name];
    const given = typed(name) ?? inFile.get(setting.flag);
    if (given) sources.set(name, given);
    else if (setting.fallback !== undefined) {
      sources.set(name, { value: setting.fallback, source: "default" });
    }
  }
  return { config: check(sources), sources };
}

function parseFlags(args: readonly string[]) {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const name of NAMES) options[SETTINGS[name].flag] = { type: "string" };
  const ofCommands = allCommandFlags();
  for (const { flag, shape } of ofCommands) options[flag] = { type: shape ? "string" : "boolean" };
  for (const action of ACTIONS) options[action] = { type: "boolean" };
  options.help.short = "h";
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const command = findCommand(positionals)?.name;
  const own: readonly CommandFlag[] = command ? entryOf(command).flags ?? [] : [];
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    if (ofCommands.some(({ flag }) => flag === token.name) && !own.some(({ flag }) => flag === token.name)) {
      const whose = command ? `imserver ${command}; imserver ${command}` : "imserver; imserver";
      throw new UsageError(`${token.rawName} is not a flag of ${whose} --help lists them`);
    }
    const known = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!known) throw new UsageError(`${token.rawName} is not a flag of imserver${suggestion(token.name)}`);
    if (known.type === "string" && (token.value === undefined || token.value.startsWith("--"))) {
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName} ${shapeOf(token.name)}`);
    }
    if (known.type === "boolean" && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value`);
    }
  }
  return { values, positionals };
}

function shapeOf(flag: string): string {
  const all = [
    ...NAMES.map((name): { flag: string; shape?: string } => SETTINGS[name]),
    ...allCommandFlags(),
  ];
  return all.find((one) => one.flag === flag)?.shape ?? "VALUE";
}

/** Names the flag that was probably meant: the nearest, if a third of the letters differ at most, or their order. */
function suggestion(wrong: string): string {
  const flags = [...NAMES.map((name) => SETTINGS[name].flag), ...ACTIONS];
  const letters = (word: string) => [...word].sort().join("");
  const mistakes = (flag: string) => letters(flag) === letters(wrong) ? 1 : distance(flag, wrong);
  const [nearest] = flags.toSorted((a, b) => mistakes(a) - mistakes(b));
  const near = mistakes(nearest) <= Math.min(2, wrong.length / 3) ? nearest : undefined;
  return near ? `; did you mean --${near}?` : "; imserver --help lists them";
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

function readSettingsFile(
  path: string,
  source: string,
  readFile: (path: string) => string,
): Map<string, Given> {
  let table: Record<string, unknown>;
  try {
    table = parseToml(readFile(path));
  } catch (error) {
    const reason = error instanceof TomlError
      ? `line ${error.line}: ${error.message.split("\n", 1)[0].replace("Invalid TOML document: ", "")}`
      : reasonOf(error);
    throw new UsageError(
      `${source} ${path} cannot be read (${reason}); name a TOML file with lines like port = 9000`,
    );
  }
  const given = new Map<string, Given>();
  const flags = NAMES.map((name) => SETTINGS[name].flag as string);
  for (const [key, value] of Object.entries(table)) {
    if (key === "config" || !flags.includes(key)) {
      throw new UsageError(`${key} in ${path} is not a setting${suggestion(key).replace("--", "")}`);
    }
    const text = Array.isArray(value) ? value.join(",") : value;
    if (typeof text !== "string" && typeof text !== "number") {
      throw new UsageError(`${key} in ${path} must be a text or a number`);
    }
    given.set(key, { value: String(text), source: `${key} in ${path}` });
  }
  return given;
}

function parseOne<N extends SettingName>(name: N, { value, source }: Given) {
  try {
    return SETTINGS[name].parse(value) as ReturnType<(typeof SETTINGS)[N]["parse"]>;
  } catch (error) {
    throw new UsageError(`${source} ${(error as Error).message}`);
  }
}

function check(sources: ReadonlyMap<SettingName, Given>): Config {
  const values: Record<string, unknown> = {};
  for (const [name, given] of sources) values[name] = parseOne(name, given);
  const dataDir = values.dataDir as string;
  values.database ??= { kind: "sqlite", target: join(dataDir, "imserver.db") };
  // Each gateway of a cluster would have a folder of its own, and none the others' files.
  if (values.mode !== "gateway") values.files ??= { kind: "file", target: join(dataDir, "files") };
  values.keyFile ??= join(dataDir, "keys.json");
  return values as unknown as Config;
}

/** Refuses settings that do not belong together: silence would let an operator believe that they are in use. */
export function requireTogether(config: Config): void {
  const refused = complaints(config).find(([applies]) => applies);
  if (refused) throw new UsageError(refused[1]);
}

function complaints(c: Config): [applies: boolean, sentence: string][] {
  const { mode } = c;
  const pair = (one: unknown, other: unknown) => (one === undefined) !== (other === undefined);
  return [
    [
      mode === "gateway" && !c.dbproxy,
      "--mode gateway needs dbproxies to ask; name them with --dbproxy host:port",
    ],
    [
      mode === "dbproxy" && !c.grpcListen,
      "--mode dbproxy needs a place to listen; name it with --grpc-listen host:port",
    ],
    [
      mode !== "gateway" && c.dbproxy !== undefined,
      `--dbproxy is for --mode gateway; leave it out with --mode ${mode}`,
    ],
    [
      mode !== "dbproxy" && c.grpcListen !== undefined,
      `--grpc-listen is for --mode dbproxy; leave it out with --mode ${mode}`,
    ],
    [
      c.replica !== undefined && c.database.kind !== "mysql",
      "--replica needs a primary to be a replica of; name it with --database mysql://…",
    ],
    [
      pair(c.oidcIssuer, c.oidcClientId),
      "--oidc-issuer and --oidc-client-id belong together; give both or none",
    ],
    [
      c.oidcClientSecretFile !== undefined && c.oidcIssuer === undefined,
      "--oidc-client-secret-file is of no use without --oidc-issuer",
    ],
    [
      c.oidcIssuer !== undefined && c.publicUrl === undefined && c.mode !== "dbproxy",
      "--oidc-issuer needs to know where browsers come back to; name this server's address with --public-url",
    ],
    [pair(c.tlsCert, c.tlsKey), "--tls-cert and --tls-key belong together; give both or none"],
    [
      pair(c.grpcTlsCert, c.grpcTlsKey),
      "--grpc-tls-cert and --grpc-tls-key belong together; give both or none",
    ],
    [
      mode === "gateway" && c.grpcTlsCert !== undefined && c.grpcTlsCa === undefined,
      "--grpc-tls-cert is of no use without knowing whom to show it; name who signed the dbproxies' with --grpc-tls-ca",
    ],
    [
      mode === "dbproxy" && c.grpcTlsCa !== undefined && c.grpcTlsCert === undefined,
      "--grpc-tls-ca needs a certificate of this process's own; name it with --grpc-tls-cert and --grpc-tls-key",
    ],
  ];
}

/** The PEM text of a file that a flag names. Errors: UsageError. */
export function readPem(flag: string, path: string): string {
  try {
    const text = Deno.readTextFileSync(path);
    if (text.includes("-----BEGIN ")) return text;
  } catch (error) {
    throw new UsageError(`--${flag} ${path} cannot be read (${reasonOf(error)}); name a PEM file`);
  }
  throw new UsageError(`--${flag} ${path} holds no PEM text; name a PEM file`);
}

/** What a process shows between gateway and dbproxy, and whom it trusts; undefined: plain text. */
export function grpcTls(config: Config): { cert?: string; key?: string; ca?: string } | undefined {
  const { grpcTlsCert, grpcTlsKey, grpcTlsCa } = config;
  if (!grpcTlsCert && !grpcTlsCa) return undefined;
  const read = (flag: string, path: string | undefined) =>
    path === undefined ? undefined : readPem(flag, path);
  return {
    cert: read("grpc-tls-cert", grpcTlsCert),
    key: read("grpc-tls-key", grpcTlsKey),
    ca: read("grpc-tls-ca", grpcTlsCa),
  };
}

/** Why something failed, in the middle of a sentence: no stack, no path, no number. */
export function reasonOf(error: unknown): string {
  // Deno's own guard before /proc and the like, which speaks of its flags.
  if (error instanceof Deno.errors.NotCapable) return "it is no place for files";
  const message = (error instanceof Error ? error.message : String(error)).split("\n", 1)[0];
  const plain = message.replace(/ \(os error \d+\).*$/, "").replace(/[.:]$/, "");
  return plain.charAt(0).toLowerCase() + plain.slice(1);
}
