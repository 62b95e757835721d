import { foldText } from "../../../kit/fold_text.ts";
import { placesOf, wordsOf } from "./words.ts";

/** A part of a message's content that holds words. */
interface Field {
  /** Dotted: `file.name`, `items.0.content.text`. */
  name: string;
  text: string;
}

/** Where in a field, in UTF-16 units. */
export interface Highlight {
  field: string;
  start: number;
  length: number;
}

const TEXTS = ["text", "caption", "title", "name", "address", "fallback"];
/** Of one message; the first ones. */
const MAX_HIGHLIGHTS = 50;

/** What of a content is searched, in a fixed order: what people wrote, and the names of files and places. */
function* fieldsOf(content: unknown, prefix = ""): Generator<Field> {
  if (typeof content !== "object" || content === null) return;
  const { file, items, type, ...rest } = content as Record<string, unknown>;
  for (const name of TEXTS) {
    // The name of a custom message is for programs.
    if (name === "name" && type === "custom") continue;
    const text = rest[name];
    if (typeof text === "string") yield { name: prefix + name, text };
  }
  if (typeof file === "object" && file !== null && "name" in file && typeof file.name === "string") {
    yield { name: `${prefix}file.name`, text: file.name };
  }
  if (!Array.isArray(items) || prefix !== "") return;
  for (const [i, item] of items.entries()) yield* fieldsOf(item?.content, `items.${i}.content.`);
}

export function wordsIn(content: unknown): string[] {
  const words = new Set<string>();
  for (const { text } of fieldsOf(content)) wordsOf(foldText(text).text, words);
  return [...words];
}

/** Where a content has what is looked for; null where it does not have every term. */
export function match(content: unknown, terms: readonly string[]): Highlight[] | null {
  const missing = new Set(terms);
  const found: Highlight[] = [];
  for (const { name, text } of fieldsOf(content)) {
    const folded = foldText(text);
    const ranges: [start: number, end: number][] = [];
    for (const term of terms) {
      for (const at of placesOf(term, folded.text)) {
        missing.delete(term);
        ranges.push([folded.original(at), folded.original(at + term.length, "end")]);
        if (ranges.length > 4 * MAX_HIGHLIGHTS) break;
      }
    }
    for (const [start, end] of merged(ranges)) found.push({ field: name, start, length: end - start });
  }
  return missing.size > 0 ? null : found.slice(0, MAX_HIGHLIGHTS);
}

/** In order, those that touch or overlap as one. */
function merged(ranges: readonly [number, number][]): [number, number][] {
  const result: [number, number][] = [];
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else result.push([start, end]);
  }
  return result;
}
