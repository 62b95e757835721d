/**
 * `deno task test`: everything there is to check, in order, counted at the end. `deno task test NAME…` runs
 * only the steps of those names. A single group is also a task of its own (`deno task test:e2e`).
 */
import { fetchHelm } from "./helm.ts";

interface Step {
  name: string;
  /** Arguments for deno. */
  args: string[];
  /** A group of tests, whose summary is counted; other steps count as one. */
  tests?: boolean;
  /** The folder or file that the step is about; without it there is nothing to do. */
  about?: string;
  /** Left out unless named, because another step covers it. */
  onlyByName?: boolean;
  /** Waits for nobody: what fails once has failed. Other steps start real servers. */
  steady?: boolean;
  /** Rows run beside each other, from when the program is built: much of the time a step waits for what it has killed. */
  row?: "grounds" | "kills";
}

const group = (name: string, about: string): Step => ({
  name,
  about,
  tests: true,
  args: ["task", `test:${name}`],
});

const steps: Step[] = [
  { name: "fmt", args: ["fmt", "--check"] },
  { name: "lint", args: ["lint"] },
  { name: "check", args: ["check", "."] },
  { name: "proto", args: ["task", "proto", "--check"], onlyByName: true },
  { name: "web", args: ["task", "web"] },
  { name: "compile", args: ["task", "compile"] },
  { ...group("tidy", "tests/tidy_test.ts"), steady: true },
  { ...group("unit", "."), steady: true, row: "grounds" },
  { ...group("tasks", "tasks"), row: "kills" },
  { ...group("contract", "tests/contract"), steady: true },
  group("e2e", "tests/e2e"),
  { ...group("authorisation", "tests/authorisation"), row: "kills" },
  { ...group("attacks", "tests/attacks"), row: "kills" },
  { ...group("sdk", "tests/sdk"), row: "kills" },
  { ...group("deploy", "tests/deploy"), row: "kills" },
  group("browser", "tests/browser"),
  ...["cluster", "redis-cluster", "replica"].map((ground): Step => ({
    name: `on-${ground}`,
    about: "tests/cluster",
    tests: true,
    args: ["task", "test:on", ground, "--what-differs"],
    row: "grounds",
  })),
  { ...group("cluster", "tests/cluster"), row: "kills" },
  { ...group("faults", "tests/faults"), row: "grounds" },
];

/** A program that some steps need and that Deno cannot fetch. */
interface Requirement {
  name: string;
  neededBy: string[];
  /** Where it may be; the first that exists is used. */
  paths: string[];
  /** The variable that names it, for us to read and for the tests to find. */
  variable: string;
  /** Debian's packages. */
  packages: string[];
  /** Where no package has it: brings it and answers where it is. */
  fetch?: () => Promise<string | undefined>;
}

const CLUSTER_STEPS = ["on-cluster", "on-redis-cluster", "on-replica", "cluster"];

const requirements: Requirement[] = [{
  name: "Chromium",
  neededBy: ["browser", "sdk"],
  paths: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  variable: "IMSERVER_CHROMIUM",
  packages: ["chromium", "fonts-noto-cjk"],
}, {
  name: "MariaDB",
  neededBy: ["contract", ...CLUSTER_STEPS],
  paths: ["/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd"],
  variable: "IMSERVER_MARIADBD",
  packages: ["mariadb-server"],
}, {
  name: "MariaDB's Spider engine",
  neededBy: ["cluster"],
  paths: ["/usr/lib/mysql/plugin/ha_spider.so"],
  variable: "IMSERVER_SPIDER",
  packages: ["mariadb-plugin-spider"],
}, {
  name: "Redis",
  neededBy: ["contract", "faults", ...CLUSTER_STEPS],
  paths: ["/usr/bin/redis-server", "/usr/local/bin/redis-server"],
  variable: "IMSERVER_REDIS_SERVER",
  packages: ["redis-server"],
}, {
  name: "nginx",
  neededBy: CLUSTER_STEPS,
  paths: ["/usr/sbin/nginx", "/usr/local/sbin/nginx"],
  variable: "IMSERVER_NGINX",
  packages: ["nginx-light"],
}, {
  name: "openssl",
  neededBy: ["unit", "contract", "attacks", "faults", ...CLUSTER_STEPS],
  paths: ["/usr/bin/openssl", "/usr/local/bin/openssl"],
  variable: "IMSERVER_OPENSSL",
  packages: ["openssl"],
}, {
  name: "promtool",
  neededBy: ["tasks"],
  paths: ["/usr/bin/promtool", "/usr/local/bin/promtool"],
  variable: "IMSERVER_PROMTOOL",
  packages: ["prometheus"],
}, {
  name: "curl",
  neededBy: ["deploy"],
  paths: ["/usr/bin/curl"],
  variable: "IMSERVER_CURL",
  packages: ["curl"],
}, {
  name: "systemd-analyze",
  neededBy: ["deploy"],
  paths: ["/usr/bin/systemd-analyze", "/bin/systemd-analyze"],
  variable: "IMSERVER_SYSTEMD_ANALYZE",
  packages: ["systemd"],
}, {
  name: "helm",
  neededBy: ["deploy"],
  paths: ["/usr/bin/helm", "/usr/local/bin/helm"],
  variable: "IMSERVER_HELM",
  packages: [],
  fetch: fetchHelm,
}];

