import { type Client, type ClientUnaryCall, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ImError } from "../../wire/errors.ts";
import { type Call, type LostCalls, overloaded } from "./call.ts";
import { fromStatus } from "./failure.ts";
import { MAX_UNARY_IN_FLIGHT } from "./limits.ts";
import { asBytes } from "./transport.ts";

/** The server's own deadline is a little later than ours, so that ours says what happened. */
const DEADLINE_SLACK_MS = 500;

/** The calls that a gateway makes beside the stream, each a gRPC call of its own. */
export class UnaryCalls {
  #open = new Map<Call, ClientUnaryCall>();

  constructor(private readonly client: Client, private readonly lost: (lost: LostCalls) => void) {}

  get size(): number {
    return this.#open.size;
  }

  send(call: Call): void {
    if (this.#open.size >= MAX_UNARY_IN_FLIGHT) return call.settle(overloaded());
    const { method, payload, remainingMs, options } = call;
    const metadata = new Metadata();
    if (options.traceparent) metadata.set("traceparent", options.traceparent);
    const made = this.client.makeUnaryRequest(
      method.path,
      asBytes.serialize,
      asBytes.deserialize,
      payload,
      metadata,
      { deadline: Date.now() + remainingMs + DEADLINE_SLACK_MS },
      (error, response) => this.#ended(call, error, response),
    );
    this.#open.set(call, made);
  }

  forget(call: Call): void {
    this.#open.get(call)?.cancel();
  }

  close(): void {
    for (const made of this.#open.values()) made.cancel();
  }

  #ended(call: Call, error: ServiceError | null, response?: Uint8Array): void {
    this.#open.delete(call);
    if (call.settled) return;
    if (!error) return call.settle(response ?? new ImError("internal"));
    const said = fromStatus(error) ?? fault(error);
    if (said) return call.settle(said);
    this.lost({ calls: [call], taken: !wasRefused(error) });
  }
}

/** What the transport says of the call itself, and another dbproxy would say too. */
function fault({ code }: ServiceError): ImError | undefined {
  if (code === status.UNIMPLEMENTED) return new ImError("method_not_found");
  if (code === status.RESOURCE_EXHAUSTED) return new ImError("too_large");
}

/** grpc-js notes on the status how far a call got; when it notes nothing, anything may have happened. */
function wasRefused(error: ServiceError & { progress?: string }): boolean {
  return error.progress === "NOT_STARTED" || error.progress === "REFUSED" || error.progress === "DROP";
}
