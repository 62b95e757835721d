/** Source files as the tidy tests see them: what they import, and their text with comments or strings blanked. */

export interface Source {
  /** From the root of the repository, with slashes. */
  path: string;
  text: string;
}

export interface Import {
  /** A path from the root for a file of ours, else the specifier as written: `ws`, `node:http`. */
  target: string;
  ours: boolean;
  /** `import type`: gone when the program runs. */
  typeOnly: boolean;
}

export interface Module {
  path: string;
  raw: string;
  /** Without comments. Every view has the length and the lines of the file. */
  text: string;
  /** Without comments and without what stands in strings; the quotes stay. */
  code: string;
  imports: Import[];
}

const SKIPPED = new Set([".git", ".tmp", ".ci", ".github", "node_modules", "dist"]);

/** Every .ts and .tsx file under the folder, but for build results. */
export function readSources(root: URL): Source[] {
  const sources: Source[] = [];
  const visit = (folder: string) => {
    for (const entry of Deno.readDirSync(new URL(folder || ".", root))) {
      const path = folder + entry.name;
      if (entry.isDirectory && !SKIPPED.has(entry.name)) visit(`${path}/`);
      if (entry.isFile && /\.tsx?$/.test(entry.name)) {
        sources.push({ path, text: Deno.readTextFileSync(new URL(path, root)) });
      }
    }
  };
  visit("");
  return sources.sort((a, b) => a.path < b.path ? -1 : 1);
}

export function parse({ path, text: raw }: Source): Module {
  const { text, code } = blank(raw);
  return { path, raw, text, code, imports: importsOf(path, text, code) };
}

const IMPORT = /\bfrom\s*(["'])([^"'\n]+)\1|\bimport\s*\(?\s*(["'])([^"'\n]+)\3/g;

function importsOf(path: string, text: string, code: string): Import[] {
  const imports: Import[] = [];
  for (const match of text.matchAll(IMPORT)) {
    // The word itself must be code: in a string it would be blank there.
    if (!/\w/.test(code[match.index])) continue;
    const specifier = match[2] ?? match[4];
    const ours = specifier.startsWith(".");
    const target = ours ? new URL(specifier, `file:///${path}`).pathname.slice(1) : specifier;
    imports.push({ target, ours, typeOnly: isTypeOnly(code, match.index) });
  }
  return imports;
}

/** Whether the statement that ends with this `from` is `import type …`, or names nothing but types. */
function isTypeOnly(code: string, from: number): boolean {
  const start = Math.max(code.lastIndexOf("import", from), code.lastIndexOf("export", from));
  const clause = code.slice(start + 6, from).trim();
  if (/^type\s/.test(clause)) return true;
  const names = /^\{([^}]*)\}$/.exec(clause)?.[1].split(",").map((name) => name.trim()).filter(Boolean);
  return names !== undefined && names.length > 0 && names.every((name) => name.startsWith("type "));
}

/** What a pass over the text can be inside of. */
type Place = "code" | "line" | "block" | "'" | '"' | "`" | "regex" | "class";

/** Both views, by one pass over the characters. */
function blank(raw: string): { text: string; code: string } {
  const text: string[] = [];
  const code: string[] = [];
  let place: Place = "code";
  /** For each open `${`, how many braces are open inside it. */
  const braces: number[] = [];
  const put = (inText: boolean, inCode: boolean, count: number, at: number) => {
    for (const char of raw.slice(at, at + count).split("")) {
      const gap = char === "\n" ? "\n" : " ";
      text.push(inText ? char : gap);
      code.push(inCode ? char : gap);
    }
  };
  for (let at = 0; at < raw.length;) {
    const [char, two] = [raw[at], raw.slice(at, at + 2)];
    let count = 1;
    if (place === "code") {
      if (two === "//") place = "line";
      else if (two === "/*") place = "block";
      else if (char === "/" && opensRegex(code)) place = "regex";
      else if (char === "'" || char === '"' || char === "`") place = char;
      else if (char === "{" && braces.length > 0) braces[braces.length - 1] += 1;
      else if (char === "}" && braces.length > 0 && braces[braces.length - 1]-- === 0) {
        braces.pop();
        place = "`";
      }
      const comment = place === "line" || place === "block";
      if (comment) count = 2;
      put(!comment, !comment, count, at);
    } else if (place === "line" || place === "block") {
      const ends = place === "line" ? char === "\n" : two === "*/";
      if (ends && place === "block") count = 2;
      if (ends) place = "code";
      put(false, false, count, at);
    } else if (char === "\\") {
      count = 2;
      put(true, false, count, at);
    } else if (place === "`" && two === "${") {
      braces.push(0);
      place = "code";
      count = 2;
      put(true, true, count, at);
    } else {
      const ended = char === place || (char === "\n" && place !== "`") || (char === "/" && place === "regex");
      if (place === "regex" && char === "[") place = "class";
      else if (place === "class" && char === "]") place = "regex";
      else if (ended) place = "code";
      put(true, ended, count, at);
    }
    at += count;
  }
  return { text: text.join(""), code: code.join("") };
}

/** Whether a slash here begins a regular expression rather than divides (or closes a JSX tag). */
function opensRegex(code: readonly string[]): boolean {
  const before = code.slice(-80).join("").trimEnd();
  return /(?:^|[([{,;=:!&|?+\-*%~^>]|\b(?:return|typeof|case|in|of))$/.test(before) && !/<$/.test(before);
}
