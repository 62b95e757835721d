import assert from "node:assert/strict";
import { ImError } from "../wire/errors.ts";
import { formatCursor, parseCursor } from "./cursor.ts";

Deno.test("cursor: a place comes back as it was given, and no cursor is the beginning", () => {
  for (const place of [[0], [7], [1_800_000_000_000, Number.MAX_SAFE_INTEGER], [1, 2, 3]]) {
    assert.deepEqual(parseCursor(formatCursor(...place), place.length), place);
  }
  assert.deepEqual(parseCursor(undefined, 2), [0, 0]);
});

const encode = (text: string) => btoa(text).replaceAll("=", "");

Deno.test("cursor: what this server did not give for this list is refused", () => {
  const other = [
    "",
    "!",
    "你好",
    "a".repeat(1000),
    formatCursor(1, 2, 3),
    formatCursor(1),
    formatCursor(1, 2) + "=",
    encode("1."),
    encode(".1"),
    encode("1.-1"),
    encode("1.5.2"),
    encode("1.x"),
    encode("1. "),
    encode("1.0x10"),
    encode("1.1e3"),
    encode(" 1.2"),
    encode("1.9007199254740993"),
    encode("1.Infinity"),
  ];
  for (const cursor of other) {
    assert.throws(() => parseCursor(cursor, 2), (error) => {
      assert.ok(error instanceof ImError && error.code === "invalid_params", String(error));
      return true;
    }, cursor);
  }
  assert.throws(() => parseCursor("", 1), ImError);
});
