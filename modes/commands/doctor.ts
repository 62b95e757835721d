import { type Config, requireTogether, type Settings } from "../config.ts";
import { VERSION } from "../version.ts";
import type { Command } from "./command.ts";
import { publicUrl } from "./doctor/addresses.ts";
import { certificateChecks } from "./doctor/certificates.ts";
import { type Check, type Finding, ok, runChecks, warning } from "./doctor/check.ts";
import { dbproxyChecks } from "./doctor/dbproxies.ts";
import { filesChecks } from "./doctor/files.ts";
import { mysqlChecks } from "./doctor/mysql.ts";
import {
  dataFolder,
  diskSpace,
  keepsData,
  keyFile,
  openFiles,
  portFree,
  settingsFile,
} from "./doctor/places.ts";
import { redisChecks } from "./doctor/redis.ts";
import { sqliteFile } from "./doctor/sqlite.ts";
import { tell } from "./doctor/tell.ts";

/** Measured and tested with this one; 2.9.6 ends on a GOAWAY (docs/adr). */
const DENO = "2.8.3";

export const doctor: Command = async ({ settings, flags, terminal }) => {
  // By itself: it takes all files there are for a moment, and the others need some.
  const files = { check: "open files", ...openFiles(settings.config) };
  const findings = [...await runChecks(checksOf(settings)), files];
  terminal.print(
    flags.json ? JSON.stringify({ version: VERSION, findings }, null, 2) + "\n" : tell(findings),
  );
  return findings.some(({ state }: Finding) => state === "fault") ? 1 : 0;
};

/** What there is to look at in this mode. */
export function checksOf(settings: Settings): Check[] {
  const { config } = settings;
  const { mode } = config;
  const isFace = mode !== "dbproxy";
  return [
    { name: "versions", look: () => Promise.resolve(versions()) },
    { name: "settings", look: () => Promise.resolve(together(config)) },
    ...config.config ? [settingsFile(settings)] : [],
    ...keepsData(config) ? [dataFolder(config), diskSpace("disk", config.dataDir)] : [],
    ...isFace ? [keyFile(config), ...clientPort(config)] : [],
    portFree(config, "operator's port", { host: config.opsHost, port: config.opsPort, prefix: "ops-" }),
    ...mode === "dbproxy" && config.grpcListen
      ? [portFree(config, "gRPC port", { ...config.grpcListen, prefix: "grpc-" })]
      : [],
    ...certificateChecks(config),
    ...mode === "gateway" ? dbproxyChecks(config) : databaseChecks(config),
    ...redisChecks(config),
    ...filesChecks(config),
  ];
}

function clientPort(config: Config): Check[] {
  return [
    portFree(config, "clients' port", { host: config.host, port: config.port, prefix: "" }),
    publicUrl(config),
  ];
}

function databaseChecks(config: Config): Check[] {
  return config.database.kind === "sqlite" ? [sqliteFile(config)] : mysqlChecks(config);
}

function versions() {
  const said = `imserver ${VERSION} on Deno ${Deno.version.deno}`;
  return Deno.version.deno === DENO ? ok(said) : warning(
    `${said}, which it is not tested with`,
    `run it with Deno ${DENO}, or use the compiled program`,
  );
}

function together(config: Config) {
  // What it throws brings the remedy.
  requireTogether(config);
  if (config.mode === "gateway" && config.redis === undefined && config.redisBus === undefined) {
    return warning(
      "this gateway has no Redis: people at other gateways get messages late, by sync",
      "name one with --redis, the same on every gateway",
    );
  }
  return ok(`they go together; mode ${config.mode}`);
}
