export interface AdmissionOptions {
  /** How many may come in a second, and twice that at once after a quiet time. 0: any number. */
  perSecond: number;
  /** A clock that never goes back, in milliseconds. */
  nowMs: () => number;
  /** In [0, 1). */
  random: () => number;
}

/** How many seconds' worth may come at once. */
const BURST_SECONDS = 2;
/** Nobody is asked to stay away for longer. */
const MAX_WAIT_MS = 60_000;
/** Who waits comes so much later than its slot at most, so that clients told together do not come together. */
const JITTER_MS = 250;

/**
 * Lets connections in at a rate (a token bucket). Each one above it is given a slot of its own to come back in,
 * one behind the other at the same rate. Nobody comes before its slot, so at every moment as many places have
 * come free as were promised: a herd of N is in after N / rate seconds, each refused once. Who comes unasked
 * may take a promised place; then the one who had it gets the next slot behind the others, and no place is lost.
 */
export class Admission {
  #options: AdmissionOptions;
  /** Places free now; a fraction is the part of the next one that has come. */
  #places: number;
  #countedMs: number;
  /** When the last slot is that was given. */
  #lastSlotMs = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#places = options.perSecond * BURST_SECONDS;
    this.#countedMs = options.nowMs();
  }

  /** 0: come in. Else milliseconds, at most a minute: come back after that. */
  admit(): number {
    const { perSecond } = this.#options;
    if (perSecond === 0) return 0;
    const nowMs = this.#options.nowMs();
    const come = (nowMs - this.#countedMs) * perSecond / 1000;
    this.#places = Math.min(perSecond * BURST_SECONDS, this.#places + come);
    this.#countedMs = nowMs;
    if (this.#places < 1) return Math.min(Math.ceil(this.#waitMs(nowMs)), MAX_WAIT_MS);
    this.#places -= 1;
    return 0;
  }

  #waitMs(nowMs: number): number {
    const { perSecond, random } = this.#options;
    const freeMs = nowMs - this.#places * 1000 / perSecond;
    const slotMs = Math.max(this.#lastSlotMs, freeMs) + 1000 / perSecond;
    // Beyond a minute nothing is promised: those come spread over the last quarter of it and ask again.
    if (slotMs > nowMs + MAX_WAIT_MS) return MAX_WAIT_MS * (1 - random() / 4);
    this.#lastSlotMs = slotMs;
    return slotMs - nowMs + random() * JITTER_MS;
  }
}
