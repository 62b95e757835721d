import type { Logger } from "../kit/log.ts";
import type { Metrics } from "../kit/metrics.ts";
import { OtlpExporter } from "../kit/otlp.ts";
import { Tracer } from "../kit/tracer.ts";
import type { Config } from "./config.ts";
import type { Parts } from "./run.ts";
import { VERSION } from "./version.ts";

/** Undefined where no collector is named: then nothing is recorded, and no part even looks. */
export function openTracer(
  { traceEndpoint, traceSample, mode }: Config,
  { log, metrics }: { log: Logger; metrics: Metrics },
  parts: Parts,
): Tracer | undefined {
  const exporter = traceEndpoint === undefined ? undefined : new OtlpExporter({
    endpoint: traceEndpoint,
    resource: {
      "service.name": `imserver-${mode}`,
      "service.version": VERSION,
      "service.instance.id": `${Deno.hostname()}:${Deno.pid}`,
    },
    scope: { name: "imserver", version: VERSION },
    log,
  });
  metrics.counterOf("imserver_spans_total", "Spans of traces, sent to the collector or dropped.", () => {
    const { sent, dropped } = exporter?.stats ?? { sent: 0, dropped: 0 };
    return [[{ what: "sent" }, sent], [{ what: "dropped" }, dropped]];
  });
  if (!exporter) return undefined;
  parts.add("traces", () => exporter.close());
  return new Tracer({ sample: traceSample, take: (span) => exporter.take(span) });
}
