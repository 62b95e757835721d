import assert from "node:assert/strict";
import { readAgain } from "./use_pages.ts";

/** A thousand numbers, ten a page. */
function numbers(cursor: string | undefined) {
  const from = Number(cursor ?? 0);
  const items = Array.from({ length: 10 }, (_, index) => from + index);
  return Promise.resolve({ items, nextCursor: from + 10 < 1000 ? String(from + 10) : null });
}

Deno.test("a list is read again as far as it was open, and not without end", async () => {
  const lengths = async (before: number) => {
    const { items, nextCursor } = await readAgain(numbers, before);
    assert.deepEqual(items, items.map((_, index) => index));
    return [items.length, nextCursor];
  };
  assert.deepEqual(await lengths(0), [10, "10"]);
  assert.deepEqual(await lengths(10), [10, "10"]);
  assert.deepEqual(await lengths(25), [30, "30"]);
  assert.deepEqual(await lengths(900), [100, "100"]);
});
