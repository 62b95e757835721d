/**
 * `deno task web`: the web client, from web/main.tsx and web/static/ to web/dist/.
 *
 * The scripts and styles that index.html names get their content's hash into their names
 * (`main.js` → `main-1a2b3c4d.js`), so they may be cached for ever; every other file keeps its name. The service worker
 * (`sw.js`) is told what there is. Beside each file that compresses well lies a `.gz`. Nothing is done when nothing changed.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { addPrecache } from "./precache.ts";

export interface WebOptions {
  /** The repository's root; all other paths are inside it. */
  root: string;
  /** The client's main module; its script is called like it, `.js`. */
  entry: string;
  /** The modules of further pages, each a script of its own, `.js`, under the name that its page gives. */
  pages?: string[];
  /** Files to copy; `index.html` is one of them. */
  statics: string;
  /** Files and folders whose change makes a new build necessary. */
  inputs: string[];
  /** Where the result goes. Replaced as a whole. */
  output: string;
}

type Files = Map<string, Uint8Array<ArrayBuffer>>;

const compressible = /\.(html|js|css|svg|json|webmanifest|txt|xml|ico)$/;

/** Answers whether it built; false if the output was already that of these inputs. */
export async function buildWeb(options: WebOptions): Promise<boolean> {
  const { root } = options;
  const output = `${root}/${options.output}`;
  if (!await exists(`${root}/${options.entry}`)) throw new Error(`${options.entry} does not exist`);
  const stamp = await hashInputs(options);
  if (await readIfThere(`${output}/.stamp`) === stamp) return false;

  const files = await readFolder(`${root}/${options.statics}`);
  for (const entry of [options.entry, ...options.pages ?? []]) {
    files.set(entry.replace(/^.*\//, "").replace(/\.[jt]sx?$/, ".js"), await bundle(root, entry));
  }
  nameByContent(files);
  addPrecache(files, "sw.js");
  for (const [path, data] of [...files]) {
    if (!compressible.test(path)) continue;
    const compressed = new Uint8Array(gzipSync(data, { level: 9 }));
    if (compressed.length < data.length) files.set(`${path}.gz`, compressed);
  }
  files.set(".stamp", new TextEncoder().encode(stamp));
  await replaceFolder(output, files, `${root}/.tmp/web-${Deno.pid}`);
  return true;
}

async function bundle(root: string, entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const args = ["bundle", "--quiet", "--platform=browser", "--minify", entry];
  const command = new Deno.Command(Deno.execPath(), { args, cwd: root, stdin: "null", stderr: "inherit" });
  const { success, stdout } = await command.output();
  if (!success) throw new Error(`cannot bundle ${entry}`);
  return stdout;
}

/** Renames what index.html names in a `src` or `href`, there and in the set. */
function nameByContent(files: Files): void {
  const page = files.get("index.html");
  if (page === undefined) throw new Error("index.html is missing among the static files");
  const renamed = new Set<string>();
  const html = new TextDecoder().decode(page).replace(
    /(\b(?:src|href)=["'])((?:\.?\/)?)([\w./-]+\.(?:js|css))(?=["'])/g,
    (_, before: string, slash: string, path: string) => {
      const data = files.get(path);
      if (data === undefined) throw new Error(`index.html names ${path}, which does not exist`);
      const named = path.replace(/\.(\w+)$/, `-${hash(data).slice(0, 8)}.$1`);
      files.set(named, data);
      renamed.add(path);
      return before + slash + named;
    },
  );
  for (const path of renamed) files.delete(path);
  files.set("index.html", new TextEncoder().encode(html));
}

/** Written elsewhere and renamed: a server that reads the folder meanwhile never sees half of it. */
async function replaceFolder(folder: string, files: Files, draft: string): Promise<void> {
  for (const [path, data] of files) {
    await Deno.mkdir(`${draft}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(`${draft}/${path}`, data);
  }
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.rename(draft, folder);
}

async function hashInputs({ root, inputs, output }: WebOptions): Promise<string> {
  const { imports, compilerOptions } = JSON.parse(await readIfThere(`${root}/deno.json`) ?? "{}");
  const parts = [Deno.version.deno, JSON.stringify({ imports, compilerOptions })];
  for (const input of inputs) {
    for (const [path, data] of await readFolder(`${root}/${input}`, `${root}/${output}`)) {
      parts.push(input, path, hash(data));
    }
  }
  return hash(new TextEncoder().encode(parts.join("\n")));
}

/** The files of a folder, sorted, or one file, by path within it; a folder that is missing has none. */
async function readFolder(folder: string, except?: string, prefix = ""): Promise<Files> {
  const files: Files = new Map();
  if (!await exists(folder)) return files;
  if ((await Deno.stat(folder)).isFile) return files.set("", await Deno.readFile(folder));
  const entries = Array.from(Deno.readDirSync(folder)).toSorted((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory } of entries) {
    const path = `${folder}/${name}`;
    if (path === except || name.startsWith(".")) continue;
    if (isDirectory) {
      for (const [inner, data] of await readFolder(path, except, `${prefix}${name}/`)) files.set(inner, data);
    } else files.set(prefix + name, await Deno.readFile(path));
  }
  return files;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function readIfThere(path: string): Promise<string | undefined> {
  return await exists(path) ? await Deno.readTextFile(path) : undefined;
}

function hash(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

if (import.meta.main) {
  const root = `${import.meta.dirname}/..`;
  const options = {
    root,
    entry: "web/main.tsx",
    pages: ["web/docs/docs.ts", "web/worker/sw.ts"],
    statics: "web/static",
    // sdk and wire are what the client may import (see HOUSE.md); a change of this script counts too.
    inputs: ["web", "sdk", "wire", "tasks/web.ts", "tasks/precache.ts"],
    output: "web/dist",
  };
  try {
    const built = await buildWeb(options);
    if (built) console.log("web/dist: built");
  } catch (error) {
    console.error(`web: ${(error as Error).message}`);
    Deno.exit(1);
  }
}
