import { encoded } from "../../kit/encode.ts";
import type { Logger } from "../../kit/log.ts";
import { ImError } from "../../wire/errors.ts";
import { Call, type LostCalls, overloaded, unavailable } from "./call.ts";
import { Dbproxy } from "./dbproxy.ts";
import type { FoundAddress } from "./discovery.ts";
import { Lanes } from "./lanes.ts";
import { MAX_CALLS_IN_FLIGHT, MAX_REQUEST_BYTES } from "./limits.ts";
import type { Method } from "./methods.ts";
import { nameOf } from "./link.ts";
import { highest } from "./rendezvous.ts";
import type { ClientTls } from "./tls.ts";

export interface RouterOptions {
  dbproxies: readonly FoundAddress[];
  tls?: ClientTls;
  log?: Logger;
  timeoutMs: number;
  traceparent?: () => string | undefined;
  random: () => number;
}

/** After losing a call so often, it fails: then it is not the dbproxy. */
const MAX_LOSSES = 3;
const MAX_JITTER_MS = 50;
const SWEEP_MS = 50;
/** What a batch adds around a single call. */
const ENVELOPE_BYTES = 1_024;

/** Sends each call to the dbproxy of its key, and to the next one when that one goes. */
export class Router {
  /** Those that are wanted, and those that finish what they have. */
  #dbproxies: readonly Dbproxy[] = [];
  /** In the order of their deadlines, because all have the same time. */
  #calls = new Map<number, Call>();
  #lanes = new Lanes((call) => this.#route(call));
  #lastId = 0;
  #anyKey = 0;
  #sweep: ReturnType<typeof setTimeout> | undefined;
  #retries = new Set<ReturnType<typeof setTimeout>>();
  #waiting = new Set<() => void>();
  #closed = false;

  constructor(private readonly options: RouterOptions) {
    this.meet(options.dbproxies);
  }

  get dbproxies(): readonly Dbproxy[] {
    return this.#dbproxies;
  }

  /**
   * These are the dbproxies now. Who is new is connected to; who is no longer among them keeps the connection that it
   * has, for it says itself when it leaves, and gets no other.
   */
  meet(addresses: readonly FoundAddress[]): void {
    if (this.#closed) return;
    const wanted = new Map(addresses.map((address) => [nameOf(address), address]));
    const known = new Set(this.#dbproxies.map(({ name }) => name));
    const met = [...wanted].filter(([name]) => !known.has(name)).map(([, address]) => this.#open(address));
    this.#dbproxies = [...this.#dbproxies, ...met];
    for (const dbproxy of this.#dbproxies) dbproxy.want(wanted.has(dbproxy.name));
  }

  #open(address: FoundAddress): Dbproxy {
    const { tls, log, random } = this.options;
    const events = {
      changed: () => this.#waiting.forEach((look) => look()),
      lost: (lost: LostCalls, by: Dbproxy) => this.#lost(lost, by),
      over: (one: Dbproxy) => this.#dbproxies = this.#dbproxies.filter((other) => other !== one),
    };
    return new Dbproxy(address, { tls, log, random, events });
  }

  /** The response. Rejects with an ImError. */
  async call(method: Method, request: unknown): Promise<unknown> {
    const payload = encoded(method.request, request);
    if (payload.length > MAX_REQUEST_BYTES - ENVELOPE_BYTES) throw new ImError("too_large");
    if (this.#calls.size >= MAX_CALLS_IN_FLIGHT * Math.max(1, this.dbproxies.length)) throw overloaded();
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const call = new Call(++this.#lastId, method, payload, {
      key: method.key(request),
      repeatable: isRepeatable(method, request),
      deadlineMs: performance.now() + this.options.timeoutMs,
      traceparent: this.options.traceparent?.(),
      settle: (call, outcome) => {
        this.#settled(call);
        if (outcome instanceof ImError) return reject(outcome);
        call.link?.answered();
        resolve(outcome);
      },
    });
    this.#calls.set(call.id, call);
    this.#sweep ??= setTimeout(() => this.#expire(), SWEEP_MS);
    this.#start(call);
    return method.response.decode(await promise);
  }

  /** Calls that have no answer yet. */
  get inFlight(): number {
    return this.#calls.size;
  }

  /** Calls `look` now and whenever a dbproxy comes or goes, until it answers true or the time is up. */
  until(look: () => boolean, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const check = () => look() && end();
      const end = () => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(look());
      };
      const timer = setTimeout(end, timeoutMs);
      this.#waiting.add(check);
      check();
    });
  }

  /** Why no call can be made; null: one can. */
  get trouble(): string | null {
    if (this.dbproxies.some(({ link }) => link)) return null;
    return this.dbproxies.some(({ withoutDatabase }) => withoutDatabase)
      ? "The database is away"
      : "No dbproxy is there";
  }

  /** Every call that is open fails. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
    this.#retries.forEach(clearTimeout);
    for (const call of [...this.#calls.values()]) call.settle(unavailable("The connection was closed"));
    for (const dbproxy of this.dbproxies) dbproxy.close();
  }

  #start(call: Call): void {
    const { method: { ordered }, options: { key } } = call;
    if (ordered && key !== undefined) this.#lanes.add(key, call);
    else this.#route(call);
  }

  #route(call: Call): void {
    const link = this.#closed ? undefined : this.#choose(call)?.link;
    if (link) link.send(call);
    else call.settle(unavailable(this.trouble ?? "The connection was closed"));
  }

  /** One that has lost the call already is chosen only when there is no other. */
  #choose({ options: { key = ++this.#anyKey }, lostBy }: Call): Dbproxy | undefined {
    const ready = this.dbproxies.filter(({ link }) => link);
    const fresh = lostBy.length === 0 ? ready : ready.filter(({ name }) => !lostBy.includes(name));
    return highest(key, fresh.length > 0 ? fresh : ready);
  }

  #lost({ calls, taken }: LostCalls, by: Dbproxy): void {
    const again = calls.filter((call) => {
      call.link = undefined;
      call.lostBy.push(by.name);
      if ((!taken || call.options.repeatable) && call.lostBy.length < MAX_LOSSES) return true;
      call.settle(unavailable("The connection to the dbproxy was lost"));
      return false;
    });
    // At once the first time, so that later calls do not overtake these; they go to others, by their keys.
    this.#again(again.filter(({ lostBy }) => lostBy.length === 1));
    const twice = again.filter(({ lostBy }) => lostBy.length > 1);
    if (twice.length === 0) return;
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      this.#again(twice);
    }, this.options.random() * MAX_JITTER_MS);
    this.#retries.add(timer);
  }

  #again(calls: readonly Call[]): void {
    for (const call of calls) {
      if (call.settled || call.link) continue;
      if (call.method.ordered && call.options.key !== undefined) this.#lanes.resume(call.options.key);
      else this.#route(call);
    }
  }

  #settled(call: Call): void {
    this.#calls.delete(call.id);
    if (call.method.ordered && call.options.key !== undefined) this.#lanes.remove(call.options.key, call);
  }

  #expire(): void {
    this.#sweep = undefined;
    for (const call of this.#calls.values()) {
      if (call.remainingMs > 0) break;
      const { link } = call;
      call.settle(unavailable("The dbproxy did not answer in time"));
      link?.forget(call);
      link?.timedOut();
    }
    if (this.#calls.size > 0) this.#sweep = setTimeout(() => this.#expire(), SWEEP_MS);
  }
}

function isRepeatable({ idempotent, unless }: Method, request: unknown): boolean {
  return idempotent && !(unless && (request as Record<string, unknown>)[unless]);
}
