const KEPT = 400;

/** What happened in a world, for people who look for the cause of a failure, and a hash of all of it. */
export class Trace {
  readonly #last: string[] = [];
  readonly #names = new Map<string, string>();
  readonly #beganMs: number;
  #hash = 0x811c9dc5;
  #count = 0;

  constructor(private readonly now: () => number) {
    this.#beganMs = now();
  }

  /** From now on an id is written by this name. */
  name(id: string, name: string): void {
    if (!this.#names.has(id)) this.#names.set(id, name);
  }

  nameOf(id: string): string {
    return this.#names.get(id) ?? id;
  }

  note(text: string): void {
    const line = `${((this.now() - this.#beganMs) / 1000).toFixed(3).padStart(8)} ${text}`;
    this.#count += 1;
    // FNV-1a.
    for (let i = 0; i < line.length; i++) {
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(i), 0x01000193);
    }
    this.#last.push(line);
    if (this.#last.length > KEPT) this.#last.shift();
  }

  /** The same for two runs in which the same happened. */
  get hash(): string {
    return `${this.#count}:${(this.#hash >>> 0).toString(16)}`;
  }

  /** The end of it. */
  get last(): string {
    return this.#last.join("\n");
  }
}
