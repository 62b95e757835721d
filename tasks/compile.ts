/**
 * `deno task compile`: dist/imserver, one file that runs on a machine without Deno.
 *
 * `deno compile` makes it where its runtime part can be had: named by DENORT_BIN, or fetched by Deno. Many
 * networks block that download; then the running Deno itself is packed (see pack.ts). Both start the same
 * bundle with the same permissions and the same files beside it. `--pack` goes straight to packing.
 * `--target=TRIPLE` makes one for another machine (`aarch64-apple-darwin`, `x86_64-pc-windows-msvc` …), and there is
 * no packing then.
 */
import { createHash } from "node:crypto";
import { pack, readAssets } from "./pack.ts";
import { permissions } from "./permissions.ts";

export interface Program {
  /** The main module. */
  entry: string;
  /** A folder laid beside the bundle as `web/`. */
  assets?: string;
  /** The executable to write. */
  output: string;
  /** A folder for the files made on the way; it keeps what makes the next time faster. */
  work: string;
  /** Pack without trying `deno compile` first. */
  packOnly?: boolean;
  /** The machine it is for, as Rust names them; absent: this one. */
  target?: string;
  /** gzip's level when packing. */
  level?: number;
}

/** Everything is in the bundle: nothing is looked up, fetched or configured from where it happens to run. */
const packedFlags = ["--no-config", "--no-lock", "--no-npm", "--no-remote", "--cached-only", "--quiet"];

/** Time for `deno compile`, most of it for fetching its runtime; a network that drops packets costs this. */
const compileTimeoutMs = 30_000;
/** For another machine there is nothing to fall back on, so it may take its time. */
const FETCH_TIMEOUT_MS = 300_000;

export interface Compiled {
  /** "kept": it was made of the same before. */
  how: "compiled" | "packed" | "kept";
  bytes: number;
}

/** Answers how the executable was made and its size in bytes. */
export async function compile(program: Program): Promise<Compiled> {
  const bundle = `${program.work}/imserver.js`;
  await Deno.mkdir(program.work, { recursive: true });
  await Deno.mkdir(program.output.replace(/[^/]*$/, "") || ".", { recursive: true });
  await bundleProgram(program.entry, bundle);
  const stamp = await stampOf(program, bundle);
  if (await Deno.readTextFile(`${program.work}/stamp`).catch(() => "") === stamp) {
    const made = await Deno.stat(program.output).catch(() => undefined);
    if (made !== undefined) return { how: "kept", bytes: made.size };
  }
  const how = !program.packOnly && await compileNatively(program, bundle) ? "compiled" : "packed";
  if (how === "packed" && program.target) {
    throw new Error(`the runtime of \`deno compile\` for ${program.target} cannot be had here`);
  }
  if (how === "packed") {
    const flags = [...permissions, ...packedFlags];
    await pack({ ...program, bundle, flags, cache: program.work });
  }
  await Deno.writeTextFile(`${program.work}/stamp`, stamp);
  return { how, bytes: (await Deno.stat(program.output)).size };
}

/** Everything that makes one executable differ from another. */
async function stampOf(
  { assets, output, packOnly, target, level }: Program,
  bundle: string,
): Promise<string> {
  const hash = createHash("sha256");
  const how = {
    output,
    packOnly,
    target,
    level,
    deno: Deno.version.deno,
    denort: Deno.env.get("DENORT_BIN"),
  };
  hash.update(JSON.stringify([how, permissions, packedFlags]));
  hash.update(await Deno.readFile(bundle));
  for (const path of ["compile.ts", "pack.ts", "tar.ts", "launcher.sh"]) {
    hash.update(await Deno.readFile(new URL(path, import.meta.url)));
  }
  for (const { path, data } of assets === undefined ? [] : await readAssets(assets)) {
    hash.update(`${path} ${data.length}\n`).update(data);
  }
  return hash.digest("hex");
}

/**
 * Neither minified nor with `--keep-names`: a stack trace should name functions, minifying saves 0.2 MB of
 * 44 and no start-up time, names kept by force cost a call wherever a closure is made, and both together
 * break `require` of built-in modules in Deno 2.8.3.
 */
