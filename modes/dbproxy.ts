import { serveData } from "../data/remote/server.ts";
import type { Logger } from "../kit/log.ts";
import { type Tracer, UNTRACED } from "../kit/tracer.ts";
import type { Span } from "../data/remote/work.ts";
import { Metrics } from "../kit/metrics.ts";
import { databaseName } from "./both.ts";
import { openData } from "./build.ts";
import { type Config, grpcTls, UsageError } from "./config.ts";
import { lockDataDir, prepareDataDir } from "./data_dir.ts";
import { openReadiness } from "./readiness.ts";
import type { Parts } from "./run.ts";
import { showQueue } from "./states.ts";
import { openTracer } from "./tracing.ts";
import { VERSION } from "./version.ts";
import { answers, watchDatabase } from "./watch_database.ts";

/** The last part of the stopping deadline is for the database below. */
const DRAIN_MS = 7_000;

/** What a gateway names is in the log of a call in any case. */
const servedBy = (tracer: Tracer = UNTRACED): Span => (path, traceparent, run) =>
  tracer.served(path.slice(1), traceparent, run);

/** Both are there, or neither: requireTogether has looked. */
function serverTls(config: Config) {
  const { cert, key, ca } = grpcTls(config) ?? {};
  return cert && key ? { cert, key, ca } : undefined;
}

/** The half of a cluster that stands before the database. */
export async function startDbproxy(config: Config, log: Logger, parts: Parts): Promise<void> {
  log.info(`imserver ${VERSION}`, { mode: "dbproxy", deno: Deno.version.deno, pid: Deno.pid });
  if (config.database.kind === "sqlite") {
    await prepareDataDir(config.dataDir);
    parts.add("data folder", await lockDataDir(config.dataDir));
  }
  const metrics = new Metrics();
  const tracer = openTracer(config, { log, metrics }, parts);
  const readiness = await openReadiness(config, { ask: () => answers(data), metrics }, parts);
  const { part: data, close } = await openData(config, { log, metrics, tracer });
  parts.add("data", close);
  const listen = config.grpcListen!;
  const server = await serveData(data, { listen, tls: serverTls(config), log, span: servedBy(tracer) }).catch(
    (error) => {
      throw new UsageError(
        `--grpc-listen ${listen.host}:${listen.port} cannot be listened on (${error.message}); choose another`,
      );
    },
  );
  showQueue(metrics, "data", () => server.inWork);
  parts.add("gRPC", async () => {
    readiness.say("stopping");
    await server.drain(DRAIN_MS);
  });
  // One that has lost its database says so to gateways, which then ask another one.
  const onLook = (there: boolean) => server.setServing(there);
  parts.add("watch", watchDatabase(() => answers(data), { log, onLook }));
  readiness.say(null);
  log.info("data", { database: databaseName(config) });
  log.info("listening", {
    gateways: `${listen.host}:${server.port}`,
    operator: `${config.opsHost}:${readiness.port}`,
  });
  log.info("ready", { grpc: `${listen.host}:${server.port}` });
}
