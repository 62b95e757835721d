import assert from "node:assert/strict";
import fc from "fast-check";
import {
  hashOneTimeToken,
  newOneTimeToken,
  newRefreshToken,
  nextRefreshToken,
  parseRefreshToken,
} from "./refresh.ts";

Deno.test("newRefreshToken: session id, family, secret; the hashes are not the secrets", () => {
  const { token, familyHash, hash } = newRefreshToken(42);
  assert.match(token, /^42\.[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{43}$/);
  for (const stored of [familyHash, hash]) {
    assert.match(stored, /^[A-Za-z0-9_-]{43}$/);
    assert.ok(!token.includes(stored));
  }
});

Deno.test("newRefreshToken: another secret each time", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, () => newRefreshToken(1).token)).size, 1000);
});

Deno.test("newRefreshToken: refuses ids that are none", () => {
  for (const id of [0, -1, 1.5, NaN, 2 ** 53]) assert.throws(() => newRefreshToken(id), RangeError);
});

Deno.test("nextRefreshToken: the same session and family, another secret", () => {
  const first = newRefreshToken(42);
  const next = nextRefreshToken(first);
  assert.equal(next.sessionId, 42);
  assert.equal(next.familyHash, first.familyHash);
  assert.notEqual(next.hash, first.hash);
  assert.notEqual(newRefreshToken(42).familyHash, first.familyHash);
});

Deno.test("parseRefreshToken: gives back the session and the stored hashes", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (sessionId) => {
    const made = nextRefreshToken(newRefreshToken(sessionId));
    assert.deepEqual(parseRefreshToken(made.token), made);
  }));
});

const SECRET = "A".repeat(43);
const malformed: Record<string, string> = {
  "empty": "",
  "no secrets": "42.",
  "one secret": `42.${SECRET}`,
  "no id": `.${SECRET}.${SECRET}`,
  "id zero": `0.${SECRET}.${SECRET}`,
  "negative id": `-42.${SECRET}.${SECRET}`,
  "zero before the id": `042.${SECRET}.${SECRET}`,
  "id above 2^53": `9007199254740993.${SECRET}.${SECRET}`,
  "id of 17 digits": `10000000000000000.${SECRET}.${SECRET}`,
  "id in other digits": `٤٢.${SECRET}.${SECRET}`,
  "short family": `42.${SECRET.slice(1)}.${SECRET}`,
  "short secret": `42.${SECRET}.${SECRET.slice(1)}`,
  "long secret": `42.${SECRET}.${SECRET}A`,
  "secret with spare bits": `42.${SECRET}.${SECRET.slice(1)}B`,
  "padded": `42.${SECRET}.${SECRET}=`,
  "plain base64": `42.${SECRET}.+${SECRET.slice(1)}`,
  "space before": ` 42.${SECRET}.${SECRET}`,
  "line end after": `42.${SECRET}.${SECRET}\n`,
  "four parts": `42.${SECRET}.${SECRET}.${SECRET}`,
  "a megabyte": "1".repeat(1 << 20),
};
for (const [what, token] of Object.entries(malformed)) {
  Deno.test(`parseRefreshToken: null for ${what}`, () => assert.equal(parseRefreshToken(token), null));
}
Deno.test("parseRefreshToken: the malformed ones differ from a well-formed one", () => {
  assert.equal(parseRefreshToken(`42.${SECRET}.${SECRET}`)?.sessionId, 42);
});

Deno.test("newOneTimeToken: the hash is the SHA-256 of the token", async () => {
  const { token, hash } = newOneTimeToken();
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(hashOneTimeToken(token), hash);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  assert.equal(digest.toBase64({ alphabet: "base64url", omitPadding: true }), hash);
  assert.notEqual(newOneTimeToken().token, token);
});

Deno.test("hashOneTimeToken: takes any text", () => {
  assert.equal(hashOneTimeToken("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  assert.equal(hashOneTimeToken("").length, 43);
});
