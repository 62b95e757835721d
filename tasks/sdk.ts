/**
 * `deno task sdk`: dist/sdk, the npm package of the TypeScript client: one JavaScript file without a
 * dependency, declarations, and docs/sdk.md as its README.
 */
import { declareTypes } from "./sdk_types.ts";

export interface SdkOptions {
  /** The repository's root. */
  root: string;
  /** Replaced as a whole. */
  output: string;
}

/** Answers the package's files and their sizes. */
export async function buildSdk({ root, output }: SdkOptions): Promise<Map<string, number>> {
  const { version, license } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  const read = (path: string) => Deno.readTextFile(`${root}/${path}`);
  const files = new Map([
    ["imserver.js", await bundle(root)],
    ["package.json", JSON.stringify(manifest(version, license), null, 2) + "\n"],
    ["README.md", await read("docs/sdk.md")],
    // Beside the README, whose links lead there.
    ["protocol.md", await read("docs/protocol.md")],
    ["LICENSE", await read("LICENSE")],
  ]);
  for (const [path, text] of declareTypes(root)) files.set(`types/${path}`, text);

  const draft = `${output}.${Deno.pid}.new`;
  for (const [path, text] of files) {
    await Deno.mkdir(`${draft}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${draft}/${path}`, text);
  }
  // What the compiler prints for a type is one line, however long.
  await deno(root, ["fmt", "--quiet", "--no-config", "--line-width=110", `${draft}/types`]);
  await Deno.remove(output, { recursive: true }).catch(() => {});
  await Deno.rename(draft, output);
  return new Map([...files].map(([path, text]) => [path, new TextEncoder().encode(text).length]));
}

function manifest(version: string, license: string) {
  return {
    name: "imserver-sdk",
    version,
    description: "The client of IMServer for browsers, Node and Deno",
    license,
    type: "module",
    sideEffects: false,
    // AbortSignal.any came with it.
    engines: { node: ">=20.3.0" },
    types: "./types/sdk/mod.d.ts",
    exports: { ".": { types: "./types/sdk/mod.d.ts", default: "./imserver.js" } },
    files: ["imserver.js", "types", "protocol.md"],
  };
}

/** Not minified: those who use it minify it with the rest, and may want to read it. */
async function bundle(root: string): Promise<string> {
  const code = await deno(root, ["bundle", "--quiet", "--platform=browser", "sdk/mod.ts"]);
  if (/^import\b/m.test(code)) throw new Error("the bundle imports something");
  return code;
}

async function deno(cwd: string, args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd, stdin: "null", stderr: "inherit" });
  const { success, stdout } = await command.output();
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) {
  const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
  const sizes = await buildSdk({ root, output: `${root}/dist/sdk` });
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  console.log(
    `dist/sdk: ${sizes.size} files, ${(total / 1024).toFixed(0)} KiB, ${sizes.get("imserver.js")} B of code`,
  );
}
