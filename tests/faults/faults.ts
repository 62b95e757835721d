import type { Random } from "./random.ts";

/** What goes wrong by itself, and how often. What is done to a world on purpose is in workload.ts. */
export class Faults {
  /** Off: from now on everything is fast and whole. */
  on = true;

  constructor(private readonly random: Random) {}

  /** Mostly a few milliseconds, and now and then seconds. */
  frameDelayMs(): number {
    if (!this.on) return 1;
    const { random } = this;
    return random.chance(0.03) ? random.int(200, 4_000) : random.int(1, 40);
  }

  /** How often a frame arrives. */
  copies(): number {
    return this.on && this.random.chance(0.03) ? 2 : 1;
  }

  /** How long an answer of the database takes, in milliseconds; 0 most of the time. */
  queryDelayMs(): number {
    const { random } = this;
    if (!this.on || !random.chance(0.3)) return 0;
    return random.chance(0.1) ? random.int(50, 400) : random.int(1, 10);
  }

  queryFails(): boolean {
    return this.on && this.random.chance(0.02);
  }

  /** Milliseconds between the work and the COMMIT, or between the COMMIT and the word of it. */
  commitDelayMs(): number {
    return this.on ? this.random.int(0, 8) : 0;
  }

  /** The database fails a transaction: before it was begun, or after it was committed. */
  commitFailure(): "before" | "after" | null {
    if (!this.on || !this.random.chance(0.01)) return null;
    return this.random.chance(0.5) ? "before" : "after";
  }

  /** After how long an end learns that the other died; null: not until it asks by itself. */
  noticeMs(): number | null {
    return this.random.chance(0.3) ? null : this.random.int(1, 50);
  }

  /** What becomes of one event on its way to one subscriber of the Bus. */
  hint(): { lost: boolean; delayMs: number; copies: number } {
    const { random } = this;
    if (!this.on) return { lost: false, delayMs: 0, copies: 1 };
    const delayMs = random.chance(0.2) ? random.int(1, random.chance(0.1) ? 3_000 : 100) : 0;
    return { lost: random.chance(0.08), delayMs, copies: random.chance(0.03) ? 2 : 1 };
  }

  subscribeDelayMs(): number {
    return this.on ? this.random.int(0, 20) : 0;
  }
}
