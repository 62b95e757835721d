import type { ContentLike } from "./content_text.ts";

/** A file of this server that is shown in the conversation itself. Sizes in pixels. */
export type Media =
  | { kind: "picture"; url: string; name: string; small: string; width: number; height: number }
  | { kind: "voice"; url: string; name: string; size: number; durationMs: number; waveform: number[] }
  | { kind: "sound"; url: string; name: string; mime: string; size: number }
  | { kind: "film"; url: string; name: string; mime: string; size: number; width?: number; height?: number }
  | { kind: "file"; url: string; name: string; mime: string; size: number };

/** Only of this server: nothing else is fetched because of a message. */
const OWN_FILE = /^\/api\/v1\/files\/[1-9][0-9]{0,15}(?:\/thumbnail)?$/;
/** A picture without a small copy is shown itself, if it is no larger in bytes. */
const MAX_PICTURE_BYTES = 1024 * 1024;

/** What a content shows besides words; undefined for what has no file here. */
export function mediaOf(content: ContentLike): Media | undefined {
  const file = fileOf(content.file);
  if (!file) return undefined;
  const { url, name, size, mime } = file;
  const [width, height] = [length(content.width), length(content.height)];
  switch (content.type) {
    case "image": {
      const small = ownUrl(content.thumbnail) ?? (size <= MAX_PICTURE_BYTES ? url : undefined);
      if (!small || !width || !height) return { kind: "file", ...file };
      return { kind: "picture", url, name, small, width, height };
    }
    case "voice":
      return {
        kind: "voice",
        url,
        name,
        size,
        durationMs: length(content.durationMs) ?? 0,
        waveform: levels(content.waveform),
      };
    case "video":
      return { kind: "film", ...file, ...(width && height && { width, height }) };
    case "file":
      if (mime.startsWith("audio/")) return { kind: "sound", ...file };
      if (mime.startsWith("video/")) return { kind: "film", ...file };
      return { kind: "file", ...file };
  }
}

/** The file itself, to be kept and not shown. */
export function savedUrl(url: string): string {
  return `${url}?save=true`;
}

function fileOf(value: unknown) {
  if (typeof value !== "object" || value === null) return undefined;
  const { url, name, size, mime } = value as Record<string, unknown>;
  const own = ownUrl(url);
  if (!own || typeof name !== "string" || name.trim() === "") return undefined;
  return { url: own, name, size: length(size) ?? 0, mime: typeof mime === "string" ? mime : "" };
}

function ownUrl(value: unknown): string | undefined {
  return typeof value === "string" && OWN_FILE.test(value) ? value : undefined;
}

function length(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function levels(value: unknown): number[] {
  if (!Array.isArray(value) || value.length > 256) return [];
  return value.every((one) => typeof one === "number" && one >= 0 && one <= 255) ? value : [];
}
