import assert from "node:assert/strict";
import { parseRange } from "./range.ts";

const cases: [header: string, size: number, expected: ReturnType<typeof parseRange>][] = [
  ["bytes=0-0", 10, { from: 0, to: 1 }],
  ["bytes=0-9", 10, { from: 0, to: 10 }],
  ["bytes=0-999999", 10, { from: 0, to: 10 }],
  ["bytes=9-", 10, { from: 9, to: 10 }],
  ["bytes=-1", 10, { from: 9, to: 10 }],
  ["bytes=-99", 10, { from: 0, to: 10 }],
  ["Bytes= 2-3 ", 10, { from: 2, to: 4 }],
  ["bytes=10-", 10, "beyond"],
  ["bytes=10-20", 10, "beyond"],
  ["bytes=9999999999999999-", 10, "beyond"],
  ["bytes=-0", 10, "beyond"],
  ["bytes=0-", 0, "beyond"],
  ["bytes=-5", 0, "beyond"],
  ["bytes=5-4", 10, undefined],
  ["bytes=-", 10, undefined],
  ["bytes=0-1,3-4", 10, undefined],
  ["bytes=a-b", 10, undefined],
  ["bytes=0x0-1", 10, undefined],
  ["bytes=--1", 10, undefined],
  ["items=0-1", 10, undefined],
  ["bytes 0-1/10", 10, undefined],
  ["bytes=99999999999999999999-", 10, undefined],
  ["", 10, undefined],
];

for (const [header, size, expected] of cases) {
  Deno.test(`"${header}" of ${size} bytes is ${JSON.stringify(expected) ?? "no range"}`, () => {
    assert.deepEqual(parseRange(header, size), expected);
  });
}
