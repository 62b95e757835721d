import { ImError, isErrorCode } from "../wire/errors.ts";

export interface CallOptions {
  signal?: AbortSignal;
  /** Default 15 000. Past it the call rejects with `unavailable`; the server may have done it all the same. */
  timeoutMs?: number;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** How many calls may wait for their answers on one socket; more means that nobody is listening. */
const MAX_WAITING = 1000;

/**
 * JSON-RPC 2.0 over one socket: calls go out, answers and notifications come in, single or in batches.
 * Calls made before `open` wait for it.
 */
export class RpcLine {
  readonly #waiting = new Map<number, Waiting>();
  #unsent: Map<number, string> | undefined = new Map();
  #nextId = 1;
  #ended: ImError | undefined;

  constructor(
    private readonly send: (text: string) => void,
    private readonly onNotification: (name: string, params: unknown) => void,
  ) {}

  /** Rejects with ImError, or with the signal's reason when that aborts. */
  call(method: string, params: unknown, { signal, timeoutMs = 15_000 }: CallOptions = {}): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#ended) return Promise.reject(this.#ended);
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new ImError("overloaded", "Too many calls at once"));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#waiting.delete(id);
        this.#unsent?.delete(id);
      };
      const abort = () => (settle(), reject(signal?.reason));
      const timer = setTimeout(() => {
        settle();
        reject(new ImError("unavailable", `No answer to ${method} within ${timeoutMs} ms`));
      }, timeoutMs);
      signal?.addEventListener("abort", abort);
      this.#waiting.set(id, {
        resolve: (result) => (settle(), resolve(result)),
        reject: (error) => (settle(), reject(error)),
      });
      const text = JSON.stringify({ jsonrpc: "2.0", id, method, params });
      if (this.#unsent) this.#unsent.set(id, text);
      else this.send(text);
    });
  }

  open(): void {
    const unsent = [...this.#unsent?.values() ?? []];
    this.#unsent = undefined;
    unsent.forEach(this.send);
  }

  /** Takes one text frame. What is not JSON-RPC is ignored, so that a newer server cannot break this client. */
  receive(text: string): void {
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch {
      return;
    }
    for (const item of Array.isArray(frame) ? frame : [frame]) this.#take(item);
  }

  /** Nothing more will come: every waiting call, and every later one, rejects. */
  end(error: ImError): void {
    this.#ended = error;
    for (const waiting of [...this.#waiting.values()]) waiting.reject(error);
  }

  #take(item: unknown): void {
    if (typeof item !== "object" || item === null) return;
    const { id, method, params, result, error } = item as Record<string, unknown>;
    if (typeof method === "string") return this.onNotification(method, params);
    const waiting = typeof id === "number" ? this.#waiting.get(id) : undefined;
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(readError(error));
  }
}

/** The ImError in a JSON-RPC error object; a code this client does not know yet counts as `internal`. */
function readError(error: unknown): ImError {
  const { message, data } = Object(error) as { message?: unknown; data?: unknown };
  const { code, field, retryAfterMs } = Object(data) as Record<string, unknown>;
  return new ImError(
    isErrorCode(code) ? code : "internal",
    typeof message === "string" ? message : undefined,
    {
      ...(typeof field === "string" && { field }),
      ...(typeof retryAfterMs === "number" && { retryAfterMs }),
    },
  );
}
