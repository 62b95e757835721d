import * as z from "zod";
import { BLANK, isClean, isOneLine, isStraight, isVisible, TURNED, UNCLEAN, UNLINED_TEXT } from "./text.ts";

/**
 * What a message can be. A content travels and is stored as it was sent; its size as JSON is limited besides
 * the limits of its fields (MAX_CONTENT_BYTES).
 */

export const MAX_CONTENT_BYTES = 64 * 1024;
/** Arrays and objects within each other in the data of a custom message; more is a burden to some JSON readers. */
const MAX_DEPTH = 32;

/** The size of a content as JSON in UTF-8. */
export function contentBytes(content: unknown): number {
  return new TextEncoder().encode(JSON.stringify(content)).length;
}

const wellFormed = (max: number) => z.string().max(max).refine(isClean, UNCLEAN);
const filled = (max: number) => wellFormed(max).min(1).refine(isVisible, BLANK);
/** What a file is called: a name that turns around would hide what kind of file it is. */
const FileName = filled(255).refine(isOneLine, UNLINED_TEXT).refine(isStraight, TURNED);
const UserId = z.string().regex(/^[1-9][0-9]{0,15}$/, "must be an id");
const pixels = z.int().min(1).max(100_000);
const durationMs = z.int().min(0).max(24 * 3600 * 1000);

/** JSON whose strings and names are clean and that is not nested deeper than this. */
function isTame(value: unknown, depth: number): boolean {
  if (typeof value === "string") return isClean(value);
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 &&
    Object.entries(value).every(([name, inner]) => isClean(name) && isTame(inner, depth - 1));
}

const FILES = "/api/v1/files/";
/** The id of an uploaded file, by the address of it or of its thumbnail; null for any other address. */
export function fileIdOf(url: string): string | null {
  return /^\/api\/v1\/files\/([1-9][0-9]{0,15})(?:\/thumbnail)?$/.exec(url)?.[1] ?? null;
}

/** Where a file lies: an https address, or an uploaded file or its thumbnail. No other path on this server is a file. */
export const FileUrl = wellFormed(2048).regex(
  /^(https:\/\/[^\s]+|\/api\/v1\/files\/[1-9][0-9]{0,15}(\/thumbnail)?)$/,
  `must be https://…, ${FILES}ID or ${FILES}ID/thumbnail`,
);
/** `size` and `mime` of an uploaded file are what `file.complete` answered. */
export const FileRef = z.strictObject({
  url: FileUrl.refine(
    (url) => !(url.startsWith(FILES) && url.endsWith("/thumbnail")),
    "must not be a thumbnail",
  ),
  name: FileName,
  size: z.int().nonnegative(),
  mime: z.string().max(127).regex(/^[\w.+-]+\/[\w.+-]+$/, "must be a media type"),
});

/** What any message may carry besides its own fields. */
const common = {
  replyTo: z.int().positive().optional().meta({ description: "seq of the message it answers" }),
  mentions: z.strictObject({
    userIds: z.array(UserId).max(100).optional(),
    everyone: z.literal(true).optional(),
  }).optional(),
};

const own = {
  text: { text: filled(16_000) },
  image: {
    file: FileRef,
    width: pixels,
    height: pixels,
    thumbnail: FileUrl.optional(),
    caption: filled(2000).optional(),
  },
  file: { file: FileRef, caption: filled(2000).optional() },
  voice: {
    file: FileRef,
    durationMs,
    waveform: z.array(z.int().min(0).max(255)).max(256).optional(),
  },
  video: {
    file: FileRef,
    durationMs,
    width: pixels,
    height: pixels,
    thumbnail: FileUrl.optional(),
    caption: filled(2000).optional(),
  },
  location: {
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: filled(200).optional(),
    address: filled(500).optional(),
  },
  card: { userId: UserId },
  custom: {
    name: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/),
    data: z.record(z.string(), z.unknown()).refine(
      (data) => isTame(data, MAX_DEPTH),
      `${UNCLEAN}, and at most ${MAX_DEPTH} levels deep`,
    ),
    fallback: filled(2000),
  },
};

const contentOf = <K extends keyof typeof own>(type: K) =>
  z.strictObject({ type: z.literal(type), ...own[type], ...common });

/** What a client may send. */
export const Content = z.discriminatedUnion("type", [
  contentOf("text"),
  contentOf("image"),
  contentOf("file"),
  contentOf("voice"),
  contentOf("video"),
  contentOf("location"),
  contentOf("card"),
  contentOf("custom"),
]).refine((content) => contentBytes(content) <= MAX_CONTENT_BYTES, `is over ${MAX_CONTENT_BYTES} bytes`);
// Their names in documents (docs/protocol.md).
z.globalRegistry.add(Content, { id: "Content" });
z.globalRegistry.add(FileRef, { id: "FileRef" });

export type Content = z.infer<typeof Content>;
