import { ImError } from "../wire/errors.ts";

/** Opaque cursors: the numbers that say where a page ended, in a form nobody is tempted to take apart. */
export function formatCursor(...place: number[]): string {
  return btoa(place.join(".")).replaceAll("=", "");
}

/** The `count` numbers of a cursor; all 0 without one. Errors: invalid_params. */
export function parseCursor(cursor: string | undefined, count: number): number[] {
  if (cursor === undefined) return Array(count).fill(0);
  let place: number[] = [];
  try {
    place = atob(cursor).split(".").map(Number);
  } catch {
    // Not base64: refused below.
  }
  const valid = place.length === count && place.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!valid || formatCursor(...place) !== cursor) {
    throw new ImError("invalid_params", "cursor is not one that this server gave", { field: "cursor" });
  }
  return place;
}
