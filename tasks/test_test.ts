import assert from "node:assert/strict";
import { countTests, whatFailed } from "./test.ts";

Deno.test("test: what `deno test` prints is counted", () => {
  const cases: [string, boolean, [number, number, number]][] = [
    ["ok | 5 passed | 0 failed (38ms)\n", true, [5, 0, 0]],
    ["\x1b[32mok\x1b[0m | 1 passed | 0 failed \x1b[38;5;245m(38ms)\x1b[0m\n", true, [1, 0, 0]],
    ["FAILED | 2 passed (1 step) | 3 failed (1 step) | 1 ignored (1 step) (137ms)\n", false, [2, 3, 1]],
    ["ok | 9 passed | 9 failed (1ms)\nok | 4 passed | 0 failed | 2 ignored | 7 filtered out (1s)\n", true, [
      4,
      0,
      2,
    ]],
    ["ok | 4 passed | 0 failed (1s)\n", false, [4, 1, 0]],
    ["error: Type checking failed.\n", false, [0, 1, 0]],
    ["", true, [0, 1, 0]],
  ];
  for (const [text, success, [passed, failed, ignored]] of cases) {
    assert.deepEqual(countTests(text, success), { passed, failed, ignored }, text);
  }
});

Deno.test("test: what failed is named, with what is said of it", () => {
  const text = [
    "one ... ok (1s)",
    "",
    "\x1b[1m ERRORS \x1b[0m",
    "",
    "a => b: sends ... a step => ./tests/e2e/a_test.ts:1:6",
    "error: AssertionError: waited in vain",
    "",
    " FAILURES ",
    "",
    "a => b: sends ... a step => ./tests/e2e/a_test.ts:1:6",
    "a => b: sends => ./tests/e2e/a_test.ts:1:6",
    "two (3) => ./tests/e2e/b_test.ts:10:1",
    "",
    "FAILED | 2 passed | 2 failed (1s)",
  ].join("\n");
  const { failures, reasons } = whatFailed(text);
  assert.deepEqual(failures, ["a => b: sends", "two (3)"]);
  assert.match(reasons, /waited in vain/);
  assert.deepEqual(whatFailed("cannot compile").failures, []);
  assert.match(whatFailed("cannot compile").reasons, /cannot compile/);
});
