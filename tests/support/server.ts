import { join } from "node:path";
import { freePort } from "./processes.ts";
import { permissions } from "../../tasks/permissions.ts";

/**
 * A real server process: from source, from dist/imserver, or from a checkout in `cwd` by the README's own
 * command.
 */
export interface Server {
  url: string;
  opsUrl: string;
  pid: number;
  /** Everything it printed so far, and what of it went to either stream. */
  output(): string;
  stdout(): string;
  stderr(): string;
  /** How it ended. */
  ended: Promise<Deno.CommandStatus>;
  /** Sends the signal and waits for the end. */
  stop(signal?: Deno.Signal): Promise<{ code: number; signal: Deno.Signal | null; tookMs: number }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export { freePort };

export type Flavour = "source" | "dist" | "checkout";

export const ROOT = new URL("../../", import.meta.url).pathname;

export interface StartOptions {
  dataDir: string;
  flavour?: Flavour;
  args?: string[];
  /** The whole environment of the process; the flavour `dist` runs with nothing else. */
  env?: Record<string, string>;
  cwd?: string;
  /** Where an earlier server listened, for one that takes its place. */
  port?: number;
  opsPort?: number;
}

/** The command line of a flavour. */
export function commandOf(flavour: Flavour): string[] {
  if (flavour === "dist") return [Deno.env.get("IMSERVER_TEST_BINARY") ?? join(ROOT, "dist/imserver")];
  if (flavour === "checkout") return [Deno.execPath(), "task", "start"];
  return [Deno.execPath(), "run", ...permissions, join(ROOT, "main.ts")];
}

/**
 * Starts a server on free ports and waits for the line that says ready. Where IMSERVER_TEST_ON names a ground
 * (tests/support/cluster.ts), it is a whole cluster, which looks the same to clients.
 */
export async function startServer(options: StartOptions): Promise<Server> {
  const ground = Deno.env.get("IMSERVER_TEST_ON");
  if (!ground) return await startProcess(options);
  const { startAsServer } = await import("./cluster_server.ts");
  return await startAsServer(ground, options);
}

/** One process. */
export async function startProcess(options: StartOptions): Promise<Server> {
  const { server, ready } = spawnServer(options);
  const slow = Promise.withResolvers<void>();
  const timer = setTimeout(() => slow.reject(new Error("not ready after 3 minutes")), 180_000);
  try {
    await Promise.race([ready, slow.promise]);
  } catch (error) {
    await server.stop("SIGKILL");
    throw new Error(`${(error as Error).message}:\n${server.output()}`);
  } finally {
    clearTimeout(timer);
  }
  return server;
}

/** Starts a server; `ready` resolves with the line that says so and rejects when the server ends before. */
export function spawnServer(options: StartOptions): { server: Server; ready: Promise<void> } {
  const { dataDir, flavour = "source", args = [], env = {}, cwd } = options;
  const { port = freePort(), opsPort = freePort() } = options;
  const [command, ...before] = commandOf(flavour);
  const child = new Deno.Command(command, {
    args: [...before, "--port", `${port}`, "--ops-port", `${opsPort}`, "--data-dir", dataDir, ...args],
    env: flavour === "dist" ? env : { ...sourceEnv(), ...env },
    clearEnv: true,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const text = { all: "", stdout: "", stderr: "" };
  const ready = Promise.withResolvers<void>();
  const collect = async (name: "stdout" | "stderr") => {
    const decoder = new TextDecoder();
    for await (const chunk of child[name]) {
      const more = decoder.decode(chunk, { stream: true });
      text.all += more;
      text[name] += more;
      if (READY_LINE.test(text.stdout)) ready.resolve();
    }
  };
  const streams = Promise.all([collect("stdout"), collect("stderr")]);
  const ended = child.status.then(async (status) => (await streams, status));
  ended.then(() => ready.reject(new Error("the server ended before it was ready")));
  // Whoever does not wait for it needs no error either.
  ready.promise.catch(() => {});
  // Not the child's own: with `deno task` in between, the server is its grandchild.
  const pid = () => Number(/\bpid"?[=:](\d+)/.exec(text.stdout)?.[1] ?? child.pid);
  const stop = async (signal: Deno.Signal = "SIGTERM") => {
    const from = performance.now();
    kill(pid(), signal);
    const status = await ended;
    return { code: status.code, signal: status.signal, tookMs: performance.now() - from };
  };
  const server: Server = {
    url: `http://127.0.0.1:${port}`,
    opsUrl: `http://127.0.0.1:${opsPort}`,
    get pid() {
      return pid();
    },
    output: () => text.all,
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    ended,
    stop,
    [Symbol.asyncDispose]: async () => void await stop("SIGKILL"),
  };
  return { server, ready: ready.promise };
}

/** In either format of the log. */
const READY_LINE = /^(?:\S+ info +ready |\{.*"message":"ready")/m;

/** Runs the program to its end. */
export async function runProgram(
  args: string[],
  options: { flavour?: Flavour; env?: Record<string, string>; cwd?: string } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { flavour = "source", env = {}, cwd } = options;
  const [command, ...before] = commandOf(flavour);
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...before, ...args],
    env: flavour === "dist" ? env : { ...sourceEnv(), ...env },
    clearEnv: true,
    cwd,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** What deno itself may need (its cache, a proxy, certificates); nothing in it is a setting of the server's. */
function sourceEnv(): Record<string, string> {
  const env = Object.entries(Deno.env.toObject()).filter(([name]) => !name.startsWith("IMSERVER_"));
  return { ...Object.fromEntries(env), NO_COLOR: "1" };
}

/** What a process holds in memory. Read by `cat`, because deno lets only all-powerful programs into /proc. */
export async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).output();
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(new TextDecoder().decode(stdout))?.[1]) * 1024;
}

/** A folder that goes with the test. */
export function tempFolder(): { path: string; [Symbol.dispose](): void } {
  const path = Deno.makeTempDirSync({ prefix: "imserver-test-" });
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
