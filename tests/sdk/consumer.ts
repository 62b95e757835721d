import assert from "node:assert/strict";
import { ROOT, tempFolder } from "../support/server.ts";
// The packages that consumers use come from Deno's cache: importing them here has put them there.
import "typescript";
import "ws";

/** Somebody's project that has installed what `npm pack` makes of dist/sdk. */
export interface Consumer {
  path: string;
  write(name: string, text: string): Promise<void>;
  /** Runs a program in the project to its end. */
  run(command: string, ...args: string[]): Promise<{ code: number; output: string }>;
  /** Starts a program and goes on. */
  start(command: string, ...args: string[]): Program;
  /** The same with these variables in its environment. */
  startWith(env: Record<string, string>, command: string, ...args: string[]): Program;
  [Symbol.dispose](): void;
}

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

export async function makeConsumer(): Promise<Consumer> {
  const folder = tempFolder();
  const cwd = folder.path;
  const run: Consumer["run"] = async (command, ...args) => {
    const { code, stdout, stderr } = await new Deno.Command(command, { args, cwd, stdin: "null" }).output();
    return { code, output: decode(stdout) + decode(stderr) };
  };
  const mustRun = async (command: string, ...args: string[]) => {
    const { code, output } = await run(command, ...args);
    assert.equal(code, 0, `${command} ${args.join(" ")}: ${output}`);
    return output;
  };
  await Deno.writeTextFile(`${cwd}/package.json`, `{ "type": "module", "private": true }`);
  const tarball = (await mustRun("npm", "pack", `${ROOT}dist/sdk`, "--loglevel=error")).trim();
  await mustRun("npm", "install", "--offline", "--loglevel=error", `./${tarball}`);
  const ws = new URL(".", import.meta.resolve("ws")).pathname;
  const registry = ws.replace(/ws\/[^/]+\/$/, "");
  await mustRun("cp", "-r", ws, `${cwd}/node_modules/ws`);
  await Deno.mkdir(`${cwd}/node_modules/@types`);
  for (const name of ["@types/ws", "@types/node", "undici-types"]) {
    const version = Array.from(Deno.readDirSync(registry + name)).find(({ isDirectory }) => isDirectory)
      ?.name;
    await mustRun("cp", "-r", `${registry}${name}/${version}`, `${cwd}/node_modules/${name}`);
  }
  return {
    path: cwd,
    write: (name, text) => Deno.writeTextFile(`${cwd}/${name}`, text),
    run,
    start: (command, ...args) => new Program(command, args, { cwd }),
    startWith: (env, command, ...args) => new Program(command, args, { cwd, env }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** A running program that one can talk with. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #ended: Promise<number>;
  #output = "";
  #heard = Promise.withResolvers<void>();

  constructor(command: string, args: string[], place: { cwd: string; env?: Record<string, string> }) {
    const options = { args, ...place, stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    this.#child = new Deno.Command(command, options).spawn();
    this.#input = this.#child.stdin.getWriter();
    const read = async (stream: ReadableStream<Uint8Array>) => {
      for await (const chunk of stream) this.#hear(decode(chunk));
    };
    const streams = Promise.all([read(this.#child.stdout), read(this.#child.stderr)]);
    this.#ended = this.#child.status.then(async ({ code }) => {
      await streams;
      this.#hear("");
      return code;
    });
  }

  /** Waits until it has said this. */
  async says(wanted: string | RegExp): Promise<void> {
    const end = performance.now() + 20_000;
    const has = () => typeof wanted === "string" ? this.#output.includes(wanted) : wanted.test(this.#output);
    for (let over = false; !has();) {
      assert(!over && performance.now() < end, `it never said ${wanted}:\n${this.#output}`);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => timer = setTimeout(resolve, 20_000));
      over = await Promise.race([this.#heard.promise, late, this.#ended.then(() => true)]) === true;
      clearTimeout(timer);
    }
  }

  async type(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(line + "\n"));
  }

  /** Its input is over. Resolves to its exit code. */
  async end(): Promise<number> {
    await this.#input.close();
    return await this.#ended;
  }

  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.abort().catch(() => {});
    await this.kill();
  }

  #hear(text: string): void {
    this.#output += text;
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }
}
