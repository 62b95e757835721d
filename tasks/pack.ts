/** Packs the Deno runtime and a bundled program into one self-extracting file. See launcher.sh. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { tarEnd, tarEntry } from "./tar.ts";

export interface PackOptions {
  /** The bundled program, one JavaScript file. */
  bundle: string;
  /** A folder that is laid beside the program as `web/`; nothing if absent. */
  assets?: string;
  /** The file to write. */
  output: string;
  /** The flags that Deno runs the program with. */
  flags: readonly string[];
  /** Where the compressed runtime is kept for the next time: compressing it takes most of the time. */
  cache: string;
  /** gzip's level, 1 (fast) to 9 (small). */
  level?: number;
}

interface Asset {
  path: string;
  data: Uint8Array<ArrayBuffer>;
}

export async function pack(options: PackOptions): Promise<void> {
  const level = options.level ?? 9;
  const runtime = await Deno.readFile(runtimePath());
  const assets = options.assets === undefined ? [] : await readAssets(options.assets);
  const files = [
    tarEntry({ path: "imserver.js", mode: 0o600, data: await Deno.readFile(options.bundle) }),
    ...assets.map((asset) => tarEntry({ ...asset, mode: 0o600 })),
    tarEnd(),
  ];
  const runtimeHash = sha256(runtime);
  const content = sha256(new TextEncoder().encode(runtimeHash), ...files).slice(0, 20);
  // Two gzip streams in a row are one valid gzip file, so the runtime is compressed once and kept.
  const payload = [
    await compressedRuntime(
      runtime,
      `${options.cache}/runtime-${runtimeHash.slice(0, 20)}-${level}.gz`,
      level,
    ),
    gzip(await new Blob(files).bytes(), level),
  ];
  const unpacked = runtime.length + files.reduce((sum, file) => sum + file.length, 0);
  const script = await launcher(content, options.flags, unpacked);
  // Written beside and renamed: a running imserver keeps its file, and nobody starts half of one.
  const draft = `${options.output}.${Deno.pid}.new`;
  await Deno.writeFile(draft, new Blob([script, ...payload]).stream(), { mode: 0o755 });
  await Deno.rename(draft, options.output);
}

/** The running Deno. Its npm package starts the real executable, so this is never a script. */
function runtimePath(): string {
  const path = Deno.execPath();
  using file = Deno.openSync(path);
  const magic = new Uint8Array(4);
  file.readSync(magic);
  if (Deno.build.os !== "linux" || new TextDecoder().decode(magic) !== "\x7fELF") {
    throw new Error(`packing needs Linux and an executable Deno; ${path} is not one`);
  }
  return path;
}

/** The files of a folder as they lie beside the program, `web/…`, in a fixed order; hidden ones stay out. */
export async function readAssets(folder: string, prefix = "web"): Promise<Asset[]> {
  const assets: Asset[] = [];
  const names = Array.from(Deno.readDirSync(folder)).toSorted((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of names) {
    if (name.startsWith(".")) continue;
    const path = `${prefix}/${name}`;
    if (isDirectory) assets.push(...await readAssets(`${folder}/${name}`, path));
    else assets.push({ path, data: await Deno.readFile(`${folder}/${name}`) });
  }
  return assets;
}

async function compressedRuntime(
  runtime: Uint8Array<ArrayBuffer>,
  kept: string,
  level: number,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(kept);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const compressed = gzip(tarEntry({ path: "imserver", mode: 0o700, data: runtime }), level);
  const draft = `${kept}.${Deno.pid}.new`;
  await Deno.writeFile(draft, compressed);
  await Deno.rename(draft, kept);
  return compressed;
}

async function launcher(content: string, flags: readonly string[], bytes: number): Promise<string> {
  const template = await Deno.readTextFile(new URL("./launcher.sh", import.meta.url));
  const values: Record<string, string> = {
    CONTENT: content,
    FLAGS: flags.map(shellQuote).join(" "),
    LINE: String(template.split("\n").length),
    MACHINE: Deno.build.arch,
    MEGABYTES: String(Math.ceil(bytes / 1e6)),
  };
  return template.replace(/@([A-Z]+)@/g, (_, name: string) => values[name]);
}

/** A word that a POSIX shell reads back as it is. */
export function shellQuote(word: string): string {
  return /^[\w\-.,:=/@+]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function gzip(data: Uint8Array, level: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(data, { level }));
}

function sha256(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
