import { tmpdir } from "node:os";
import { join } from "node:path";

/** Child processes of tests: real servers on free ports, ended by pid. */

export interface Child {
  readonly pid: number;
  /** What it has written so far, on both outputs. */
  output(): string;
  signal(signal: Deno.Signal): void;
  /** Sends the signal and waits until it is gone; kills it after `graceMs`. */
  end(signal?: Deno.Signal, graceMs?: number): Promise<void>;
  readonly ended: Promise<number>;
}

export interface SpawnOptions {
  args?: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
}

/** A server that `deno task test` found or installed; by hand it is where Debian puts it. */
export function programOf(name: "mariadbd" | "redis-server" | "nginx"): string {
  const given = Deno.env.get(`IMSERVER_${name.toUpperCase().replace("-", "_")}`);
  return given || (name === "redis-server" ? "/usr/bin/redis-server" : `/usr/sbin/${name}`);
}

export function spawn(command: string, { args = [], env, cwd }: SpawnOptions = {}): Child {
  const child = new Deno.Command(command, {
    args: [...args],
    env,
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const chunks: string[] = [];
  const drained = [child.stdout, child.stderr].map(async (stream) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      chunks.push(text);
      if (chunks.length > 2_000) chunks.splice(0, 1_000);
    }
  });
  let gone = false;
  const ended = child.status.then(async ({ code }) => {
    gone = true;
    await Promise.all(drained);
    return code;
  });
  const signal = (name: Deno.Signal) => {
    if (!gone) child.kill(name);
  };
  return {
    pid: child.pid,
    output: () => chunks.join(""),
    signal,
    ended,
    async end(name = "SIGTERM", graceMs = 10_000) {
      signal(name);
      // A stopped process hears nothing but this.
      signal("SIGCONT");
      const timer = setTimeout(() => signal("SIGKILL"), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/**
 * Below those that the system gives to connections (from 32768 on): one of them could take a free port meanwhile. No
 * wider than 10,000: the bus of a Redis Cluster's node is that far above its port.
 */
const PORTS = { from: 11_000, to: 21_000 };

/** Longer than anybody takes from asking for a port to listening at it, or leaves it between two starts. */
const CLAIM_MS = 10 * 60_000;

/**
 * A port that was free a moment ago, and that no other test was given meanwhile, in this process or another: files
 * say so, because steps run beside each other. The one 10,000 above it is no other's either.
 */
export function freePort(): number {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    if (!claim(port)) continue;
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}

function claim(port: number): boolean {
  const folder = join(tmpdir(), "imserver-test-ports");
  const file = join(folder, String(port));
  Deno.mkdirSync(folder, { recursive: true });
  try {
    if (Date.now() - Deno.statSync(file).mtime!.getTime() < CLAIM_MS) return false;
    Deno.removeSync(file);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    Deno.openSync(file, { createNew: true, write: true }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

export async function runToEnd(
  command: string,
  args: readonly string[],
  env?: Record<string, string>,
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], env }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} exited ${code}: ${text}`);
  return text;
}

/** Asks until the answer is true. */
export async function until(
  what: string,
  ask: () => Promise<boolean> | boolean,
  timeoutMs = 20_000,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    if (await Promise.resolve(ask()).catch(() => false)) return;
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
