import { ImError } from "../wire/errors.ts";

/** Opaque cursors: the numbers that say where a page ended, in a form nobody is tempted to take apart. */
export function formatCursor(...place: number[]): string {
  return btoa(place.join(".")).replaceAll("=", "");
}

/** The `count` numbers of a cursor; all 0 without one. Errors: invalid_params, about the field it came in. */
export function parseCursor(cursor: string | undefined, count: number, field = "cursor"): number[] {
  if (cursor === undefined) return Array(count).fill(0);
  let place: number[] = [];
  try {
    place = atob(cursor).split(".").map(Number);
  } catch {
    // Not base64: refused below.
  }
  const valid = place.length === count && place.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!valid || formatCursor(...place) !== cursor) {
    throw new ImError("invalid_params", `${field} is not one that this server gave`, { field });
  }
  return place;
}
