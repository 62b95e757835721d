import type { Dimensions } from "./dimensions.ts";

export interface Thumbnail {
  mime: "image/jpeg" | "image/png";
  bytes: Uint8Array;
}

/** A small copy of a picture, or null where none can be made: a picture without is a file like any other. */
export type MakeThumbnail = (
  bytes: Uint8Array,
  mime: string,
  dimensions: Dimensions,
) => Promise<Thumbnail | null>;

/** The longer side at most, in pixels. */
export const THUMBNAIL_PIXELS = 320;
