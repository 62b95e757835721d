/** A piece of a message, marked where it has what was looked for. */
export interface SnippetPart {
  text: string;
  isFound: boolean;
}

interface Found {
  start: number;
  length: number;
}

/** Characters before the first find, and in all. */
const BEFORE = 24;
const LENGTH = 140;

/** The part of a text around its first find, in one line. Finds are in UTF-16 units and in any order. */
export function snippetOf(text: string, found: readonly Found[]): SnippetPart[] {
  const finds = found.filter(({ start, length }) => start < text.length && length > 0)
    .toSorted((a, b) => a.start - b.start);
  const begin = boundary(text, Math.max(0, (finds[0]?.start ?? 0) - BEFORE));
  const end = boundary(text, Math.min(text.length, begin + LENGTH));
  const parts: SnippetPart[] = [];
  let at = begin;
  const add = (to: number, isFound: boolean) => {
    if (to > at) parts.push({ text: text.slice(at, to).replaceAll(/\s+/g, " "), isFound });
    at = Math.max(at, to);
  };
  for (const { start, length } of finds) {
    add(Math.min(start, end), false);
    add(Math.min(start + length, end), true);
  }
  add(end, false);
  if (begin > 0) parts.unshift({ text: "…", isFound: false });
  if (end < text.length) parts.push({ text: "…", isFound: false });
  return parts;
}

/** Not in the middle of a surrogate pair. */
function boundary(text: string, at: number): number {
  return /^[\udc00-\udfff]/.test(text.slice(at, at + 1)) ? at - 1 : at;
}
