/**
 * Numbers for whoever watches the server, in the Prometheus text format 0.0.4
 * (prometheus.io/docs/instrumenting/exposition_formats). While nobody asks, a counter costs an addition; what a part
 * counts for itself anyway is read when somebody does.
 */

type Labels = Readonly<Record<string, string>>;
/** One number, or one for each set of labels. */
export type Reading = number | readonly (readonly [labels: Labels, value: number])[];

/** Sets of labels a metric may have; what comes above is counted together, under `other` (P6). */
const MAX_SERIES = 100;
const NAME = /^[a-z][a-z0-9_]*$/;

export class Metrics {
  #metrics = new Map<string, { type: string; help: string; lines: () => string[] }>();
  #readings = new Map<string, () => Reading>();
  #histograms = new Map<string, Histogram>();

  #gauges = new Map<string, Gauges>();

  /** Counts up. The name ends in `_total`, or with its unit and that. */
  counter(name: string, help: string): Counter {
    const counter = new Counter();
    this.counterOf(name, help, () => counter.value);
    return counter;
  }

  /** Counters of one name, told apart by the values of one label. */
  counters(name: string, help: string, label: string): Counters {
    const counters = new Counters(label);
    this.counterOf(name, help, () => counters.read());
    return counters;
  }

  /** A count that somebody else keeps. */
  counterOf(name: string, help: string, read: () => Reading): void {
    if (!name.endsWith("_total")) throw new Error(`${name}: a counter's name ends in _total`);
    this.#add(name, "counter", help, () => toLines(name, read()));
    this.#readings.set(name, read);
  }

  /** What is, asked for when somebody wants to know. */
  gauge(name: string, help: string, read: () => Reading): void {
    this.#add(name, "gauge", help, () => toLines(name, read()));
    this.#readings.set(name, read);
  }

  /** Gauges of one name, told apart by the values of one label; several parts may each have theirs. */
  gauges(name: string, help: string, label: string): Gauges {
    let gauges = this.#gauges.get(name);
    if (!gauges) {
      this.#gauges.set(name, gauges = new Gauges(label));
      this.gauge(name, help, () => gauges!.read());
    }
    return gauges;
  }

  /** How often which sizes come; `bounds` rise, and what is above the last one counts too. */
  histogram(name: string, help: string, bounds: readonly number[]): Histogram {
    const histogram = new Histogram(bounds);
    this.#add(name, "histogram", help, () => histogram.lines(name));
    this.#histograms.set(name, histogram);
    return histogram;
  }

  /** Histograms of one name and the same bounds, told apart by the values of one label. */
  histograms(name: string, help: string, label: string, bounds: readonly number[]): Histograms {
    const histograms = new Histograms(label, bounds);
    this.#add(name, "histogram", help, () => histograms.lines(name));
    return histograms;
  }

  /** What a counter or a gauge says now; undefined where there is none of that name, or it cannot be read. */
  reading(name: string): Reading | undefined {
    try {
      return this.#readings.get(name)?.();
    } catch {
      return undefined;
    }
  }

  /** A histogram without labels. */
  histogramOf(name: string): Pick<Histogram, "bounds" | "counts"> | undefined {
    return this.#histograms.get(name);
  }

  /** All of them. One that cannot be read is left out: the others are wanted all the more then. */
  text(): string {
    const lines: string[] = [];
    for (const [name, { type, help, lines: read }] of this.#metrics) {
      try {
        const samples = read();
        lines.push(`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...samples);
      } catch {
        continue;
      }
    }
    return lines.join("\n") + "\n";
  }

  #add(name: string, type: string, help: string, lines: () => string[]): void {
    if (!NAME.test(name) || this.#metrics.has(name)) throw new Error(`${name} is no new name of a metric`);
    this.#metrics.set(name, { type, help, lines });
  }
}

export class Counter {
  value = 0;

  add(count = 1): void {
    this.value += count;
  }
}

export class Counters {
  #byValue = new Map<string, Counter>();

  constructor(private readonly label: string) {}

  /** Of this value of the label; keep it where it is used often. */
  of(value: string): Counter {
    let counter = this.#byValue.get(value);
    if (!counter) {
      if (this.#byValue.size >= MAX_SERIES && value !== "other") return this.of("other");
      this.#byValue.set(value, counter = new Counter());
    }
    return counter;
  }

  read(): Reading {
    return [...this.#byValue].map(([value, counter]) => [{ [this.label]: value }, counter.value] as const);
  }
}

export class Gauges {
  #byValue = new Map<string, () => number>();

  constructor(private readonly label: string) {}

  /** What this value of the label is asked by. */
  of(value: string, read: () => number): void {
    this.#byValue.set(value, read);
  }

  read(): Reading {
    return [...this.#byValue].map(([value, read]) => [{ [this.label]: value }, read()] as const);
  }
}

export class Histogram {
  readonly bounds: readonly number[];
  #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    if (bounds.some((bound, i) => i > 0 && bound <= bounds[i - 1])) throw new Error("bounds must rise");
    this.bounds = bounds;
    this.#counts = Array(bounds.length + 1).fill(0);
  }

  /** One for each bound, of what lies between it and the one before; and the last of what is above them all. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.bounds.length && value > this.bounds[i]) i++;
    this.#counts[i]++;
    this.#sum += value;
  }

  lines(name: string, labels: Labels = {}): string[] {
    let below = 0;
    const buckets = [...this.bounds, Infinity].map((bound, i) => {
      below += this.#counts[i];
      return line(`${name}_bucket`, { ...labels, le: format(bound) }, below);
    });
    return [...buckets, line(`${name}_sum`, labels, this.#sum), line(`${name}_count`, labels, below)];
  }
}

export class Histograms {
  #byValue = new Map<string, Histogram>();

  constructor(private readonly label: string, private readonly bounds: readonly number[]) {}

  /** Of this value of the label; keep it where it is used often. */
  of(value: string): Histogram {
    let histogram = this.#byValue.get(value);
    if (!histogram) {
      if (this.#byValue.size >= MAX_SERIES && value !== "other") return this.of("other");
      this.#byValue.set(value, histogram = new Histogram(this.bounds));
    }
    return histogram;
  }

  lines(name: string): string[] {
    return [...this.#byValue].flatMap(([value, histogram]) => histogram.lines(name, { [this.label]: value }));
  }
}

function toLines(name: string, reading: Reading): string[] {
  if (typeof reading === "number") return [line(name, {}, reading)];
  return reading.slice(0, MAX_SERIES + 1).map(([labels, value]) => line(name, labels, value));
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) =>
    `${key}="${escaped(text).replaceAll('"', '\\"')}"`
  );
  return `${name}${pairs.length > 0 ? `{${pairs}}` : ""} ${format(value)}`;
}

const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

function format(value: number): string {
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : value < 0 ? "-Inf" : "NaN";
}
