import type { Bus } from "../../bus/bus.ts";
import type { Faults } from "./faults.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** One node's way to a Bus: events get lost, late and doubled on it, but keep the order of their channel. */
export class LossyBus implements Bus {
  /** Until then nothing is heard at all, as while a subscription is made again. */
  deafUntilMs = 0;
  #cut = false;

  constructor(
    private readonly bus: Bus,
    private readonly time: VirtualTime,
    private readonly faults: Faults,
  ) {}

  publish(...event: Parameters<Bus["publish"]>): void {
    if (!this.#cut) this.bus.publish(...event);
  }

  async subscribe(...[channel, listener]: Parameters<Bus["subscribe"]>): Promise<() => void> {
    const delayMs = this.faults.subscribeDelayMs();
    if (delayMs > 0) await this.time.delay(delayMs);
    let ended = false;
    let lastAt = 0;
    const release = await this.bus.subscribe(channel, (event) => {
      const { lost, delayMs, copies } = this.faults.hint();
      if (lost || this.time.nowMs < this.deafUntilMs) return;
      const at = Math.max(lastAt, this.time.nowMs + delayMs);
      lastAt = at;
      const hear = () => {
        for (let copy = 0; copy < copies && !ended && !this.#cut; copy++) listener(event);
      };
      if (at === this.time.nowMs) hear();
      else this.time.after(at - this.time.nowMs, hear);
    });
    return () => {
      ended = true;
      release();
    };
  }

  onGap(): () => void {
    // Nobody tells these nodes: the sweep must find it by itself.
    return () => {};
  }

  /** The node is dead: it neither hears nor says anything more. */
  close(): Promise<void> {
    this.#cut = true;
    return Promise.resolve();
  }
}
