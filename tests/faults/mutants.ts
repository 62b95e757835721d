import { join } from "node:path";
import { ROOT } from "../support/server.ts";
import type { Bug } from "./bugs.ts";

/** What a run of the checker needs, and no more. */
const PARTS = [
  "auth",
  "bus",
  "chat",
  "data",
  "gateway",
  "kit",
  "media",
  "migrations",
  "proto/gen",
  "sdk",
  "wire",
  "tests/faults",
  "deno.json",
  "deno.lock",
];

/** A copy of the source that may have bugs. */
export class Mutants implements Disposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "imserver-bugs-" });

  constructor() {
    for (const part of PARTS) copy(join(ROOT, part), join(this.#folder, part));
  }

  /**
   * Runs the checker with a bug, or without one, from each of these seeds on so many times, to the first that
   * finds the promise broken that the bug is said to break. Answers what it found, null for nothing. Throws if the bug cannot be made any more.
   */
  async run(
    bug: Bug | null,
    ranges: readonly (readonly [from: number, count: number])[],
  ): Promise<Found | null> {
    const before = new Map<string, string>();
    try {
      for (const { file, find, replace } of bug?.patches ?? []) {
        const path = join(this.#folder, file);
        const text = Deno.readTextFileSync(path);
        if (text.split(find).length !== 2) {
          throw new Error(`tests/faults/bugs.ts is out of date: ${file} does not have once: ${find}`);
        }
        if (!before.has(path)) before.set(path, text);
        Deno.writeTextFileSync(path, text.replace(find, () => replace));
      }
      return await this.#check(bug?.promise ?? "P", ranges);
    } finally {
      for (const [path, text] of before) Deno.writeTextFileSync(path, text);
    }
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }

  async #check(promise: string, ranges: readonly (readonly [number, number])[]): Promise<Found | null> {
    const args = ["run", "--no-check", "--cached-only", "--allow-read", "--allow-env"];
    const options = {
      args: [...args, "tests/faults/run.ts", `--first=${promise}`, ...ranges.flat().map(String)],
    };
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      ...options,
      cwd: this.#folder,
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout);
    const [, json] = /^result (.*)$/m.exec(text) ?? [];
    if (json === undefined) throw new Error(`The checker did not run: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(json);
  }
}

export interface Found {
  seed: number;
  broken: string[];
}

function copy(from: string, to: string): void {
  if (Deno.statSync(from).isFile) {
    Deno.mkdirSync(join(to, ".."), { recursive: true });
    return Deno.copyFileSync(from, to);
  }
  for (const { name } of Deno.readDirSync(from)) copy(join(from, name), join(to, name));
}
