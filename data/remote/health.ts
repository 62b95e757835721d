import { type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, status } from "@grpc/grpc-js";
import type { HealthCheckRequest, HealthCheckResponse } from "../../proto/gen/grpc/health/v1/health.ts";
import { HealthCheckResponse_ServingStatus as Status } from "../../proto/gen/grpc/health/v1/health.ts";
import { HealthDefinition } from "../../proto/gen/grpc/health/v1/health.ts";
import { toService } from "./transport.ts";

type Watcher = ServerWritableStream<HealthCheckRequest, HealthCheckResponse>;

/** More would be a caller that watches again and again; each costs little, but nothing is free. */
const MAX_WATCHERS = 10_000;

/** grpc.health.v1: whether this dbproxy takes calls. All its services do, or none. */
export class Health {
  readonly definition = toService(HealthDefinition);
  #serving = true;
  #watchers = new Map<Watcher, boolean>();

  constructor(private readonly services: ReadonlySet<string>) {}

  get serving(): boolean {
    return this.#serving;
  }

  /** Tells everyone who watches. */
  set(serving: boolean): void {
    if (this.#serving === serving) return;
    this.#serving = serving;
    for (const [call, known] of this.#watchers) call.write(this.#status(known));
  }

  /** Ends what watches; a server with open calls does not shut down. */
  endWatches(): void {
    for (const call of this.#watchers.keys()) call.end();
    this.#watchers.clear();
  }

  readonly handlers = {
    check: (
      { request }: ServerUnaryCall<HealthCheckRequest, HealthCheckResponse>,
      answer: sendUnaryData<HealthCheckResponse>,
    ) => {
      if (this.#knows(request.service)) answer(null, this.#status(true));
      else answer({ code: status.NOT_FOUND, details: "no such service" });
    },
    watch: (call: Watcher) => {
      if (this.#watchers.size >= MAX_WATCHERS) {
        call.emit("error", { code: status.RESOURCE_EXHAUSTED, details: "too many watch" });
        return;
      }
      const known = this.#knows(call.request.service);
      this.#watchers.set(call, known);
      call.on("cancelled", () => this.#watchers.delete(call));
      call.on("error", () => this.#watchers.delete(call));
      call.write(this.#status(known));
    },
  };

  #knows(service: string): boolean {
    return service === "" || this.services.has(service);
  }

  #status(known: boolean): HealthCheckResponse {
    if (!known) return { status: Status.SERVICE_UNKNOWN };
    return { status: this.#serving ? Status.SERVING : Status.NOT_SERVING };
  }
}
