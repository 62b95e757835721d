import { splitLinks } from "./links.ts";

/**
 * The few marks that people write in chats: **bold**, *italic* or _italic_, ~~struck~~, `code`, ``` for blocks of it,
 * > for quotations, - and 1. for lists. Text stays text: what comes out is a tree, and whoever shows it makes elements.
 */
export type Inline =
  | { kind: "text"; text: string }
  | { kind: "bold" | "italic" | "struck"; inside: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "link"; text: string; href: string }
  | { kind: "mention"; text: string };

export type Block =
  | { kind: "lines"; inside: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "quote"; inside: Inline[] }
  | { kind: "list"; isNumbered: boolean; first: number; items: Inline[][] };

/** A mark that is further from its end is no mark: so a long text takes no longer than its length. */
const MAX_MARKED = 400;
const MAX_DEPTH = 3;
const ITEM = /^\s{0,3}(?:([-*•])|(\d{1,3})[.)])\s+(\S.*)$/;

/** `names`: how those are called who are mentioned, without the @. */
export function parseMarkup(text: string, names: readonly string[] = []): Block[] {
  const blocks: Block[] = [];
  const lines = text.split("\n");
  let plain: string[] = [];
  const flush = () => {
    if (plain.length > 0) blocks.push({ kind: "lines", inside: parseInline(plain.join("\n"), names) });
    plain = [];
  };
  for (let at = 0; at < lines.length; at++) {
    const end = /^\s{0,3}```/.test(lines[at]) ? closingFence(lines, at) : -1;
    if (end > at) {
      flush();
      blocks.push({ kind: "code", text: lines.slice(at + 1, end).join("\n") });
      at = end;
      continue;
    }
    const quoted = takeWhile(lines, at, (line) => line.startsWith("> ") || line === ">");
    if (quoted.length > 0) {
      flush();
      const words = quoted.map((line) => line.slice(2)).join("\n");
      blocks.push({ kind: "quote", inside: parseInline(words, names) });
      at += quoted.length - 1;
      continue;
    }
    const items = itemsFrom(lines, at);
    if (items.length > 1) {
      flush();
      const [, , number] = items[0];
      blocks.push({
        kind: "list",
        isNumbered: number !== undefined,
        first: Number(number ?? 1),
        items: items.map(([, , , words]) => parseInline(words, names)),
      });
      at += items.length - 1;
      continue;
    }
    plain.push(lines[at]);
  }
  flush();
  return blocks;
}

/** The words without the marks, for a line in a list. */
export function withoutMarkup(text: string): string {
  if (!/[*_~`>]/.test(text)) return text;
  return parseMarkup(text).map((block) => {
    switch (block.kind) {
      case "code":
        return block.text;
      case "list":
        return block.items.map(wordsOf).join("\n");
      default:
        return wordsOf(block.inside);
    }
  }).join("\n");
}

function wordsOf(inside: readonly Inline[]): string {
  return inside.map((one) => "inside" in one ? wordsOf(one.inside) : one.text).join("");
}

/** A single dash, or a single number, is how people write; a list has two. */
function itemsFrom(lines: readonly string[], from: number): RegExpExecArray[] {
  const items: RegExpExecArray[] = [];
  for (let at = from; at < lines.length; at++) {
    const item = ITEM.exec(lines[at]);
    if (!item || (item[2] === undefined) !== ((items[0] ?? item)[2] === undefined)) break;
    items.push(item);
  }
  return items;
}

function closingFence(lines: readonly string[], from: number): number {
  return lines.findIndex((line, at) => at > from && /^\s{0,3}```\s*$/.test(line));
}

function takeWhile(lines: readonly string[], from: number, is: (line: string) => boolean): string[] {
  const end = lines.findIndex((line, at) => at >= from && !is(line));
  return lines.slice(from, end < 0 ? undefined : end);
}

const MARKS: Record<string, "bold" | "italic" | "struck"> = {
  "**": "bold",
  "__": "bold",
  "*": "italic",
  "_": "italic",
  "~~": "struck",
};
/** Code first, for in it nothing is marked; the marks of one sign must stand at the edge of a word. */
const MARKED = new RegExp(
  [
    "`([^`\\n]{1,400})`",
    `(\\*\\*|__|~~)(?=\\S)([^\\n]{1,${MAX_MARKED}}?)(?<=\\S)\\2`,
    `(?<![\\p{L}\\p{N}*_])([*_])(?=[^\\s*_])([^\\n]{1,${MAX_MARKED}}?)(?<=[^\\s*_])\\4(?![\\p{L}\\p{N}*_])`,
  ].join("|"),
  "gu",
);

function parseInline(text: string, names: readonly string[], depth = 0): Inline[] {
  // An address may have signs in it that are marks elsewhere.
  return splitLinks(text).flatMap(({ text, href }): Inline[] =>
    href === undefined ? parseMarked(text, names, depth) : [{ kind: "link", text, href }]
  );
}

function parseMarked(text: string, names: readonly string[], depth: number): Inline[] {
  const parts: Inline[] = [];
  let end = 0;
  for (const found of depth < MAX_DEPTH ? text.matchAll(MARKED) : []) {
    const [whole, code, double, inDouble, single, inSingle] = found;
    if (found.index > end) parts.push(...withMentions(text.slice(end, found.index), names));
    end = found.index + whole.length;
    if (code !== undefined) parts.push({ kind: "code", text: code });
    else {
      const inside = parseInline(inDouble ?? inSingle, names, depth + 1);
      parts.push({ kind: MARKS[double ?? single], inside });
    }
  }
  if (end < text.length) parts.push(...withMentions(text.slice(end), names));
  return parts;
}

/** The longest name first: Ann is in Anna. */
function withMentions(text: string, names: readonly string[]): Inline[] {
  const parts: Inline[] = [];
  const sorted = names.toSorted((a, b) => b.length - a.length);
  let from = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    const name = sorted.find((one) => text.startsWith(one, at + 1));
    if (name === undefined || at < from) continue;
    if (at > from) parts.push({ kind: "text", text: text.slice(from, at) });
    from = at + 1 + name.length;
    parts.push({ kind: "mention", text: text.slice(at, from) });
  }
  if (from < text.length) parts.push({ kind: "text", text: text.slice(from) });
  return parts;
}
