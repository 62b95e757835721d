import type { Data } from "../../data/service.ts";
import { silent } from "../../kit/log.ts";
import { Metrics } from "../../kit/metrics.ts";
import { openData } from "../build.ts";
import { type Config, requireTogether, UsageError } from "../config.ts";

/** Works beside a running server, on the same database. */
export async function onData<T>(config: Config, work: (data: Data) => Promise<T>): Promise<T> {
  requireTogether({ ...config, mode: "both", dbproxy: undefined, grpcListen: undefined });
  await requireDatabase(config);
  const { part: data, close } = await openData(config, { log: silent, metrics: new Metrics() }, {
    waitMs: 0,
  });
  try {
    return await work(data);
  } finally {
    await close();
  }
}

/** A command makes no database: where there is none, the wrong folder was named. */
export async function requireDatabase(config: Config): Promise<void> {
  if (config.database.kind !== "sqlite" || await exists(config.database.target)) return;
  throw new UsageError(
    `--data-dir ${config.dataDir} holds no database; name the data folder of the server, or start it once`,
  );
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
