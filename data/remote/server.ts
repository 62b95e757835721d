import { Buffer } from "node:buffer";
import { type sendUnaryData, Server, ServerCredentials, type ServerDuplexStream } from "@grpc/grpc-js";
import type { ServerUnaryCall, ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import { FILES } from "../../proto/gen/descriptors.ts";
import { type CallBatch, type ResultBatch, StreamDefinition } from "../../proto/gen/stream.ts";
import type { Logger } from "../../kit/log.ts";
import type { ImError } from "../../wire/errors.ts";
import type { Data } from "../service.ts";
import { toStatus } from "./failure.ts";
import { Health } from "./health.ts";
import { SERVER_OPTIONS } from "./limits.ts";
import { type Method, METHODS } from "./methods.ts";
import { REFLECTION_SERVICES, reflectionHandlers } from "./reflection.ts";
import { CallsServed } from "./stream_server.ts";
import { asBytes, toService } from "./transport.ts";
import { type Span, Work } from "./work.ts";

export interface ServeDataOptions {
  /** Port 0: any free one. */
  listen: { host: string; port: number };
  /** PEM texts. With `ca`, a gateway must show a certificate that it signed. Without `tls`, plain text. */
  tls?: { cert: string; key: string; ca?: string };
  log?: Logger;
  /** What runs each call, for tracing. */
  span?: Span;
  /** How many calls are worked at, for all gateways together; beyond it they fail with `overloaded`. */
  maxCalls?: number;
}

export interface DataServer {
  /** Where it listens. */
  port: number;
  /** How many calls it works at now. */
  readonly inWork: number;
  /** Tells gateways and load balancers to go elsewhere for now (the database is away), or to come back. */
  setServing(serving: boolean): void;
  /** Leaves without losing a call: takes no new ones, finishes what it has, and closes by the deadline. */
  drain(deadlineMs: number): Promise<void>;
  /** Closes at once. Calls in work are cut off. */
  close(): Promise<void>;
}

/** The dbproxy's end of the wire: Data over gRPC. Rejects when it cannot listen. */
export async function serveData(data: Data, options: ServeDataOptions): Promise<DataServer> {
  const { listen, log } = options;
  const work = new Work(data, options);
  const health = new Health(new Set(FILES.flatMap(({ services }) => services)));
  const streams = new Streams(work);
  const server = new Server(SERVER_OPTIONS);
  for (const [definition, handlers] of unaryServices(work)) server.addService(definition, handlers);
  server.addService(toService(StreamDefinition), { call: streams.open });
  server.addService(health.definition, health.handlers);
  for (const service of REFLECTION_SERVICES) server.addService(service, reflectionHandlers);
  const port = await bind(server, listen, credentials(options.tls));
  log?.info("dbproxy listens", { host: listen.host, port, tls: options.tls !== undefined });

  let closed: Promise<void> | undefined;
  const close = () => {
    health.endWatches();
    server.forceShutdown();
    return within(CLOSE_MS, closed ??= shutDown(server));
  };
  const drain = async (deadlineMs: number) => {
    // First, so that gateways know that it leaves and do not take it for one without a database.
    const drained = streams.drain();
    health.set(false);
    const deadline = performance.now() + deadlineMs;
    const left = () => Math.max(0, deadline - performance.now());
    // A gateway that has ended its stream sends nothing more; what it sent before has arrived before.
    await within(left(), drained.then(() => work.idle()));
    health.endWatches();
    await within(left(), closed ??= shutDown(server));
    await close();
  };
  return {
    port,
    get inWork() {
      return work.size;
    },
    setServing: (serving) => health.set(serving),
    drain,
    close,
  };
}

/** The open streams of all gateways. */
class Streams {
  #open = new Set<CallsServed>();
  #draining = false;

  constructor(private readonly work: Work) {}

  readonly open = (stream: ServerDuplexStream<CallBatch, ResultBatch>): void => {
    const served = new CallsServed(stream, this.work);
    this.#open.add(served);
    served.ended.then(() => this.#open.delete(served));
    if (this.#draining) served.goAway();
  };

  /** Resolves when there is none left. */
  async drain(): Promise<void> {
    this.#draining = true;
    for (const stream of this.#open) stream.goAway();
    while (this.#open.size > 0) await Promise.all([...this.#open].map(({ ended }) => ended));
  }
}

/** Every method of Data as a call of its own, on its standard path. */
function unaryServices(work: Work): [ServiceDefinition, UntypedServiceImplementation][] {
  const services = Map.groupBy(METHODS, ({ service }) => service);
  return [...services.values()].map((methods) => [
    Object.fromEntries(methods.map((method) => [method.name, unaryDefinition(method)])),
    Object.fromEntries(methods.map((method) => [method.name, unaryHandler(method, work)])),
  ]);
}

const unaryDefinition = ({ path }: Method) => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: asBytes.serialize,
  requestDeserialize: asBytes.deserialize,
  responseSerialize: asBytes.serialize,
  responseDeserialize: asBytes.deserialize,
});

function unaryHandler({ path }: Method, work: Work) {
  return (call: ServerUnaryCall<Uint8Array, Uint8Array>, answer: sendUnaryData<Uint8Array>) => {
    const [traceparent] = call.metadata.get("traceparent");
    work.perform(path, call.request, traceparent?.toString()).then(
      (response) => answer(null, response),
      (error: ImError) => answer(toStatus(error)),
    );
  };
}

function credentials(tls: ServeDataOptions["tls"]): ServerCredentials {
  if (!tls) return ServerCredentials.createInsecure();
  const pair = { cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) };
  // With none at all Deno 2.8.3 answers handshakes with a message that its own client refuses.
  const roots = Buffer.from(tls.ca ?? tls.cert);
  return ServerCredentials.createSsl(roots, [pair], tls.ca !== undefined);
}

function bind(server: Server, { host, port }: ServeDataOptions["listen"], creds: ServerCredentials) {
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  return new Promise<number>((resolve, reject) => {
    server.bindAsync(address, creds, (error, bound) => error ? reject(error) : resolve(bound));
  });
}

/** A socket under Deno may stay until its peer notices, in 2 s; nobody needs to wait for that. */
const CLOSE_MS = 500;

async function within(ms: number, what: Promise<void>): Promise<void> {
  const timer = Promise.withResolvers<void>();
  const timeout = setTimeout(timer.resolve, ms);
  await Promise.race([what, timer.promise]);
  clearTimeout(timeout);
}

function shutDown(server: Server): Promise<void> {
  return new Promise((resolve) => server.tryShutdown(() => resolve()));
}
