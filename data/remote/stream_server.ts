import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { CallBatch, ResultBatch, StreamCall, StreamResult } from "../../proto/gen/stream.ts";
import type { ImError } from "../../wire/errors.ts";
import { toFailure } from "./failure.ts";
import { BATCH_BYTES, BATCH_CALLS } from "./limits.ts";
import { EndOfTurn } from "./turn.ts";
import type { Work } from "./work.ts";

type ServerStream = ServerDuplexStream<CallBatch, ResultBatch>;

/**
 * One gateway's stream, on the side of the dbproxy. It reads no further while the gateway does not take its
 * results, so what waits for a slow gateway is at most what was taken before.
 */
export class CallsServed {
  #inWork = 0;
  #results: StreamResult[] = [];
  /** The gateway writes no more. */
  #heardAll = false;
  #over = false;
  #blocked = false;
  readonly #flush = new EndOfTurn(() => this.#write());
  readonly #ended = Promise.withResolvers<void>();

  constructor(private readonly stream: ServerStream, private readonly work: Work) {
    stream.on("data", (batch: CallBatch) => {
      for (const call of batch.calls) this.#begin(call);
    });
    stream.on("end", () => {
      this.#heardAll = true;
      this.#finish();
    });
    stream.on("drain", () => {
      this.#blocked = false;
      stream.resume();
      this.#write();
    });
    stream.on("cancelled", () => this.#stop());
    stream.on("error", () => this.#stop());
  }

  /** Resolves when every result is written, or nobody is there to read them. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Asks the gateway to write no more. What it has written, it gets answered. */
  goAway(): void {
    if (!this.#over) this.stream.write({ results: [], goAway: true });
  }

  async #begin({ id, path, payload, timeoutMs, traceparent }: StreamCall): Promise<void> {
    if (this.#over) return;
    this.#inWork++;
    const begun = performance.now();
    const outcome = await this.work.perform(path, payload, traceparent || undefined).then(
      (payload) => ({ $case: "payload", payload }) as const,
      (error: ImError) => ({ $case: "failure", failure: toFailure(error) }) as const,
    );
    this.#inWork--;
    const late = timeoutMs > 0 && performance.now() - begun > timeoutMs;
    if (!late && !this.#over) this.#results.push({ id, outcome });
    this.#flush.plan();
  }

  #write(): void {
    while (this.#results.length > 0 && !this.#blocked && !this.#over) {
      const results = this.#results.splice(0, batchLength(this.#results));
      if (!this.stream.write({ results, goAway: false })) {
        this.#blocked = true;
        this.stream.pause();
      }
    }
    this.#finish();
  }

  #finish(): void {
    if (!this.#heardAll || this.#over || this.#inWork > 0 || this.#results.length > 0) return;
    this.stream.end();
    this.#stop();
  }

  #stop(): void {
    this.#over = true;
    this.#results = [];
    this.#flush.cancel();
    this.#ended.resolve();
  }
}

/** How many of the first results go into one message. At least one. */
function batchLength(results: readonly StreamResult[]): number {
  let bytes = 0;
  for (let i = 0; i < results.length && i < BATCH_CALLS; i++) {
    const { outcome } = results[i];
    bytes += outcome?.$case === "payload" ? outcome.payload.length : 0;
    if (bytes > BATCH_BYTES) return Math.max(1, i);
  }
  return Math.min(results.length, BATCH_CALLS);
}
