import assert from "node:assert/strict";
import { nameFor } from "./identities.ts";

Deno.test("a name from elsewhere is made a username; one that cannot be becomes a plain one", () => {
  const name = (wanted: string, tried = 0) => nameFor(wanted, tried, () => 0.5).username;
  assert.equal(name("mei.ling"), "mei.ling");
  assert.equal(name("张伟"), "张伟");
  assert.equal(name("ann@example.org"), "ann.example.org");
  assert.equal(name("..a__b--c.."), "a.b.c");
  assert.equal(name("x".repeat(100)), "x".repeat(24));
  for (const odd of ["", "admin", "💬", "a\u0430bc", "\u202e"]) assert.equal(name(odd), "user", odd);
  assert.deepEqual([1, 4, 5].map((tried) => name("ann", tried)), ["ann2", "ann5", "ann55000"]);
});
