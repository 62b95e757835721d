import type { Value } from "./driver.ts";

/** Statements for lists on SQLite, padded so that few distinct texts exist and prepared ones are found again. */

/** The next power of two: lists of 5, 6, 7 and 8 keys share one statement. */
export function padded(count: number): number {
  return count <= 1 ? 1 : 2 ** Math.ceil(Math.log2(count));
}

/** The keys in one flat list, the last one repeated up to the padded length. */
export function padKeys(keys: readonly (readonly Value[])[]): Value[] {
  const flat = keys.flat();
  const last = keys[keys.length - 1];
  for (let n = padded(keys.length) - keys.length; n > 0; n--) flat.push(...last);
  return flat;
}

export function tuple(width: number): string {
  return `(${Array(width).fill("?").join(",")})`;
}

/** At most this many rows go into one multi-row statement. */
export const ROWS_PER_STATEMENT = 128;

/**
 * Cuts keys into slices of at most 128; a shorter one is padded by `padKeys`. No key stands in two slices,
 * so that no row is answered twice.
 */
export function* slices(keys: readonly (readonly Value[])[]): Generator<readonly (readonly Value[])[]> {
  if (keys.length > ROWS_PER_STATEMENT) keys = distinct(keys);
  for (let at = 0; at < keys.length; at += ROWS_PER_STATEMENT) yield keys.slice(at, at + ROWS_PER_STATEMENT);
}

/** Each key once. */
export function distinct(keys: readonly (readonly Value[])[]): (readonly Value[])[] {
  return [...new Map(keys.map((key) => [JSON.stringify(key), key])).values()];
}

/**
 * Cuts rows into chunks of 128, then of 64, 32 …: rows cannot be padded, and so at most eight statement texts
 * exist per table.
 */
export function* chunks<T>(rows: readonly T[]): Generator<readonly T[]> {
  let at = 0;
  for (let size = ROWS_PER_STATEMENT; at < rows.length; size = size === 1 ? 1 : size / 2) {
    while (rows.length - at >= size) {
      yield rows.slice(at, at + size);
      at += size;
    }
  }
}
