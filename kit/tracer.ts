import { currentTraceparent, isTraceparent, runIn } from "./trace.ts";

/** OpenTelemetry's numbers for what a span is to who asked for it. */
export const SpanKind = { INTERNAL: 1, SERVER: 2, CLIENT: 3, CONSUMER: 5 } as const;
export type SpanKind = (typeof SpanKind)[keyof typeof SpanKind];

/** One piece of work, done. Times are milliseconds since 1970. */
export interface Span {
  name: string;
  kind: SpanKind;
  /** Its own context; parent and links are those of others (all W3C). */
  traceparent: string;
  parent?: string;
  links: readonly string[];
  startMs: number;
  endMs: number;
  /** An error's code or name, never its message, which may repeat what somebody wrote. */
  error?: string;
}

export interface TracerOptions {
  /** How many of the requests from outside are recorded, from 0 to 1. */
  sample: number;
  /** Takes every span that ended. Must not throw or wait. */
  take: (span: Span) => void;
  /** In [0, 1). */
  random?: () => number;
}

/** What a span begins with. */
interface Begin {
  name: string;
  kind: SpanKind;
  parent?: string;
  links?: readonly string[];
}

/**
 * Records what belongs to a trace. Whether a request is recorded is decided once, where it comes in, and travels with
 * it in the flag of its traceparent; for all others each place costs one look. Names hold no values: a span is safe to
 * show to whoever may see metrics.
 */
export class Tracer {
  #options: TracerOptions;
  #random: () => number;

  constructor(options: TracerOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** A request of a client. Its traceparent gives the trace, but not whether it is recorded: that is not theirs to say. */
  request<T>(name: string, traceparent: unknown, run: () => Promise<T>): Promise<T> {
    const parent = isTraceparent(traceparent) ? traceparent : undefined;
    const { sample } = this.#options;
    if (sample > 0 && this.#random() < sample) {
      return this.#record({ name, kind: SpanKind.SERVER, parent }, run);
    }
    return parent ? runIn(unrecorded(parent), run) : run();
  }

  /** A call of another process of ours, which has decided. */
  served<T>(name: string, traceparent: string | undefined, run: () => Promise<T>): Promise<T> {
    if (!isTraceparent(traceparent)) return run();
    if (!isRecorded(traceparent)) return runIn(traceparent, run);
    return this.#record({ name, kind: SpanKind.SERVER, parent: traceparent }, run);
  }

  /** A part of the work at hand. */
  part<T>(name: string, kind: SpanKind, run: () => Promise<T>): Promise<T> {
    const parent = currentTraceparent();
    return isRecorded(parent) ? this.#record({ name, kind, parent }, run) : run();
  }

  /** What is done at once for several requests: a part of the first one, linked to the others. */
  shared<T>(name: string, askers: readonly (string | undefined)[], run: () => Promise<T>): Promise<T> {
    const recorded = askers.filter(isRecorded);
    // Not in whatever trace the one belonged to who happened to start it.
    if (recorded.length === 0) return runIn(undefined, run);
    const [parent, ...links] = recorded;
    return this.#record({ name, kind: SpanKind.INTERNAL, parent, links }, run);
  }

  /** What follows from something that another process told: of the same trace, and linked to that. Runs it at once. */
  following(name: string, cause: string | undefined, run: () => void): void {
    if (!isRecorded(cause)) return run();
    const end = this.#begin({ name, kind: SpanKind.CONSUMER, parent: cause, links: [cause] });
    try {
      runIn(end.traceparent, run);
    } finally {
      end();
    }
  }

  #record<T>(begin: Begin, run: () => Promise<T>): Promise<T> {
    const end = this.#begin(begin);
    return runIn(end.traceparent, async () => {
      try {
        const result = await run();
        end();
        return result;
      } catch (error) {
        end(error);
        throw error;
      }
    });
  }

  #begin({ name, kind, parent, links = [] }: Begin): { (error?: unknown): void; traceparent: string } {
    const traceparent = `00-${parent?.slice(3, 35) ?? randomHex(16)}-${randomHex(8)}-01`;
    const startMs = epochMs();
    const end = (error?: unknown) =>
      this.#options.take({
        name,
        kind,
        traceparent,
        parent,
        links,
        startMs,
        endMs: epochMs(),
        ...(error === undefined ? {} : { error: nameOf(error) }),
      });
    return Object.assign(end, { traceparent });
  }
}

/** The flag `sampled` (W3C Trace Context, 3.2.2.5.1). */
export function isRecorded(traceparent: string | undefined): traceparent is string {
  return traceparent !== undefined && (traceparent.charCodeAt(54) & 1) === 1 && traceparent.length === 55;
}

/** The same trace, which nobody records. */
export const unrecorded = (traceparent: string): string => `${traceparent.slice(0, 53)}00`;

const randomHex = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes)).toHex();

const epochMs = () => performance.timeOrigin + performance.now();

function nameOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: string };
  return typeof code === "string" ? code : name ?? "Error";
}

/** Records nothing; a client's traceparent goes with the work, for logs, and is recorded nowhere. */
export const UNTRACED: Tracer = new Tracer({ sample: 0, take: () => {} });
