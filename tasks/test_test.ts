import assert from "node:assert/strict";
import { countTests } from "./test.ts";

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
