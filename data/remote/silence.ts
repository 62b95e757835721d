export interface SilenceParts {
  /** Asks something that any dbproxy that works can answer, and calls when it has. */
  ask(answered: () => void): void;
  /** `resting` has changed. */
  changed(): void;
}

/** After so many calls that ran out of time one after the other, with no answer in between, no more are sent. */
const MAX_TIMEOUTS = 5;
const ASK_EVERY_MS = 1_000;

/**
 * The circuit breaker of a link: a dbproxy that takes calls and answers none would cost every call its whole time. It is
 * tried with questions of our own, and not with clients' calls, until it answers one.
 */
export class Silence {
  #timeouts = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly parts: SilenceParts) {}

  get resting(): boolean {
    return this.#timer !== undefined;
  }

  timedOut(): void {
    if (++this.#timeouts < MAX_TIMEOUTS || this.resting) return;
    this.#timer = setInterval(() => this.parts.ask(() => this.broken()), ASK_EVERY_MS);
    this.parts.changed();
  }

  /** There was an answer. */
  broken(): void {
    this.#timeouts = 0;
    if (!this.resting) return;
    this.close();
    this.parts.changed();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
