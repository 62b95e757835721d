import type { Buffer } from "node:buffer";
import { Client, type ClientReadableStream, Metadata } from "@grpc/grpc-js";
import { encoded } from "../../kit/encode.ts";
import {
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as Status,
  HealthDefinition,
} from "../../proto/gen/grpc/health/v1/health.ts";
import { type ResultBatch, StreamDefinition } from "../../proto/gen/stream.ts";
import { ImError } from "../../wire/errors.ts";
import type { FoundAddress } from "./discovery.ts";
import { Call, type Carrier, type LostCalls, unavailable } from "./call.ts";
import { CLIENT_OPTIONS } from "./limits.ts";
import { METHODS } from "./methods.ts";
import { Silence } from "./silence.ts";
import { CallStream } from "./stream.ts";
import { type ClientTls, secured } from "./tls.ts";
import { toMethod } from "./transport.ts";
import { UnaryCalls } from "./unary.ts";

export interface LinkEvents {
  /** `ready` has changed. */
  changed(): void;
  lost(lost: LostCalls): void;
  /** It is over, and every call on it was answered or lost. */
  gone(why: string): void;
}

const WATCH = toMethod(`/${HealthDefinition.fullName}/Watch`, HealthDefinition.methods.watch);
const CALL = toMethod(`/${StreamDefinition.fullName}/Call`, StreamDefinition.methods.call);
/** A dbproxy that has not told its health by then is treated as away. */
const OPEN_TIMEOUT_MS = 3_000;
const PROBE = METHODS.find(({ path }) => path === "/imserver.v1.Users/Get")!;
const PROBE_TIMEOUT_MS = 1_000;

/** One connection to one dbproxy, from connecting to its end: the stream, the calls beside it, its health. */
export class Link implements Carrier {
  readonly #client: Client;
  readonly #watch: ClientReadableStream<HealthCheckResponse>;
  readonly #stream: CallStream;
  readonly #unary: UnaryCalls;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** As it says itself; undefined until it has. */
  #serving: boolean | undefined;
  #leaving = false;
  #streamOver = false;
  #gone = false;
  readonly #silence = new Silence({
    ask: (answered) => this.#probe(answered),
    changed: () => this.#gone || this.events.changed(),
  });

  constructor(
    { host, port, serverName }: FoundAddress,
    tls: ClientTls | undefined,
    private readonly events: LinkEvents,
  ) {
    const { credentials, options } = secured(host, tls && { serverName, ...tls });
    this.#client = new Client(`dns:///${nameOf({ host, port })}`, credentials, {
      ...CLIENT_OPTIONS,
      ...options,
    });
    this.#unary = new UnaryCalls(this.#client, (lost) => {
      this.events.lost(lost);
      this.#leaveWhenDone();
    });
    this.#stream = new CallStream(
      this.#client.makeBidiStreamRequest(
        CALL.path,
        CALL.requestSerialize,
        CALL.responseDeserialize as (bytes: Buffer) => ResultBatch,
        new Metadata(),
      ),
      { goAway: () => this.#leave(), lost: (lost) => this.events.lost(lost), over: (why) => this.#over(why) },
    );
    this.#watch = this.#openWatch();
    this.#timer = setTimeout(() => this.#end("no answer"), OPEN_TIMEOUT_MS);
  }

  get ready(): boolean {
    return this.#serving === true && !this.#leaving && !this.#gone && !this.#silence.resting;
  }

  /** It has told its health, and is not over. */
  get answers(): boolean {
    return this.#serving !== undefined && !this.#gone;
  }

  /** It is there and answers nothing. */
  get silent(): boolean {
    return this.#silence.resting;
  }

  /** It is there and says that it cannot serve: its database is away. */
  get withoutDatabase(): boolean {
    return this.#serving === false && !this.#leaving && !this.#gone;
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  send(call: Call): void {
    call.link = this;
    if (call.method.hot) this.#stream.send(call);
    else this.#unary.send(call);
  }

  forget(call: Call): void {
    this.#stream.forget(call);
    this.#unary.forget(call);
    this.#leaveWhenDone();
  }

  answered(): void {
    this.#silence.broken();
  }

  timedOut(): void {
    if (!this.#gone) this.#silence.timedOut();
  }

  /** Breaks it off. */
  close(): void {
    this.#end("closed");
  }

  /** A call of our own, beside the stream, that reaches as far as the database. */
  #probe(answered: () => void): void {
    const call = new Call(0, PROBE, encoded(PROBE.request, { ids: [1] }), {
      repeatable: false,
      deadlineMs: performance.now() + PROBE_TIMEOUT_MS,
      settle: (_, outcome) => {
        clearTimeout(timer);
        if (!(outcome instanceof ImError) || outcome.code !== "unavailable") answered();
      },
    });
    const timer = setTimeout(() => {
      call.settle(unavailable("No answer in time"));
      this.#unary.forget(call);
    }, PROBE_TIMEOUT_MS);
    this.#unary.send(call);
  }

  #openWatch(): ClientReadableStream<HealthCheckResponse> {
    const watch = this.#client.makeServerStreamRequest(
      WATCH.path,
      WATCH.requestSerialize,
      WATCH.responseDeserialize as (bytes: Buffer) => HealthCheckResponse,
      { service: "" },
      new Metadata(),
    );
    watch.on("data", ({ status }: HealthCheckResponse) => this.#heard(status === Status.SERVING));
    watch.on("error", ({ details, message }) => this.#leaving || this.#end(details || message));
    watch.on("end", () => this.#leaving || this.#end("the health watch ended"));
    return watch;
  }

  #heard(serving: boolean): void {
    clearTimeout(this.#timer);
    if (this.#serving === serving || this.#gone) return;
    this.#serving = serving;
    this.events.changed();
  }

  #leave(): void {
    this.#leaving = true;
    this.events.changed();
    this.#leaveWhenDone();
  }

  #over(why: string): void {
    this.#streamOver = true;
    if (this.#leaving) this.#leaveWhenDone();
    else this.#end(why);
  }

  #leaveWhenDone(): void {
    if (this.#leaving && this.#streamOver && this.#unary.size === 0) this.#end("it left");
  }

  #end(why: string): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#timer);
    this.#silence.close();
    // First, so that what is lost now is not sent here again.
    this.events.gone(why);
    this.#watch.cancel();
    this.#stream.close();
    this.#unary.close();
    this.#client.close();
  }
}

export function nameOf({ host, port }: { host: string; port: number }): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
