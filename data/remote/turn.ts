import { clearImmediate, setImmediate } from "node:timers";

/** Runs an action at the end of this turn of the event loop, once, however often it is asked for. */
export class EndOfTurn {
  #planned?: ReturnType<typeof setImmediate>;

  constructor(private readonly action: () => void) {}

  plan(): void {
    this.#planned ??= setImmediate(() => {
      this.#planned = undefined;
      this.action();
    });
  }

  cancel(): void {
    if (this.#planned !== undefined) clearImmediate(this.#planned);
    this.#planned = undefined;
  }
}
