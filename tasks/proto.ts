/**
 * `deno task proto`: proto/gen/*.ts from proto/*.proto. `--check` generates elsewhere, compares, and names
 * what is stale.
 *
 * buf compiles the contract and ts-proto writes the types; comments of services, methods and fields come
 * along, because the contract's guarantees stand in them. Both come from npm at a fixed version.
 * `descriptors.ts` holds the same contract as data, for gRPC's reflection: a bundled program has no files to
 * read it from.
 */
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

// 1.75.0 lacks a platform's package in the registry.
const buf = "npm:@bufbuild/buf@1.74.0/buf";
const plugin = "npm:ts-proto@2.18.0/protoc-gen-ts_proto";

/** See ts-proto's README. Plain types and codecs, service descriptions without a transport. */
const pluginOptions = [
  "esModuleInterop=true",
  "forceLong=number",
  "importSuffix=.ts",
  // What is absent has no key, as in a message that was never encoded.
  "initializeFieldsAsUndefined=false",
  "lowerCaseServiceMethods=true",
  "oneof=unions",
  "outputClientImpl=false",
  "outputJsonMethods=false",
  "outputPartialMethods=false",
  "outputServices=default",
  "outputServices=generic-definitions",
  "outputTypeRegistry=false",
  "unrecognizedEnum=false",
  "useExactTypes=false",
];

export interface ProtoOptions {
  /** The folder of the .proto files. */
  source: string;
  /** The folder of the generated files, which holds nothing else. */
  output: string;
}

/** Replaces what is in the output folder. */
export async function generate({ source, output }: ProtoOptions): Promise<void> {
  const draft = await runBuf(source);
  try {
    await Deno.remove(output, { recursive: true }).catch(() => {});
    for (const [path, text] of await readFolder(draft)) {
      await Deno.mkdir(`${output}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${output}/${path}`, text);
    }
  } finally {
    await Deno.remove(draft, { recursive: true });
  }
}

/** The generated files that are missing, changed or left over. */
export async function staleFiles({ source, output }: ProtoOptions): Promise<string[]> {
  const draft = await runBuf(source);
  try {
    const [fresh, present] = [await readFolder(draft), await readFolder(output)];
    const paths = new Set([...fresh.keys(), ...present.keys()]);
    return [...paths].filter((path) => fresh.get(path) !== present.get(path)).toSorted();
  } finally {
    await Deno.remove(draft, { recursive: true });
  }
}

/** Generates into a new temporary folder and answers its path. */
async function runBuf(source: string): Promise<string> {
  const work = await Deno.makeTempDir({ prefix: "proto_" });
  try {
    const script = `${work}/plugin.sh`;
    const run = ["run", "-A", "--quiet", "--no-config", "--no-lock"];
    await Deno.writeTextFile(script, `#!/bin/sh\nexec "${Deno.execPath()}" ${run.join(" ")} ${plugin}\n`);
    await Deno.chmod(script, 0o700);
    const plugins = [{
      local: script,
      out: `${work}/gen`,
      strategy: "all",
      opt: pluginOptions,
      include_imports: true,
      include_wkt: true,
    }];
    await Deno.writeTextFile(`${work}/buf.gen.json`, JSON.stringify({ version: "v2", plugins }));
    await Deno.mkdir(`${work}/gen`);
    const compile = async (...args: string[]) => {
      const options: Deno.CommandOptions = { args: [...run, buf, ...args], cwd: source, stdin: "null" };
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), options).output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      if (!success) throw new Error(`buf failed\n${said}`);
    };
    await compile("generate", "--template", `${work}/buf.gen.json`, ".");
    await withoutRxjs(`${work}/gen`);
    const set = `${work}/set.binpb`;
    await compile("build", "--as-file-descriptor-set", "--exclude-source-info", "--output", set, ".");
    await Deno.writeTextFile(`${work}/gen/descriptors.ts`, describe(await Deno.readFile(set)));
    await Deno.rename(`${work}/gen`, `${work}.gen`);
    return `${work}.gen`;
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/**
 * ts-proto types a stream as rxjs's Observable, or, with `useAsyncIterable`, writes two more methods for every
 * message. A stream is an AsyncIterable here, and nothing else changes.
 */
async function withoutRxjs(folder: string): Promise<void> {
  for (const [path, text] of await readFolder(folder)) {
    const plain = text.replace(/^import { Observable } from "rxjs";\n/m, "")
      .replaceAll(/\bObservable</g, "AsyncIterable<");
    if (plain !== text) await Deno.writeTextFile(`${folder}/${path}`, plain);
  }
}

/** The text of descriptors.ts: every file of the contract with the names that it defines. */
function describe(set: Uint8Array): string {
  const files = fromBinary(FileDescriptorSetSchema, set).file.map((file) => {
    const full = (name: string) => file.package ? `${file.package}.${name}` : name;
    const services = file.service.map(({ name }) => full(name));
    const methods = file.service.flatMap((s) => s.method.map(({ name }) => `${full(s.name)}.${name}`));
    const types = [...messageNames(file.messageType, full), ...file.enumType.map(({ name }) => full(name))];
    return {
      name: file.name,
      dependencies: file.dependency,
      services,
      symbols: [...services, ...methods, ...types],
      base64: toBinary(FileDescriptorProtoSchema, file).toBase64(),
    };
  });
  return `// Code generated by tasks/proto.ts. DO NOT EDIT.

/** One .proto file, compiled. */
export interface FileDescriptor {
  name: string;
  /** The names of the files it imports. */
  dependencies: string[];
  /** The full names of its services. */
  services: string[];
  /** The full names of its services, methods, messages and enums. */
  symbols: string[];
  /** An encoded google.protobuf.FileDescriptorProto. */
  base64: string;
}

export const FILES: FileDescriptor[] = ${JSON.stringify(files, null, 2)};
`;
}

function messageNames(messages: readonly DescriptorProto[], full: (name: string) => string): string[] {
  return messages.flatMap((message) => {
    const inner = (name: string) => full(`${message.name}.${name}`);
    const enums = message.enumType.map(({ name }) => inner(name));
    return [full(message.name), ...messageNames(message.nestedType, inner), ...enums];
  });
}

async function readFolder(folder: string, prefix = ""): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  try {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      if (isDirectory) {
        for (const file of await readFolder(`${folder}/${name}`, `${prefix}${name}/`)) files.set(...file);
      } else files.set(prefix + name, await Deno.readTextFile(`${folder}/${name}`));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return files;
}

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  const options = { source: "proto", output: "proto/gen" };
  try {
    if (Deno.args.includes("--check")) {
      const stale = await staleFiles(options);
      for (const path of stale) console.error(`proto/gen/${path} is stale; run \`deno task proto\``);
      Deno.exit(stale.length === 0 ? 0 : 1);
    }
    await generate(options);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
