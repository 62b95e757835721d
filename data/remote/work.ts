import { encoded } from "../../kit/encode.ts";
import type { Logger } from "../../kit/log.ts";
import { ImError } from "../../wire/errors.ts";
import type { Data } from "../service.ts";
import { MAX_BYTES_IN_WORK, MAX_CALLS_IN_WORK, MAX_RESPONSE_BYTES } from "./limits.ts";
import { type Method, METHOD_BY_PATH } from "./methods.ts";

/** Runs a call in the trace that its caller named, if any. */
export type Span = <T>(path: string, traceparent: string | undefined, run: () => Promise<T>) => Promise<T>;

export interface WorkOptions {
  log?: Logger;
  span?: Span;
  maxCalls?: number;
  maxBytes?: number;
}

const OVERLOADED_RETRY_MS = 200;
/** What a batch adds around a single result. */
const ENVELOPE_BYTES = 1_024;

/** The calls a dbproxy works at, from all its streams and unary calls: a bounded number. */
export class Work {
  #calls = 0;
  #bytes = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(private readonly data: Data, private readonly options: WorkOptions = {}) {}

  /** How many calls it works at now. */
  get size(): number {
    return this.#calls;
  }

  /** Resolves as soon as nothing is worked at. */
  idle(): Promise<void> {
    if (this.#calls === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  /**
   * The encoded response. Begins before it returns, so calls begin in the order of their arrival.
   * Throws nothing but ImErrors: `overloaded` before anything was done, what Data says, or `internal`.
   */
  async perform(path: string, payload: Uint8Array, traceparent?: string): Promise<Uint8Array> {
    const { maxCalls = MAX_CALLS_IN_WORK, maxBytes = MAX_BYTES_IN_WORK } = this.options;
    if (this.#calls >= maxCalls || this.#bytes + payload.length > maxBytes) {
      throw new ImError("overloaded", undefined, { retryAfterMs: OVERLOADED_RETRY_MS });
    }
    this.#calls++;
    this.#bytes += payload.length;
    try {
      const { span = (_path, _parent, run) => run() } = this.options;
      return await span(path, traceparent, () => this.#run(path, payload));
    } catch (error) {
      throw this.#known(path, error);
    } finally {
      this.#calls--;
      this.#bytes -= payload.length;
      if (this.#calls === 0) this.#idle?.resolve();
    }
  }

  async #run(path: string, payload: Uint8Array): Promise<Uint8Array> {
    const method = METHOD_BY_PATH.get(path);
    if (!method) throw new ImError("method_not_found");
    const service = this.data[method.service] as unknown as Record<string, (r: unknown) => Promise<unknown>>;
    const response = await service[method.name](decode(method, payload));
    const bytes = encoded(method.response, response);
    // A larger message would end the caller's stream, and every other call on it.
    if (bytes.length > MAX_RESPONSE_BYTES - ENVELOPE_BYTES) throw new ImError("too_large");
    return bytes;
  }

  #known(path: string, error: unknown): ImError {
    if (error instanceof ImError) return error;
    const said = error instanceof Error ? error.stack ?? error.message : String(error);
    this.options.log?.error("a call failed", { method: path, error: said });
    return new ImError("internal");
  }
}

function decode(method: Method, payload: Uint8Array): unknown {
  try {
    return method.request.decode(payload);
  } catch {
    throw new ImError("invalid_params");
  }
}
