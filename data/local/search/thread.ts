import type { Logger } from "../../../kit/log.ts";
import { ImError } from "../../../wire/errors.ts";
import type { Searches, SearchRequest, SearchResponse } from "../../service.ts";
import type { FromSearchWorker, SearchPlaces, ToSearchWorker } from "./worker.ts";

export interface SearchThreadOptions {
  /** Starts a worker that calls `serveSearchWorker`. */
  spawn: () => Worker;
  places: SearchPlaces;
  log: Pick<Logger, "warn">;
  /** It starts by itself after so long, to index, or with the first search. */
  startAfterMs?: number;
  /** One that does not answer for so long is ended, and another takes its place. */
  answerWithinMs?: number;
  /** After it ended by itself. */
  restartAfterMs?: number;
}

interface Waiting {
  request: SearchRequest;
  resolve(value: SearchResponse): void;
  reject(error: ImError): void;
  timer?: ReturnType<typeof setTimeout>;
}

/**
 * Search on a thread of its own with its own connections, because no index bounds what a search reads (ADR 3). How
 * many may wait is for the caller to bound (`bounded`). When the thread fails, what it had is `unavailable`, and it
 * is started again: the words it wrote are there.
 */
export class SearchThread implements Searches {
  readonly #options: Required<SearchThreadOptions>;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #ready = false;
  #closed = false;
  #nextId = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SearchThreadOptions) {
    this.#options = { startAfterMs: 1_000, answerWithinMs: 15_000, restartAfterMs: 5_000, ...options };
    this.#startAfter(this.#options.startAfterMs);
  }

  messages(request: SearchRequest): Promise<SearchResponse> {
    if (this.#closed) return Promise.reject(new ImError("unavailable"));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const waiting: Waiting = { request, resolve, reject };
      waiting.timer = setTimeout(() => this.#fail("a search took too long"), this.#options.answerWithinMs);
      this.#waiting.set(id, waiting);
      if (this.#ready) this.#post({ kind: "search", id, request });
      else this.#start();
    });
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  #startAfter(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), ms);
    Deno.unrefTimer(this.#timer);
  }

  #start(): void {
    if (this.#worker || this.#closed) return;
    clearTimeout(this.#timer);
    const worker = this.#worker = this.#options.spawn();
    worker.onmessage = ({ data }: MessageEvent<FromSearchWorker>) => this.#receive(data);
    worker.onerror = (event) => {
      // Unless prevented, Deno rethrows it here and the whole server would die of one worker.
      event.preventDefault();
      if (worker === this.#worker) this.#fail(event.message);
    };
  }

  #post(message: ToSearchWorker): void {
    this.#worker!.postMessage(message);
  }

  #receive(message: FromSearchWorker): void {
    switch (message.kind) {
      case "ready":
        this.#ready = true;
        this.#post({ kind: "open", places: this.#options.places });
        for (const [id, { request }] of this.#waiting) this.#post({ kind: "search", id, request });
        return;
      case "answer":
        return this.#settle(message.id, (waiting) => waiting.resolve(message.value));
      case "failure": {
        const error = new ImError(message.code, message.message, message.details);
        return this.#settle(message.id, (waiting) => waiting.reject(error));
      }
      case "warning":
        this.#options.log.warn(message.message, { because: message.because });
    }
  }

  #settle(id: number, settle: (waiting: Waiting) => void): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    settle(waiting);
  }

  #fail(because: string): void {
    this.#options.log.warn("the search thread failed", { because });
    this.#end();
    if (!this.#closed) this.#startAfter(this.#options.restartAfterMs);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#ready = false;
    for (const id of [...this.#waiting.keys()]) {
      this.#settle(id, (waiting) => waiting.reject(new ImError("unavailable", "Search is starting again")));
    }
  }
}
