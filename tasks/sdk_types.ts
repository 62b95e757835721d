import ts from "typescript";
import { type Operation, operations } from "../wire/operations.ts";

/**
 * The declarations of the SDK's package. Those of sdk/ are what the compiler emits. Those of wire/ would want
 * zod, so what its schemas say is written out: asked of the compiler, which has worked it out anyway.
 */

/** Files by their path in the package, from sdk/mod.d.ts as far as its imports reach. Throws if sdk/ has errors. */
export function declareTypes(root: string): Map<string, string> {
  const program = compile(root);
  const files = new Map<string, string>();
  program.emit(undefined, (path, text) => void files.set(path.slice(root.length + 1), text));
  for (const name of ["wire/content", "wire/schemas"]) {
    files.set(`${name}.d.ts`, writeSchemas(program, `${root}/${name}.ts`));
  }
  files.set("wire/operations.d.ts", writeOperations(program, `${root}/${QUESTIONS}`));
  return reachable(files, "sdk/mod.d.ts");
}

/** What goes through `call`: an operation with a stream has a method of its own in the client, or none. */
const CALLS = (Object.entries(operations) as [string, Operation][]).filter(([, { stream }]) => !stream);

/** A module that exists only for the compiler: the types of every operation, by names of our own. */
const QUESTIONS = "sdk/questions.ts";

function questions(): string {
  const asked = CALLS.map(([name], n) =>
    `export type Input${n} = Input<"${name}">;\nexport type Output${n} = Output<"${name}">;`
  );
  return [`import type { Input, Output } from "../wire/operations.ts";`, ...asked].join("\n");
}

function compile(root: string): ts.Program {
  const options: ts.CompilerOptions = {
    strict: true,
    declaration: true,
    emitDeclarationOnly: true,
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ES2023,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    types: [],
    rootDir: root,
    outDir: root,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  const virtual = `${root}/${QUESTIONS}`;
  host.fileExists = (path) => path === virtual || fileExists(path);
  host.readFile = (path) => path === virtual ? questions() : readFile(path);
  host.getSourceFile = (path, target) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, target);
  };
  // There is no node_modules, so the compiler is told where Deno has it.
  const zod = new URL(import.meta.resolve("zod")).pathname.replace(/\.js$/, ".d.ts");
  host.resolveModuleNameLiterals = (names, from) =>
    names.map(({ text }) =>
      text === "zod"
        ? {
          resolvedModule: {
            resolvedFileName: zod,
            extension: ts.Extension.Dts,
            isExternalLibraryImport: true,
          },
        }
        : ts.resolveModuleName(text, from, options, host)
    );
  const program = ts.createProgram([`${root}/sdk/mod.ts`, virtual], options, host);
  const problems = ts.getPreEmitDiagnostics(program);
  if (problems.length > 0) throw new Error(ts.formatDiagnostics(problems, host));
  return program;
}

/** What the exported type aliases of a module stand for, by name. */
function typesOf(program: ts.Program, path: string): Map<string, string> {
  const source = program.getSourceFile(path);
  const checker = program.getTypeChecker();
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${path} is no module`);
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.InTypeAlias |
    ts.TypeFormatFlags.UseSingleQuotesForStringLiteralType;
  const types = checker.getExportsOfModule(module)
    .filter((symbol) => symbol.flags & ts.SymbolFlags.TypeAlias)
    .map((symbol): [string, string] => {
      const type = checker.getDeclaredTypeOfSymbol(symbol);
      return [symbol.name, checker.typeToString(type, undefined, flags).replaceAll("'", '"')];
    });
  return new Map(types);
}

/** What has a name is called by it. */
function named(text: string, names: Iterable<[name: string, type: string]>): string {
  const longestFirst = [...names].filter(([, type]) => type.includes("{"))
    .sort(([, a], [, b]) => b.length - a.length);
  return longestFirst.reduce((result, [name, type]) => result.replaceAll(type, name), text);
}

function writeSchemas(program: ts.Program, path: string): string {
  const types = typesOf(program, path);
  return [...types].map(([name, type]) => {
    const others = [...types].filter(([other]) => other !== name);
    return `export type ${name} = ${named(type, others)};\n`;
  }).join("");
}

const WHO = { public: " Needs no session.", user: "", admin: " For admins of the server." };

function writeOperations(program: ts.Program, path: string): string {
  const root = path.slice(0, -QUESTIONS.length);
  const [schemas, content] = ["wire/schemas.ts", "wire/content.ts"].map((name) =>
    typesOf(program, root + name)
  );
  const names = new Map([...content, ...schemas]);
  const asked = typesOf(program, path);
  const type = (name: string) => named(asked.get(name) ?? "never", names);
  const rows = CALLS.map(([name, { summary, access }], n) =>
    `  /** ${summary}.${WHO[access]} */\n` +
    `  "${name}": { input: ${type(`Input${n}`)}; output: ${type(`Output${n}`)} };\n`
  );
  const imports = [["content", content], ["schemas", schemas]] as const;
  const lines = imports.map(([module, types]) => {
    const used = [...types.keys()].filter((name) => new RegExp(`\\b${name}\\b`).test(rows.join("")));
    return `import type { ${used.join(", ")} } from "./${module}.ts";\n`;
  });
  return `${lines.join("")}
/** Everything a client can do: what it passes and what it gets. */
export interface Operations {
${rows.join("")}}
export type OperationName = keyof Operations;
export type Input<N extends OperationName> = Operations[N]["input"];
export type Output<N extends OperationName> = Operations[N]["output"];
`;
}

/** The files that a file needs, itself included, importing each other as JavaScript does. */
function reachable(files: ReadonlyMap<string, string>, entry: string): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`${path} is imported and was not made`);
    if (found.has(path)) return;
    found.set(path, text.replaceAll(/(from ")(\.[^"]+)\.ts"/g, '$1$2.js"'));
    for (const [, target] of text.matchAll(/from "(\.[^"]+)\.ts"/g)) {
      visit(new URL(`${target}.d.ts`, `file:///${path}`).pathname.slice(1));
    }
  };
  visit(entry);
  return found;
}
