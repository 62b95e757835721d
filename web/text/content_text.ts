import type { Text } from "./en.ts";
import { lengthText } from "./length_text.ts";
import { withoutMarkup } from "./markup.ts";

/** Kinds of content that are more than words; each has an icon. */
export type Mark = "image" | "file" | "voice" | "video" | "location" | "card" | "merged";

/** A message's content as it is told. */
export interface Shown {
  mark?: Mark;
  /** What was written; of a file its name. */
  words: string;
  /** What was written beside it. */
  caption?: string;
  /** Of messages sent on together, the first. */
  lines?: readonly string[];
  /** These are the page's words and not the sender's. */
  isNote?: boolean;
}

export type ContentLike = Readonly<Record<string, unknown>>;

/** How many of the messages sent on together are shown. */
const MAX_LINES = 4;
/** They may themselves be messages sent on together. */
const MAX_DEPTH = 3;

export function shownContent(content: ContentLike, t: Text): Shown {
  return show(content, t, 0);
}

/** A message in one line: in the list, in a quotation, for a screen reader. */
export function oneLine(content: ContentLike, t: Text): string {
  return flat(show(content, t, MAX_DEPTH), t);
}

function show(content: ContentLike, t: Text, depth: number): Shown {
  const { type } = content;
  switch (type) {
    case "text":
      return typeof content.text === "string" ? { words: content.text } : unknown(t);
    case "image":
    case "file":
    case "voice":
    case "video": {
      const name = isObject(content.file) ? words(content.file.name) : undefined;
      if (name === undefined) return unknown(t);
      return { mark: type, words: lengthOf(content) ?? name, caption: words(content.caption) };
    }
    case "location":
      return showLocation(content, t);
    case "card":
      return { mark: "card", words: t.contactCard };
    case "custom":
      return typeof content.fallback === "string" ? { words: content.fallback } : unknown(t);
    case "merged":
      return showMerged(content, t, depth);
    case "recalled":
      return { words: t.recalled, isNote: true };
    default:
      return unknown(t);
  }
}

/** A voice says nothing by the name of its file. */
function lengthOf({ type, durationMs }: ContentLike): string | undefined {
  return type === "voice" && typeof durationMs === "number" && durationMs > 0
    ? lengthText(durationMs)
    : undefined;
}

function showLocation({ name, address, latitude, longitude }: ContentLike, t: Text): Shown {
  const [place, where] = [words(name), words(address)];
  if (place ?? where) return { mark: "location", words: (place ?? where)!, caption: place && where };
  if (typeof latitude !== "number" || typeof longitude !== "number") return unknown(t);
  return { mark: "location", words: `${latitude.toFixed(5)}, ${longitude.toFixed(5)}` };
}

function showMerged({ title, items }: ContentLike, t: Text, depth: number): Shown {
  const all = Array.isArray(items) ? items.filter(isObject) : [];
  const shown = { mark: "merged", words: words(title) ?? t.merged(all.length) } as const;
  if (depth >= MAX_DEPTH) return shown;
  const lines = all.slice(0, MAX_LINES).map(({ senderName, content }) => {
    const line = flat(show(isObject(content) ? content : {}, t, MAX_DEPTH), t);
    return t.says(words(senderName) ?? t.someone, line);
  });
  return { ...shown, lines: all.length > MAX_LINES ? [...lines, "…"] : lines };
}

function flat({ mark, words, caption, isNote }: Shown, t: Text): string {
  const said = mark || isNote ? words : withoutMarkup(words);
  const parts = [mark && mark !== "card" ? t.marks[mark] : "", said, withoutMarkup(caption ?? "")];
  return parts.filter((part) => part !== "").join(" ").replaceAll(/\s+/g, " ");
}

function unknown(t: Text): Shown {
  return { words: t.unknownMessage, isNote: true };
}

function words(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
