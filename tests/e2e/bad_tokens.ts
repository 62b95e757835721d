import { SignJWT } from "jose";
import { generateKeys, loadKeys } from "../../auth/keys.ts";
import { createTokens } from "../../auth/tokens.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import type { Person } from "../support/people.ts";

/** Tokens that must open no door. */

const base64url = (value: unknown) =>
  new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });

/** Bearer tokens that must not work → the code. */
export async function badTokens(alice: Person, keyFile: string): Promise<[string, string, ErrorCode][]> {
  const [header, payload, signature] = alice.accessToken.split(".");
  const claims = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" })),
  );
  const identity = { userId: Number(claims.sub), sessionId: Number(claims.sid), role: "user" } as const;
  const keys = await loadKeys(keyFile);
  const hourAgo = Date.now() - 3_600_000;
  const expired = await createTokens(keys, { now: () => hourAgo }).issue(identity);
  const foreign = await createTokens(generateKeys(Date.now()), { now: Date.now }).issue(identity);
  const unknownSession = { ...identity, sessionId: 7 };
  const forged = await createTokens(keys, { now: Date.now }).issue(unknownSession);
  const { kid } = keys.keys[0];
  const sign = (alg: string, typ: string, more = {}) =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg, typ, kid }).sign(keys.keys[0].secret());
  const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
  const none = ["none", "None", "NONE", "nOnE"].flatMap((alg): [string, string, ErrorCode][] => {
    const unsigned = `${base64url({ alg, typ: "at+jwt", kid })}.${payload}`;
    return [
      [`alg ${alg}`, `${unsigned}.`, "token_invalid"],
      [`alg ${alg} with the old signature`, `${unsigned}.${signature}`, "token_invalid"],
    ];
  });
  return [
    ...none,
    ["garbage", "garbage", "token_invalid"],
    ["dots", "..", "token_invalid"],
    ["10,000 characters", "x".repeat(10_000), "token_invalid"],
    ["expired", expired, "token_expired"],
    ["a forged signature", `${header}.${payload}.${flipped}`, "token_invalid"],
    ["no signature", `${header}.${payload}`, "token_invalid"],
    [
      "another's claims",
      `${header}.${base64url({ ...claims, sub: `${Number(claims.sub) + 1}` })}.${signature}`,
      "token_invalid",
    ],
    ["admin by itself", `${header}.${base64url({ ...claims, role: "admin" })}.${signature}`, "token_invalid"],
    ["another key", foreign, "token_invalid"],
    ["another algorithm", await sign("HS512", "at+jwt"), "token_invalid"],
    ["another kind of token", await sign("HS256", "JWT"), "token_invalid"],
    ["another audience", await sign("HS256", "at+jwt", { aud: "x" }), "token_invalid"],
    ["a session that never was", forged, "session_ended"],
    ["a refresh token", alice.refreshToken, "token_invalid"],
  ];
}
