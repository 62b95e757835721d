import assert from "node:assert/strict";
import { CompactEncrypt, decodeProtectedHeader, generateKeyPair, SignJWT } from "jose";
import { ImError } from "../wire/errors.ts";
import { generateKeys, type SigningKey, SIGNS_AFTER_MS } from "./keys.ts";
import { createTokens, type Identity } from "./tokens.ts";

const NOW = 1_700_000_000_500;
const NOW_SECONDS = 1_700_000_000;
const KEYS = generateKeys(NOW);
const KEY = KEYS.keys[0];
const BOB: Identity = { userId: 42, sessionId: 7, role: "user" };

const CLAIMS = {
  iss: "imserver",
  aud: "imserver",
  sub: "42",
  sid: "7",
  role: "user",
  iat: NOW_SECONDS,
  exp: NOW_SECONDS + 900,
};
const HEADER = { alg: "HS256", kid: KEY.kid, typ: "at+jwt" };

function encode(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** A token signed rightly over whatever it says, made without the library under test. */
async function sign(header: unknown, payload: unknown, key: SigningKey = KEY): Promise<string> {
  const signed = `${encode(header)}.${encode(payload)}`;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const hmac = await crypto.subtle.importKey("raw", key.secret(), algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, new TextEncoder().encode(signed)));
  return `${signed}.${mac.toBase64({ alphabet: "base64url", omitPadding: true })}`;
}

function claims(change: Record<string, unknown>): Promise<string> {
  return sign(HEADER, { ...CLAIMS, ...change });
}

function header(change: Record<string, unknown>): Promise<string> {
  return sign({ ...HEADER, ...change }, CLAIMS);
}

const tokens = createTokens(KEYS, { now: () => NOW });

function rejectsWith(code: "token_expired" | "token_invalid", token: string): Promise<void> {
  return assert.rejects(tokens.verify(token), (error: unknown) => {
    assert.ok(error instanceof ImError, String(error));
    assert.equal(error.code, code);
    assert.equal(error.message, new ImError(code).message);
    assert.equal(error.cause, undefined);
    return true;
  });
}

Deno.test("tokens: what was issued verifies, until it expires", async () => {
  let now = NOW;
  const { issue, verify, accessTtlSeconds } = createTokens(KEYS, { now: () => now });
  assert.equal(accessTtlSeconds, 900);
  const token = await issue(BOB);
  const expiresAtMs = (NOW_SECONDS + 900) * 1000;
  assert.deepEqual(await verify(token), { ...BOB, expiresAtMs });
  now = expiresAtMs - 1;
  assert.deepEqual(await verify(token), { ...BOB, expiresAtMs });
  now = expiresAtMs;
  await assert.rejects(verify(token), (error: unknown) => (error as ImError).code === "token_expired");
});

Deno.test("tokens: the largest ids, the other role and another life span survive", async () => {
  const { issue, verify } = createTokens(KEYS, { now: () => NOW, accessTtlSeconds: 5 });
  const ann: Identity = { userId: Number.MAX_SAFE_INTEGER, sessionId: 1, role: "admin" };
  assert.deepEqual(await verify(await issue(ann)), { ...ann, expiresAtMs: (NOW_SECONDS + 5) * 1000 });
});

Deno.test("tokens: the header names the first key that is old enough and the type", async () => {
  const keys = { keys: [...generateKeys(NOW - SIGNS_AFTER_MS).keys, KEY] };
  const rotated = createTokens(keys, { now: () => NOW });
  const token = await rotated.issue(BOB);
  assert.deepEqual(decodeProtectedHeader(token), { ...HEADER, kid: keys.keys[0].kid });
  await rejectsWith("token_invalid", token);
  // A token of the key that signed before the change is still good.
  assert.equal((await rotated.verify(await tokens.issue(BOB))).userId, 42);
});

