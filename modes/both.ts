import type { Logger } from "../kit/log.ts";
import { Metrics } from "../kit/metrics.ts";
import { openBus, openData } from "./build.ts";
import type { Config } from "./config.ts";
import { lockDataDir, prepareDataDir } from "./data_dir.ts";
import { greetFirstRun, openFace } from "./face.ts";
import { readKeys } from "./key_file.ts";
import { openReadiness } from "./readiness.ts";
import type { Parts } from "./run.ts";
import { openTracer } from "./tracing.ts";
import { VERSION } from "./version.ts";
import { answers, watchDatabase } from "./watch_database.ts";

/** Gateway and data in one process: a complete chat system that needs nothing else. */
export async function startBoth(config: Config, log: Logger, parts: Parts): Promise<void> {
  log.info(`imserver ${VERSION}`, { mode: "both", deno: Deno.version.deno, pid: Deno.pid });
  await prepareDataDir(config.dataDir);
  parts.add("data folder", await lockDataDir(config.dataDir));
  const metrics = new Metrics();
  const tracer = openTracer(config, { log, metrics }, parts);
  const readiness = await openReadiness(config, { ask: () => answers(data), metrics }, parts);
  const keys = await readKeys(config.keyFile, { create: true });

  const { part: data, close } = await openData(config, { log, metrics, tracer });
  parts.add("data", close);
  if (config.database.kind === "mysql") parts.add("watch", watchDatabase(() => answers(data), { log }));
  const { part: bus, close: closeBus } = await openBus(config, { log, metrics, tracer });
  parts.add("bus", closeBus);
  const url = await openFace(config, { data, bus, keys, readiness, metrics, tracer, log }, parts);
  readiness.say(null);

  log.info("data", { folder: Deno.realPathSync(config.dataDir), database: databaseName(config) });
  log.info("listening", {
    clients: `${config.host}:${new URL(url).port || config.port}`,
    operator: `${config.opsHost}:${readiness.port}`,
  });
  await greetFirstRun(data, url, log);
  log.info("ready", { url: `${url}/` });
}

/** For a log: no password. */
export function databaseName({ database }: Config): string {
  if (database.kind === "sqlite") return database.target;
  const { host, pathname } = new URL(database.target);
  return `mysql://${host}${pathname}`;
}