/** Nothing here takes so long: a step that does is stuck, and must not hold up the whole run. */
const stepTimeoutMs = 20 * 60_000;

interface Outcome {
  name: string;
  passed: number;
  /** Failed at first and passed alone. */
  unsteady: number;
  failed: number;
  ignored: number;
  seconds: number;
  /** The names of the tests that failed, and all that `deno test` says of them at the end. */
  failures: string[];
  reasons: string;
}

/** More than this that fail in one step are no accident: they are not run again. */
const MAX_AGAIN = 5;

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  try {
    const chosen = choose(Deno.args);
    const env = await provide(chosen);
    Deno.exit(report(await runAll(chosen, env)) ? 0 : 1);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}

function choose(names: string[]): Step[] {
  const unknown = names.find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no step "${unknown}": ${steps.map(({ name }) => name).join(", ")}.`);
  }
  return steps.filter(({ name, about, onlyByName }) =>
    (names.length === 0 ? !onlyByName : names.includes(name)) && (about === undefined || exists(about))
  );
}

/** Finds or installs what the steps need and answers the variables that name it. */
async function provide(chosen: Step[]): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const requirement of requirements) {
    const { name, neededBy, paths, variable, packages, fetch } = requirement;
    if (!chosen.some((step) => neededBy.includes(step.name))) continue;
    const find = () => [Deno.env.get(variable) ?? "", ...paths].find(exists);
    const found = find() ?? await (fetch ? fetch() : install(packages).then(find));
    if (found === undefined) {
      const remedy = fetch ? "install it" : `run \`apt-get install ${packages.join(" ")}\` as root`;
      throw new Error(`${name} is missing: ${remedy}, or name it in ${variable}.`);
    }
    env[variable] = found;
  }
  return env;
}

/** Only root can, and only where there is apt; otherwise nothing happens. */
async function install(packages: string[]): Promise<void> {
  if (Deno.uid() !== 0 || !exists("/usr/bin/apt-get")) return;
  console.log(`Installing ${packages.join(", ")} …`);
  using _ = startNoServices();
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["-qq", "update"], ["-qq", "install", "-y", "--no-install-recommends", ...packages]]) {
    const command = new Deno.Command("apt-get", {
      args,
      env,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    });
    const { success, stderr } = await command.output();
    if (!success) console.error(new TextDecoder().decode(stderr));
  }
}

/** Debian starts a server when it installs one; the tests start their own, and this one's ports are not ours to take. */
function startNoServices(): Disposable {
  const policy = "/usr/sbin/policy-rc.d";
  if (exists(policy)) return { [Symbol.dispose]: () => {} };
  Deno.writeTextFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  return { [Symbol.dispose]: () => Deno.removeSync(policy) };
}

/** Each row one after the other, and the rows beside each other; the outcomes in the order of the steps. */
async function runAll(chosen: Step[], env: Record<string, string>): Promise<Outcome[]> {
  const outcomes = new Map<Step, Outcome>();
  const inOrder = async (row: Step[], show: Show) => {
    for (const step of row) outcomes.set(step, await run(step, env, show));
  };
  const built = chosen.findLastIndex(({ name }) => name === "web" || name === "compile") + 1;
  await inOrder(chosen.slice(0, built), write);
  const rows = Map.groupBy(chosen.slice(built), ({ row }) => row);
  // Where nothing else runs, there is no need to hold back what it says.
  const show = (row?: string) => row === undefined || rows.size === 1 ? write : showWhole();
  await Promise.all([...rows].map(([row, steps]) => inOrder(steps, show(row))));
  for (const step of chosen) outcomes.set(step, await runAgain(step, outcomes.get(step)!, env));
  return chosen.map((step) => outcomes.get(step)!);
}

/**
 * What failed while other steps ran beside it, once more and alone: real servers on a busy machine sometimes
 * need longer than any test waits. Only what fails twice has failed; the other is named at the end all the same.
 */
async function runAgain(step: Step, first: Outcome, env: Record<string, string>): Promise<Outcome> {
  const { failed, failures } = first;
  if (step.steady || failed === 0 || failed !== failures.length || failed > MAX_AGAIN) return first;
  const names = failures.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  const args = [...step.args, `--filter=/^(?:${names.join("|")})$/`];
  const second = await run({ ...step, name: `${step.name}, again`, args }, env, write);
  return {
    ...first,
    passed: first.passed + second.passed,
    unsteady: second.passed,
    failed: Math.max(failed - second.passed, second.failed),
    seconds: first.seconds + second.seconds,
  };
}

/** Takes the output of steps, one after the other, piece by piece; an empty piece is a step's end. */
type Show = (piece: Uint8Array) => Promise<void> | void;

async function write(piece: Uint8Array): Promise<void> {
  for (let written = 0; written < piece.length;) written += await Deno.stdout.write(piece.subarray(written));
}

