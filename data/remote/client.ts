import { lookup } from "node:dns/promises";
import type { Logger } from "../../kit/log.ts";
import type { Data } from "../service.ts";
import { type Address, Discovery, type Lookup } from "./discovery.ts";
import { METHODS } from "./methods.ts";
import { Router } from "./router.ts";
import type { ClientTls } from "./tls.ts";

export interface ConnectDataOptions {
  /** Names are looked up anew for each connection; one with `dns` stands for as many dbproxies as it has addresses. */
  dbproxies: readonly (Address & { dns?: boolean })[];
  tls?: ClientTls;
  /** How long a call may take, with all its retries; 5,000 unless given. */
  timeoutMs?: number;
  log?: Logger;
  /** The W3C trace context of who calls right now. */
  traceparent?: () => string | undefined;
  /** What runs each call, for tracing. */
  span?: <T>(path: string, run: () => Promise<T>) => Promise<T>;
  random?: () => number;
  /** All addresses of a name; asks the system unless given. */
  lookup?: Lookup;
  /** How often names are looked up; 5,000 unless given. */
  lookupEveryMs?: number;
}

export interface DataConnection {
  /**
   * Every call ends by its deadline. When its dbproxy goes, an idempotent one is made again elsewhere; another
   * fails with `unavailable`, and may have been done. With no dbproxy there, calls fail at once.
   */
  data: Data;
  /** Calls that have no answer yet. */
  readonly inFlight: number;
  /** At least one dbproxy takes calls. */
  ready(): boolean;
  /** Why none takes calls: none is there, or their database is away. Null: one does. */
  trouble(): string | null;
  /** All of them that are known now, as `host:port`. */
  readonly names: readonly string[];
  /** Those that take calls. */
  healthy(): string[];
  /** Waits until so many dbproxies (one unless given) take calls; false when the time is up before. */
  untilReady(timeoutMs: number, count?: number): Promise<boolean>;
  /** Open calls fail with `unavailable`. */
  close(): void;
}

const TIMEOUT_MS = 5_000;
const LOOKUP_EVERY_MS = 5_000;

/** The gateway's end of the wire: Data on the far side of gRPC. Connects in the background, for ever. */
export function connectData(options: ConnectDataOptions): DataConnection {
  const fixed = options.dbproxies.filter(({ dns }) => !dns);
  const router = new Router({ timeoutMs: TIMEOUT_MS, random: Math.random, ...options, dbproxies: fixed });
  const names = options.dbproxies.filter(({ dns }) => dns);
  const { lookup = lookUp, lookupEveryMs: everyMs = LOOKUP_EVERY_MS, log } = options;
  const discovery = names.length === 0 ? undefined : new Discovery({
    names,
    lookup,
    everyMs,
    onFound: (found) => router.meet([...fixed, ...found]),
    log,
  });
  const healthy = () => router.dbproxies.filter(({ link }) => link).map(({ name }) => name);
  return {
    data: dataOver(router, options.span),
    get inFlight() {
      return router.inFlight;
    },
    ready: () => healthy().length > 0,
    trouble: () => router.trouble,
    get names() {
      return router.dbproxies.map(({ name }) => name);
    },
    healthy,
    untilReady: (timeoutMs, count = 1) => router.until(() => healthy().length >= count, timeoutMs),
    close: () => {
      discovery?.close();
      router.close();
    },
  };
}

const lookUp: Lookup = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

/** The table has every method of Data, which the compiler has checked where the table is. */
function dataOver(router: Router, span: ConnectDataOptions["span"]): Data {
  const data: Record<string, Record<string, unknown>> = {};
  for (const method of METHODS) {
    const call = (request: unknown) => router.call(method, request);
    (data[method.service] ??= {})[method.name] = span
      ? (request: unknown) => span(method.path, () => call(request))
      : call;
  }
  return data as unknown as Data;
}
