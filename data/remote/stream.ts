import { type ClientDuplexStream, type ServiceError, status } from "@grpc/grpc-js";
import type { CallBatch, ResultBatch, StreamCall, StreamResult } from "../../proto/gen/stream.ts";
import { ImError } from "../../wire/errors.ts";
import { type Call, type LostCalls, overloaded } from "./call.ts";
import { fromFailure } from "./failure.ts";
import { BATCH_BYTES, BATCH_CALLS, MAX_CALLS_IN_FLIGHT, MAX_UNSENT_BYTES } from "./limits.ts";
import { EndOfTurn } from "./turn.ts";

export interface StreamEvents {
  /** The dbproxy takes no more on this stream; what it has taken is still answered. */
  goAway(): void;
  /** These calls must go elsewhere. */
  lost(lost: LostCalls): void;
  /** The stream is over, after all its calls were answered or lost. */
  over(why: string): void;
}

/** Batches that may be on their way to the socket at once. While they are, the next one grows. */
const MAX_WRITING = 4;

/** A gateway's side of one stream: the calls of one turn leave as one message. */
export class CallStream {
  #unsent: Call[] = [];
  #unsentBytes = 0;
  #sent = new Map<number, Call>();
  #writing = 0;
  #leaving = false;
  #over = false;
  readonly #flush = new EndOfTurn(() => this.#write());

  constructor(
    private readonly stream: ClientDuplexStream<CallBatch, ResultBatch>,
    private readonly events: StreamEvents,
  ) {
    stream.on("data", (batch: ResultBatch) => this.#read(batch));
    stream.on("end", () => this.#stop("the stream ended"));
    stream.on("error", ({ details, message }: ServiceError) => this.#stop(details || message));
    stream.on("status", ({ code, details }) => code !== status.OK && this.#stop(details));
  }

  send(call: Call): void {
    const full = this.#sent.size + this.#unsent.length >= MAX_CALLS_IN_FLIGHT;
    if (full || this.#unsentBytes + call.payload.length > MAX_UNSENT_BYTES) return call.settle(overloaded());
    this.#unsent.push(call);
    this.#unsentBytes += call.payload.length;
    this.#flush.plan();
  }

  /** Nobody waits for it any more. */
  forget(call: Call): void {
    this.#sent.delete(call.id);
  }

  /** Breaks the stream off. */
  close(): void {
    this.stream.cancel();
    this.#stop("closed");
  }

  #read({ results, goAway }: ResultBatch): void {
    for (const result of results) {
      const call = this.#sent.get(result.id);
      this.#sent.delete(result.id);
      call?.settle(outcomeOf(result));
    }
    if (goAway && !this.#leaving) this.#leave();
  }

  #write(): void {
    while (this.#unsent.length > 0 && this.#writing < MAX_WRITING && !this.#over) {
      const taken = this.#unsent.splice(0, batchLength(this.#unsent));
      const bytes = taken.reduce((sum, { payload }) => sum + payload.length, 0);
      const calls = taken.filter(({ settled }) => !settled);
      for (const call of calls) this.#sent.set(call.id, call);
      this.#writing++;
      this.stream.write({ calls: calls.map(toMessage) }, () => {
        this.#writing--;
        this.#unsentBytes -= bytes;
        if (this.#unsent.length > 0) this.#write();
      });
    }
  }

  /** What was not written yet cannot have been done, so it may go elsewhere whatever it is. */
  #leave(): void {
    this.#leaving = true;
    this.events.goAway();
    this.#lose(this.#takeUnsent(), false);
    this.stream.end();
  }

  #stop(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#flush.cancel();
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    const unsent = this.#takeUnsent();
    this.events.over(why);
    // One loss, so that calls of one conversation stay in order; whether an unsent one was done does not matter
    // then, because everything that is sent here may be repeated.
    this.#lose([...sent, ...unsent], true);
  }

  #takeUnsent(): Call[] {
    const calls = this.#unsent;
    this.#unsent = [];
    return calls;
  }

  #lose(calls: Call[], taken: boolean): void {
    const open = calls.filter(({ settled }) => !settled);
    if (open.length > 0) this.events.lost({ calls: open, taken });
  }
}

const toMessage = ({ id, method, payload, remainingMs, options }: Call): StreamCall => ({
  id,
  path: method.path,
  payload,
  timeoutMs: Math.ceil(remainingMs),
  traceparent: options.traceparent ?? "",
});

function outcomeOf({ outcome }: StreamResult): Uint8Array | ImError {
  if (outcome?.$case === "payload") return outcome.payload;
  return outcome ? fromFailure(outcome.failure) : new ImError("internal");
}

/** How many of the first calls go into one message. At least one. */
function batchLength(calls: readonly Call[]): number {
  let bytes = 0;
  for (let i = 0; i < calls.length && i < BATCH_CALLS; i++) {
    bytes += calls[i].payload.length;
    if (bytes > BATCH_BYTES) return Math.max(1, i);
  }
  return Math.min(calls.length, BATCH_CALLS);
}
