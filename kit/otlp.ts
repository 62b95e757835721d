import type { Logger } from "./log.ts";
import type { Span } from "./tracer.ts";

export interface OtlpOptions {
  /** A collector's address; spans go to `/v1/traces` below it. */
  endpoint: string;
  /** What the spans are of: OpenTelemetry's resource attributes. */
  resource: Readonly<Record<string, string>>;
  scope: { name: string; version: string };
  log: Logger;
}

/** Spans that wait, at most; what comes above is dropped (P6). */
const MAX_WAITING = 10_000;
const MAX_BATCH = 500;
const SEND_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 5_000;

/**
 * Sends spans to a collector by OTLP over HTTP, as JSON (opentelemetry.io/docs/specs/otlp). A batch that is not taken
 * is lost: tracing must not become a load of its own when its collector is away.
 */
export class OtlpExporter {
  /** Spans since the start. */
  readonly stats = { sent: 0, dropped: 0 };
  #options: OtlpOptions;
  #waiting: Span[] = [];
  #sending: Promise<void> | null = null;
  #timer: ReturnType<typeof setInterval>;

  constructor(options: OtlpOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), SEND_EVERY_MS);
    Deno.unrefTimer(this.#timer);
  }

  take(span: Span): void {
    if (this.#waiting.length >= MAX_WAITING) this.stats.dropped++;
    else this.#waiting.push(span);
  }

  /** Sends what waits. Never rejects. */
  flush(): Promise<void> {
    return this.#sending ??= this.#sendAll().finally(() => this.#sending = null);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        await this.#send(batch);
        this.stats.sent += batch.length;
      } catch (error) {
        this.stats.dropped += batch.length;
        this.#options.log.warn("spans were not taken", { spans: batch.length, because: String(error) });
        return;
      }
    }
  }

  async #send(spans: readonly Span[]): Promise<void> {
    const { endpoint, resource, scope } = this.#options;
    const attributes = Object.entries(resource).map(([key, value]) => attribute(key, value));
    const scopeSpans = [{ scope, spans: spans.map(toOtlp) }];
    const answer = await fetch(`${endpoint}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await answer.body?.cancel();
    if (!answer.ok) throw new Error(`the collector answers ${answer.status}`);
  }
}

function toOtlp({ name, kind, traceparent, parent, links, startMs, endMs, error }: Span) {
  return {
    ...idsOf(traceparent),
    ...(parent ? { parentSpanId: idsOf(parent).spanId } : {}),
    name,
    kind,
    startTimeUnixNano: nanos(startMs),
    endTimeUnixNano: nanos(endMs),
    links: links.map(idsOf),
    ...(error ? { attributes: [attribute("error.type", error)], status: { code: 2 } } : {}),
  };
}

const idsOf = (traceparent: string) => ({
  traceId: traceparent.slice(3, 35),
  spanId: traceparent.slice(36, 52),
});

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });

/** A number of 64 bits is a text in JSON (protobuf.dev/programming-guides/json). */
const nanos = (ms: number) => `${BigInt(Math.round(ms * 1000)) * 1000n}`;
