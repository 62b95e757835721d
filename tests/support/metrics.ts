/** What a process says of itself on `/metrics`, and what docs/operations.md says that it does. */

/** Name → type and labels of one metric. */
export type Kinds = Map<string, { type: string; labels: string[] }>;

export interface Scraped {
  kinds: Kinds;
  /** The value of one series, as it is written: `a{b="c"}`. NaN where there is none. */
  value(series: string): number;
}

export async function scrape(opsUrl: string): Promise<Scraped> {
  const answer = await fetch(`${opsUrl}/metrics`);
  if (answer.status !== 200) throw new Error(`/metrics answers ${answer.status}`);
  return parse(await answer.text());
}

/** Reads the text format strictly: a line that is none of it is an error. */
export function parse(text: string): Scraped {
  const kinds: Kinds = new Map();
  const values = new Map<string, number>();
  for (const line of text.trimEnd().split("\n")) {
    if (/^# HELP [a-z0-9_]+ .+$/.test(line)) continue;
    const typed = /^# TYPE ([a-z0-9_]+) (counter|gauge|histogram)$/.exec(line);
    if (typed) {
      kinds.set(typed[1], { type: typed[2], labels: [] });
      continue;
    }
    const sample = /^(([a-z0-9_]+)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})?) (\S+)$/.exec(line);
    if (!sample) throw new Error(`not a line of metrics: ${line}`);
    const [, series, name, pairs = "", value] = sample;
    const kind = kinds.get(name) ?? kinds.get(name.replace(/_(bucket|sum|count)$/, ""));
    if (!kind) throw new Error(`a value without a type: ${line}`);
    const labels = [...pairs.matchAll(/([a-z_]+)="/g)].map(([, label]) => label).filter((l) => l !== "le");
    kind.labels = [...new Set([...kind.labels, ...labels])];
    values.set(series, value === "+Inf" ? Infinity : Number(value));
  }
  return { kinds, value: (series) => values.get(series) ?? NaN };
}

export interface Documented {
  type: string;
  labels: string[];
  where: string;
}

/** The table in docs/operations.md. */
export function documentedMetrics(): Map<string, Documented> {
  const text = Deno.readTextFileSync(new URL("../../docs/operations.md", import.meta.url));
  const section = /\n## Metrics\n([^]*?)\n## /.exec(text)![1];
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return new Map(rows.map((row) => {
    const [, name, type, labels, where] = row.split("|").map((cell) => cell.trim());
    const names = [...labels.matchAll(/`([a-z_]+)`/g)].map(([, label]) => label);
    return [name.replaceAll("`", ""), { type, labels: names, where }];
  }));
}
