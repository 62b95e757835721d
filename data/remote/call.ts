import { ImError } from "../../wire/errors.ts";
import type { Method } from "./methods.ts";

/** What calls are sent by: a link to one dbproxy. */
export interface Carrier {
  /** It takes calls. */
  readonly ready: boolean;
  send(call: Call): void;
  /** Nobody waits for its answer any more. */
  forget(call: Call): void;
  /** One of its calls was answered, one ran out of time: too many of those, and it takes no more for a while. */
  answered(): void;
  timedOut(): void;
}

/** One call of a gateway, from its beginning to its one end, over as many dbproxies as it takes. */
export class Call {
  /** Where it was sent, while it is unanswered there. */
  link?: Carrier;
  /** The names of the dbproxies that lost it. */
  lostBy: string[] = [];
  settled = false;

  constructor(
    /** Unique in this process, so on each stream too. */
    readonly id: number,
    readonly method: Method,
    /** The encoded request. */
    readonly payload: Uint8Array,
    readonly options: {
      key?: number;
      /** It may be done twice. */
      repeatable: boolean;
      /** By the clock of `performance.now()`. */
      deadlineMs: number;
      traceparent?: string;
      /** Called once, with the encoded response or the error. */
      settle(call: Call, outcome: Uint8Array | ImError): void;
    },
  ) {}

  get remainingMs(): number {
    return Math.max(0, this.options.deadlineMs - performance.now());
  }

  settle(outcome: Uint8Array | ImError): void {
    if (this.settled) return;
    this.settled = true;
    this.options.settle(this, outcome);
  }
}

/** Calls whose answers will not come by this link. */
export interface LostCalls {
  /** In the order in which they were given to the link. */
  calls: Call[];
  /** The dbproxy may have done them. */
  taken: boolean;
}

const RETRY_MS = 1_000;

export function unavailable(why: string): ImError {
  return new ImError("unavailable", why, { retryAfterMs: RETRY_MS });
}

export function overloaded(): ImError {
  return new ImError("overloaded", undefined, { retryAfterMs: RETRY_MS });
}
