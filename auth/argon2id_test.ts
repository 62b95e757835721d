import assert from "node:assert/strict";
import { argon2Hash, argon2Matches } from "./argon2id.ts";

const CHEAP = { memoryKiB: 64, iterations: 1 };

Deno.test("argon2Matches: accepts a vector of the reference implementation and no other password", async () => {
  const hash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  assert.equal(await argon2Matches(hash, "password"), true);
  assert.equal(await argon2Matches(hash, "Password"), false);
});

Deno.test("argon2Hash: by default 19 MiB, two passes, one lane, 16 bytes of salt, 32 of hash", async () => {
  assert.match(
    await argon2Hash("secret"),
    /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/,
  );
});

Deno.test("argon2Hash: two hashes of one password differ by their salt", async () => {
  assert.notEqual(await argon2Hash("secret", CHEAP), await argon2Hash("secret", CHEAP));
});

Deno.test("argon2Matches: the same keys on another system are the same password", async () => {
  const hash = await argon2Hash("café au lait", CHEAP);
  assert.equal(await argon2Matches(hash, "cafe\u0301 au\u00A0lait"), true);
  assert.equal(await argon2Matches(hash, "Café au lait"), false);
  assert.equal(await argon2Matches(hash, "café au lait "), false);
  assert.equal(await argon2Matches(await argon2Hash("abc", CHEAP), "ａｂｃ"), false);
});

Deno.test("argon2Matches: nothing and nobody never match", async () => {
  assert.equal(await argon2Matches(null, "secret", CHEAP), false);
  assert.equal(await argon2Matches(null, "", CHEAP), false);
  assert.equal(await argon2Matches(await argon2Hash("secret", CHEAP), "", CHEAP), false);
});

Deno.test("argon2Matches: rejects a damaged hash", async () => {
  const hash = await argon2Hash("secret", CHEAP);
  for (const damaged of ["", "plain", hash.slice(0, 40), hash.replace("argon2id", "argon3id")]) {
    await assert.rejects(argon2Matches(damaged, "secret", CHEAP));
  }
});
