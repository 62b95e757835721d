import type { Call, Carrier } from "./call.ts";

interface Lane {
  /** The unsettled calls of a key in order; those that wait are the last. */
  calls: Set<Call>;
  /** Where the last one was sent. */
  link?: Carrier;
  waiting: boolean;
}

/**
 * Calls that must be begun in the order they were made, by their key. While a key has calls under way on one
 * link, its next ones go there too; when that link takes no more, they wait until it has answered, because on
 * another dbproxy they could overtake those before them.
 */
export class Lanes {
  #lanes = new Map<number, Lane>();

  /** `route` sends a call to a link, or settles it. */
  constructor(private readonly route: (call: Call) => void) {}

  add(key: number, call: Call): void {
    let lane = this.#lanes.get(key);
    if (!lane) this.#lanes.set(key, lane = { calls: new Set(), waiting: false });
    lane.calls.add(call);
    if (!lane.waiting && lane.link?.ready) lane.link.send(call);
    else this.#advance(lane);
  }

  /** A call of the key was settled. */
  remove(key: number, call: Call): void {
    const lane = this.#lanes.get(key);
    if (!lane?.calls.delete(call)) return;
    const [first] = lane.calls;
    if (!first) this.#lanes.delete(key);
    else if (lane.waiting && !first.link) this.#advance(lane);
  }

  /** Calls of the key were lost by their link, and may be sent again. */
  resume(key: number): void {
    const lane = this.#lanes.get(key);
    if (lane) this.#advance(lane);
  }

  #advance(lane: Lane): void {
    lane.waiting = false;
    let under: Carrier | undefined;
    // Settling changes the set.
    for (const call of [...lane.calls]) {
      if (call.settled) continue;
      if (!call.link) {
        if (under && !under.ready) {
          lane.waiting = true;
          break;
        }
        if (under) under.send(call);
        else this.route(call);
      }
      under = call.link ?? under;
    }
    lane.link = under;
  }
}
