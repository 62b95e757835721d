import type { Counter, Counters, Histogram, Metrics } from "../kit/metrics.ts";
import {
  type CloseCode,
  ImError,
  LIMIT_CLASSES,
  limitClassOf,
  type OperationName,
  operations,
} from "../wire/mod.ts";
import type { Dispatch } from "./dispatch.ts";

/** From half a millisecond to ten seconds. */
export const LATENCIES_S = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Why a connection ended: by our close code, or because nothing was heard from the peer. */
type End = CloseCode | "no_pulse";

/** What the gateway counts. */
export class GatewayNumbers {
  readonly #acks: Counter;
  readonly #ackSeconds: Histogram;
  readonly #errors: Counters;
  readonly #ends: Counters;
  readonly #seconds = new Map<string, Histogram>();
  /** Upgrades that came above the rate. */
  readonly turnedAway: Counter;
  /** Times that a reader fell behind and live pushes to it were left out. */
  readonly fellBehind: Counter;

  constructor(metrics: Metrics) {
    this.#acks = metrics.counter("imserver_acks_total", "Sends that were answered: they are stored.");
    this.#ackSeconds = metrics.histogram(
      "imserver_ack_seconds",
      "From a send's arrival to its answer.",
      LATENCIES_S,
    );
    const seconds = metrics.histograms(
      "imserver_operation_seconds",
      "How long operations took that succeeded, by the class of their rate limit.",
      "class",
      LATENCIES_S,
    );
    const byClass = Object.fromEntries(LIMIT_CLASSES.map((limit) => [limit, seconds.of(limit)]));
    for (const [name, operation] of Object.entries(operations)) {
      this.#seconds.set(name, byClass[limitClassOf(name, operation)]);
    }
    this.#errors = metrics.counters("imserver_errors_total", "Operations that failed, by code.", "code");
    this.#errors.of("internal");
    this.#ends = metrics.counters(
      "imserver_sockets_ended_total",
      "WebSockets that this side ended, and why.",
      "because",
    );
    this.#ends.of("slow_consumer");
    this.turnedAway = metrics.counter(
      "imserver_connects_refused_total",
      "WebSockets that came above the rate and were told when to come back.",
    );
    this.fellBehind = metrics.counter(
      "imserver_fell_behind_total",
      "Times that a slow reader got no more live pushes and was told to sync later.",
    );
  }

  ended(because: End): void {
    this.#ends.of(because).add();
  }

  /** Measures each operation, whichever door it came by. */
  observed(dispatch: Dispatch): Dispatch {
    return (name, ...rest) => {
      const begunMs = performance.now();
      return dispatch(name, ...rest).then((output) => {
        const seconds = (performance.now() - begunMs) / 1000;
        this.#seconds.get(name)!.observe(seconds);
        if (name === "message.send" satisfies OperationName) {
          this.#acks.add();
          this.#ackSeconds.observe(seconds);
        }
        return output;
      }, (error) => {
        this.#errors.of(error instanceof ImError ? error.code : "internal").add();
        throw error;
      });
    };
  }
}