Deno.test("tokens: a token made by hand to the letter verifies, so the mutants below fail for their own fault", async () => {
  assert.deepEqual(await tokens.verify(await sign(HEADER, CLAIMS)), {
    ...BOB,
    expiresAtMs: (NOW_SECONDS + 900) * 1000,
  });
});

Deno.test("tokens: issue refuses ids that are none", async () => {
  for (const id of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    await assert.rejects(tokens.issue({ ...BOB, userId: id }), RangeError);
    await assert.rejects(tokens.issue({ ...BOB, sessionId: id }), RangeError);
  }
  assert.throws(() => createTokens(KEYS, { now: () => NOW, accessTtlSeconds: 0 }), RangeError);
});

const expired: Record<string, () => Promise<string>> = {
  "this very second": () => claims({ exp: NOW_SECONDS }),
  "long ago": () => claims({ iat: 1, exp: 2 }),
};
for (const [what, make] of Object.entries(expired)) {
  Deno.test(`tokens: expired ${what}`, async () => await rejectsWith("token_expired", await make()));
}

const unsigned = (alg: string) => `${encode({ ...HEADER, alg })}.${encode(CLAIMS)}.`;
const signedBy = async (other: SigningKey, kid: string) => await sign({ ...HEADER, kid }, CLAIMS, other);
const parts = async () => (await sign(HEADER, CLAIMS)).split(".");