/** Shows all of a step at its end, so that two that run at once do not write into each other's lines. */
function showWhole(): Show {
  let pieces: Uint8Array[] = [];
  return async (piece) => {
    if (piece.length > 0) return void pieces.push(piece);
    const whole = pieces;
    pieces = [];
    for (const one of whole) await write(one);
  };
}

async function run(step: Step, env: Record<string, string>, show: Show): Promise<Outcome> {
  await show(new TextEncoder().encode(`\n── ${step.name}\n`));
  const started = performance.now();
  const options = { args: step.args, env, stdin: "null", stdout: "piped" } as const;
  const child = new Deno.Command(Deno.execPath(), options).spawn();
  const output = child.stdout.getReader();
  // `deno task` passes SIGTERM on to what it runs. What ignores even that keeps the pipe open: no more reading.
  const timers = [
    setTimeout(() => child.kill("SIGTERM"), stepTimeoutMs),
    setTimeout(() => (child.kill("SIGKILL"), output.cancel()), stepTimeoutMs + 10_000),
  ];
  const text = await copy(output, show);
  const { success } = await child.status;
  timers.forEach(clearTimeout);
  const tookMs = performance.now() - started;
  if (tookMs > stepTimeoutMs) {
    console.error(`${step.name} was stopped after ${stepTimeoutMs / 60_000} minutes`);
  }
  const counts = step.tests ? countTests(text, success) : count(success);
  const { failures, reasons } = counts.failed > 0 ? whatFailed(text) : { failures: [], reasons: "" };
  return { name: step.name, ...counts, unsteady: 0, seconds: tookMs / 1000, failures, reasons };
}

async function copy(
  output: ReadableStreamDefaultReader<Uint8Array>,
  show: Show,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for (let { value: chunk } = await output.read(); chunk; { value: chunk } = await output.read()) {
    await show(chunk);
    // The summary is at the end; the rest is not kept.
    text = (text + decoder.decode(chunk, { stream: true })).slice(-100_000);
  }
  await show(new Uint8Array());
  return text;
}

function count(success: boolean, ignored = 0) {
  return { passed: success ? 1 : 0, failed: success ? 0 : 1, ignored };
}

/**
 * Reads what `deno test` counted from the last summary line. Its JUnit file would be no better: it counts
 * steps as tests and leaves out a module that throws while it loads.
 */
export function countTests(text: string, success: boolean) {
  const plain = withoutColours(text);
  const summary = /^(?:ok|FAILED) \| (\d+) passed(?: \([^)]*\))? \| (\d+) failed(?: \([^)]*\))?(.*)$/gm;
  const last = [...plain.matchAll(summary)].at(-1);
  if (last === undefined) return count(false);
  const ignored = Number(/\| (\d+) ignored/.exec(last[3])?.[1] ?? 0);
  const failed = Number(last[2]);
  // A run may fail with no failed test: a leak found after the last one, a crash on the way out.
  return { passed: Number(last[1]), failed: success ? failed : Math.max(failed, 1), ignored };
}

/** The tests that `deno test` names as failed, and what it says of each; of another program its last lines. */
export function whatFailed(text: string): { failures: string[]; reasons: string } {
  const plain = withoutColours(text);
  const [errors, names] = [" ERRORS ", " FAILURES "].map((title) => plain.lastIndexOf(`\n${title}`));
  if (errors < 0 || names < errors) return { failures: [], reasons: plain.slice(-2_000) };
  const failures = [...plain.slice(names).matchAll(/^(.+?) => \S+:\d+:\d+$/gm)].map(([, name]) => name);
  // A step of a test is run with its test.
  const tests = new Set(failures.map((name) => name.split(" ... ")[0]));
  return { failures: [...tests], reasons: plain.slice(errors, names).slice(0, 8_000) };
}

function withoutColours(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replaceAll(/\x1b\[[0-9;]*m/g, "");
}

/** Prints what failed, the table and, as the last line, the sum. Answers whether all is well. */
function report(outcomes: Outcome[]): boolean {
  for (const { name, failed, unsteady, reasons } of outcomes) {
    if (failed > 0) console.log(`\n── ${name} failed${reasons}`);
    else if (unsteady > 0) console.log(`\n── ${name} failed at first, and passed alone${reasons}`);
  }
  const titles = ["passed", "unsteady", "failed", "ignored", "time"];
  console.log(`\n${"".padEnd(16)}${titles.map((word) => word.padStart(9)).join("")}`);
  for (const { name, passed, unsteady, failed, ignored, seconds } of outcomes) {
    const cells = [passed, unsteady, failed, ignored, `${seconds.toFixed(1)} s`];
    console.log(name.padEnd(16) + cells.map((cell) => String(cell).padStart(9)).join(""));
  }
  const sum = (key: "passed" | "failed") => outcomes.reduce((total, outcome) => total + outcome[key], 0);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
  return sum("failed") === 0 && sum("passed") > 0;
}

function exists(path: string): boolean {
  try {
    return path !== "" && Deno.statSync(path) !== undefined;
  } catch {
    return false;
  }
}
