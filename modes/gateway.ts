import { connectData } from "../data/remote/client.ts";
import type { Logger } from "../kit/log.ts";
import { Metrics } from "../kit/metrics.ts";
import { SpanKind } from "../kit/tracer.ts";
import { currentTraceparent } from "../kit/trace.ts";
import { openBus } from "./build.ts";
import { type Config, grpcTls } from "./config.ts";
import { greetFirstRun, openFace } from "./face.ts";
import { readKeys } from "./key_file.ts";
import { openReadiness } from "./readiness.ts";
import type { Parts } from "./run.ts";
import { showDbproxies, showQueue } from "./states.ts";
import { openTracer } from "./tracing.ts";
import { VERSION } from "./version.ts";

const GREET_EVERY_MS = 1_000;
/**
 * The clients' port opens when a dbproxy is there, or after so long: then a client, and nginx, that meets a gateway
 * which has just started meets one that can answer.
 */
const FIRST_WAIT_MS = 3_000;

/** With an authority to trust there is TLS: requireTogether has looked. */
function clientTls(config: Config) {
  const { ca, ...own } = grpcTls(config) ?? {};
  return ca ? { ca, ...own } : undefined;
}

/** The half of a cluster that clients meet. It starts, and stays, whatever its dbproxies do. */
export async function startGateway(config: Config, log: Logger, parts: Parts): Promise<void> {
  log.info(`imserver ${VERSION}`, { mode: "gateway", deno: Deno.version.deno, pid: Deno.pid });
  const keys = await readKeys(config.keyFile, { create: false });
  const metrics = new Metrics();
  const tracer = openTracer(config, { log, metrics }, parts);
  const ask = () => Promise.resolve(remote.trouble());
  // Before all that may have to wait: who asks is told 503 and not refused.
  const readiness = await openReadiness(config, { ask, metrics }, parts);
  const remote = connectData({
    dbproxies: config.dbproxy!,
    tls: clientTls(config),
    log,
    traceparent: currentTraceparent,
    span: tracer && ((path, run) => tracer.part(path.slice(1), SpanKind.CLIENT, run)),
  });
  parts.add("dbproxies", () => remote.close());
  showQueue(metrics, "calls", () => remote.inFlight);
  showDbproxies(metrics, remote);
  readiness.say("no dbproxy is there yet");
  await remote.untilReady(FIRST_WAIT_MS);
  const { part: bus, close } = await openBus(config, { log, metrics, tracer });
  parts.add("bus", close);
  const { data } = remote;
  const url = await openFace(config, { data, bus, keys, readiness, metrics, tracer, log }, parts);
  readiness.say(null);
  log.info("listening", {
    clients: `${config.host}:${new URL(url).port || config.port}`,
    operator: `${config.opsHost}:${readiness.port}`,
  });
  greetOnceReachable();
  log.info("ready", { url: `${url}/` });

  function greetOnceReachable(): void {
    greetFirstRun(data, url, log).catch(() => {
      const timer = setTimeout(greetOnceReachable, GREET_EVERY_MS);
      Deno.unrefTimer(timer);
    });
  }
}