const mutants: Record<string, () => string | Promise<string>> = {
  "empty": () => "",
  "one dot": () => ".",
  "two dots": () => "..",
  "garbage": () => "garbage",
  "unicode": () => "💥.张三.ñ",
  "NUL": () => "\0",
  "alg none": () => unsigned("none"),
  "alg None": () => unsigned("None"),
  "alg NONE": () => unsigned("NONE"),
  "alg none with a good signature": () => header({ alg: "none" }),
  "alg none with the signature of another": async () => `${unsigned("none")}${(await parts())[2]}`,
  "alg hs256": () => header({ alg: "hs256" }),
  "no alg": () => header({ alg: undefined }),
  "RS256 header over an HMAC": () => header({ alg: "RS256" }),
  "HS512 header": () => header({ alg: "HS512" }),
  "real HS512 with our key": () =>
    new SignJWT(CLAIMS).setProtectedHeader({ ...HEADER, alg: "HS512" }).sign(
      new Uint8Array([...KEY.secret(), ...KEY.secret()]),
    ),
  "real RS256": async () =>
    await new SignJWT(CLAIMS).setProtectedHeader({ ...HEADER, alg: "RS256" }).sign(
      (await generateKeyPair("RS256")).privateKey,
    ),
  "another key under our kid": () => signedBy(generateKeys(NOW).keys[0], KEY.kid),
  "another key under its own kid": () => {
    const other = generateKeys(NOW).keys[0];
    return signedBy(other, other.kid);
  },
  "our key under an unknown kid": () => signedBy(KEY, "other"),
  "no kid": () => header({ kid: undefined }),
  "empty kid": () => header({ kid: "" }),
  "numeric kid": () => header({ kid: 0 }),
  "kid of a prototype": () => header({ kid: "__proto__" }),
  "another typ": () => header({ typ: "JWT" }),
  "no typ": () => header({ typ: undefined }),
  "critical extension": () => header({ crit: ["exp"], exp: 1 }),
  "unencoded payload": () => header({ crit: ["b64"], b64: false }),
  "key in the header": async () => {
    const other = generateKeys(NOW).keys[0];
    const k = other.secret().toBase64({ alphabet: "base64url", omitPadding: true });
    return await sign({ ...HEADER, kid: other.kid, jwk: { kty: "oct", k } }, CLAIMS, other);
  },
  "header that is no JSON": () => sign("{", CLAIMS),
  "header that is a list": () => sign([], CLAIMS),
  "payload that is no JSON": () => sign(HEADER, "{"),
  "payload that is a list": () => sign(HEADER, [CLAIMS]),
  "payload that is null": () => sign(HEADER, null),
  "swapped payload": async () => {
    const [head, , mac] = await parts();
    return [head, encode({ ...CLAIMS, role: "admin" }), mac].join(".");
  },
  "no signature": async () => (await parts()).slice(0, 2).join(".") + ".",
  "two parts": async () => (await parts()).slice(0, 2).join("."),
  "four parts": async () => (await parts()).join(".") + ".AAAA",
  "short signature": async () => (await parts()).join(".").slice(0, -1),
  "another spelling of the signature, the same bytes": async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    return (await parts()).join(".").replace(/.$/, (last) => alphabet[alphabet.indexOf(last) + 1]);
  },
  "padded signature": async () => (await parts()).join(".") + "=",
  "space before": async () => " " + (await parts()).join("."),
  "line end after": async () => (await parts()).join(".") + "\n",
  "space in the signature": async () => (await parts()).join(".").replace(/.$/, " $&"),
  "Bearer before": async () => "Bearer " + (await parts()).join("."),
  "too long, though signed": () => claims({ filler: "x".repeat(4096) }),
  "a megabyte": () => "a".repeat(1 << 20),
  "JWE-shaped": () => `${encode({ alg: "dir", enc: "A256GCM" })}..AAAA.AAAA.AAAA`,
  "real JWE": async () =>
    await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(CLAIMS)))
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: KEY.kid, typ: "at+jwt" }).encrypt(KEY.secret()),
  "JWS as JSON": async () => {
    const [head, payload, signature] = await parts();
    return JSON.stringify({ protected: head, payload, signature });
  },
  "no sub": () => claims({ sub: undefined }),
  "no sid": () => claims({ sid: undefined }),
  "no role": () => claims({ role: undefined }),
  "no iss": () => claims({ iss: undefined }),
  "no aud": () => claims({ aud: undefined }),
  "no iat": () => claims({ iat: undefined }),
  "no exp": () => claims({ exp: undefined }),
  "another iss": () => claims({ iss: "elsewhere" }),
  "another aud": () => claims({ aud: "elsewhere" }),
  "another role": () => claims({ role: "root" }),
  "role in a list": () => claims({ role: ["admin"] }),
  "negative sub": () => claims({ sub: "-42" }),
  "zero sub": () => claims({ sub: "0" }),
  "numeric sub": () => claims({ sub: 42 }),
  "sub with a zero before": () => claims({ sub: "042" }),
  "sub with an exponent": () => claims({ sub: "4e1" }),
  "sub in hex": () => claims({ sub: "0x2a" }),
  "fractional sub": () => claims({ sub: "4.2" }),
  "sub in other digits": () => claims({ sub: "٤٢" }),
  "sub with a line end": () => claims({ sub: "42\n" }),
  "sub above 2^53": () => claims({ sub: "9007199254740993" }),
  "empty sub": () => claims({ sub: "" }),
  "negative sid": () => claims({ sid: "-7" }),
  "numeric sid": () => claims({ sid: 7 }),
  "sid above 2^53": () => claims({ sid: "9007199254740992" }),
  "null sid": () => claims({ sid: null }),
  "exp as text": () => claims({ exp: String(NOW_SECONDS + 900) }),
  "fractional exp": () => claims({ exp: NOW_SECONDS + 900.5 }),
  "exp beyond all dates": () => claims({ exp: 1e300 }),
  "nbf in the future": () => claims({ nbf: NOW_SECONDS + 60 }),
  "nbf as text": () => claims({ nbf: "0" }),
  "iat as text": () => claims({ iat: "0" }),
};
for (const [what, make] of Object.entries(mutants)) {
  Deno.test(`tokens: invalid: ${what}`, async () => await rejectsWith("token_invalid", await make()));
}

Deno.test("tokens: no single character of a token can be changed", async () => {
  const token = await tokens.issue(BOB);
  for (let at = 0; at < token.length; at++) {
    for (const character of ["A", "_", "g"]) {
      if (token[at] === character) continue;
      await rejectsWith("token_invalid", token.slice(0, at) + character + token.slice(at + 1));
    }
  }
});
