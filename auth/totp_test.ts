import assert from "node:assert/strict";
import {
  newRecoveryCodes,
  newTotpSecret,
  otpauthUri,
  parseFactorCode,
  STEP_MS,
  stepOfCode,
  totpCode,
} from "./totp.ts";

/** "12345678901234567890" in base32, the secret of the RFCs. */
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

Deno.test("TOTP: the vectors of RFC 6238, appendix B", () => {
  const vectors: [number, string][] = [
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ];
  for (const [seconds, code] of vectors) {
    assert.equal(totpCode(SECRET, Math.floor(seconds / 30), 8), code);
    assert.equal(totpCode(SECRET, Math.floor(seconds / 30)), code.slice(2));
  }
});

Deno.test("HOTP: the vectors of RFC 4226, appendix D", () => {
  const codes = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");
  codes.forEach((code, step) => assert.equal(totpCode(SECRET, step), code));
});

Deno.test("a code is good in its own step and in those beside it, and in no other", () => {
  const at = 1_000_000;
  const code = totpCode(SECRET, at);
  for (const [steps, expected] of [[-2, null], [-1, at], [0, at], [1, at], [2, null]] as const) {
    assert.equal(stepOfCode(SECRET, code, (at + steps) * STEP_MS), expected, `${steps}`);
  }
  assert.equal(stepOfCode(SECRET, code, (at + 2) * STEP_MS - 1), at);
  assert.equal(stepOfCode(newTotpSecret(), code, at * STEP_MS), null);
  assert.equal(stepOfCode(SECRET, "755224", 0), 0, "no step lies before 1970");
});

Deno.test("secrets are 160 bits in base32, all of them others; the address is what apps read", () => {
  const secrets = Array.from({ length: 100 }, newTotpSecret);
  assert.equal(new Set(secrets).size, 100);
  for (const secret of secrets) assert.match(secret, /^[A-Z2-7]{32}$/);
  const url = new URL(otpauthUri(SECRET, { issuer: "chat.example", account: "张 伟" }));
  assert.deepEqual([url.protocol, url.searchParams.get("secret"), url.searchParams.get("issuer")], [
    "otpauth:",
    SECRET,
    "chat.example",
  ]);
  assert.ok(decodeURIComponent(url.href).includes("totp/chat.example:张 伟?"));
});

Deno.test("what is typed: six digits, or a recovery code, however it is spaced; nothing else", () => {
  assert.deepEqual(parseFactorCode(" 123 456 "), { totp: "123456" });
  const { codes, hashes } = newRecoveryCodes(10);
  assert.equal(new Set(codes).size, 10);
  codes.forEach((code, i) => {
    assert.match(code, /^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
    for (const typed of [code, code.toLowerCase().replaceAll("-", " "), code.replaceAll("-", "")]) {
      assert.deepEqual(parseFactorCode(typed), { recoveryHash: hashes[i] });
    }
  });
  for (const odd of ["", "12345", "1234567", "１２３４５６", "x", "ABCD-EFGH-IJKL", "' OR 1=1"]) {
    assert.equal(parseFactorCode(odd), null, odd);
  }
});
