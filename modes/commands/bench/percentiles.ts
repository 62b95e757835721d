/** Times by their share, within 2 %, in memory that does not grow with their number. */
export class Percentiles {
  static #growth = Math.log(1.02);
  /** The shortest that is told from others, in milliseconds. */
  static #least = 0.01;
  #counts = new Map<number, number>();
  #total = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.floor(Math.log(Math.max(ms, Percentiles.#least)) / Percentiles.#growth);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#total++;
    this.#max = Math.max(this.#max, ms);
  }

  get count(): number {
    return this.#total;
  }

  get max(): number {
    return this.#max;
  }

  /** Milliseconds within which this share (0.99) was done; 0 where nothing was. */
  at(share: number): number {
    let left = Math.ceil(share * this.#total);
    if (left === 0) return 0;
    for (const bucket of [...this.#counts.keys()].sort((a, b) => a - b)) {
      left -= this.#counts.get(bucket)!;
      if (left <= 0) return Math.min(Math.exp((bucket + 0.5) * Percentiles.#growth), this.#max);
    }
    return this.#max;
  }
}