async function bundleProgram(entry: string, output: string): Promise<void> {
  // Another run at the same time, as of two steps of the tests, must not read half of it.
  const draft = output.replace(/\.js$/, `.${Deno.pid}.js`);
  const args = ["bundle", "--quiet", "--platform=deno", `--output=${draft}`, entry];
  const { success } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).spawn().status;
  if (!success) throw new Error(`cannot bundle ${entry}`);
  await Deno.writeTextFile(draft, asAscii(await Deno.readTextFile(draft)));
  await Deno.rename(draft, output);
}

/**
 * A program with every other character written as its escape (in strings, templates and patterns, where they stand):
 * for one that is not of ASCII V8 keeps two bytes for each of its 7 million characters, in every thread (16 MB less).
 */
export function asAscii(program: string): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return program.replaceAll(/[\u0080-\uffff]/g, escaped);
}

async function compileNatively(program: Program, bundle: string): Promise<boolean> {
  const assets = `${program.work}/web`;
  await Deno.remove(assets, { recursive: true }).catch(() => {});
  for (const { path, data } of program.assets === undefined ? [] : await readAssets(program.assets)) {
    await Deno.mkdir(`${program.work}/${path}`.replace(/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(`${program.work}/${path}`, data);
  }
  // For Windows Deno would end the name so by itself.
  const draft = `${program.output}.${Deno.pid}.new${program.target?.includes("windows") ? ".exe" : ""}`;
  const target = program.target ? [`--target=${program.target}`] : [];
  const include = program.assets === undefined ? [] : [`--include=${assets}`];
  const args = [
    "compile",
    "--quiet",
    "--no-check",
    "--no-config",
    "--no-lock",
    ...target,
    ...permissions,
    ...include,
  ];
  const timeoutMs = program.target ? FETCH_TIMEOUT_MS : compileTimeoutMs;
  const made = await output(Deno.execPath(), [...args, `--output=${draft}`, bundle], timeoutMs);
  if (program.target) {
    // It does not run here.
    if (made.success) await Deno.rename(draft, program.output);
    return made.success;
  }
  // A file that cannot say its own name is no server, whatever `deno compile` answered.
  const said = made.success ? await output(draft, ["--version"], 10_000) : undefined;
  if (said?.success && said.text.includes("imserver")) {
    await Deno.rename(draft, program.output);
    return true;
  }
  await Deno.remove(draft).catch(() => {});
  console.log("The runtime of `deno compile` cannot be had here; packing the running Deno instead.");
  return false;
}

async function output(command: string, args: string[], timeoutMs: number) {
  const options = { args, stdin: "null", stderr: "null", signal: AbortSignal.timeout(timeoutMs) } as const;
  try {
    const { success, stdout } = await new Deno.Command(command, options).output();
    return { success, text: new TextDecoder().decode(stdout) };
  } catch {
    return { success: false, text: "" };
  }
}

/** As install.sh asks for it: `imserver-linux-arm64`, `imserver-windows-x64.exe`. */
export function fileNameFor(target: string): string {
  const [, machine, system] = /^(x86_64|aarch64)-\w+-(linux|darwin|windows)/.exec(target) ?? [];
  if (!machine) throw new Error(`${target} is no target that is released`);
  const cpu = machine === "x86_64" ? "x64" : "arm64";
  return `imserver-${system === "darwin" ? "macos" : system}-${cpu}${system === "windows" ? ".exe" : ""}`;
}

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  const target = Deno.args.find((arg) => arg.startsWith("--target="))?.slice("--target=".length);
  const output = target ? `dist/${fileNameFor(target)}` : "dist/imserver";
  const { how, bytes } = await compile({
    entry: "main.ts",
    assets: "web/dist",
    output,
    work: ".tmp/compile",
    packOnly: Deno.args.includes("--pack"),
    target,
  });
  console.log(`${output}: ${(bytes / 1e6).toFixed(1)} MB, ${how}`);
}
