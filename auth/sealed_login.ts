import { jwtVerify, SignJWT } from "jose";
import { type KeySet, signerOf, type SigningKey } from "./keys.ts";
import type { PendingLogin } from "./oidc.ts";

/** A pending login, and who began it, if somebody was logged in and wants it linked. */
export interface SealedLogin extends PendingLogin {
  link?: { userId: number; sessionId: number };
}

/** Pending logins as signed texts that a browser keeps: whichever gateway it comes back to can read them. */
export interface LoginSeals {
  seal(login: SealedLogin): Promise<string>;
  /** Null for whatever was not sealed here, or too long ago. */
  open(text: string): Promise<SealedLogin | null>;
  useKeys(keys: KeySet): void;
}

export const SEAL_SECONDS = 600;
/** Neither is one of access tokens (tokens.ts), so that none is ever taken for the other. */
const TYPE = "oidc-login+jwt";
const AUDIENCE = "imserver-oidc";

export function createLoginSeals(keys: KeySet, now: () => number): LoginSeals {
  let used = keys;
  return {
    async seal(login) {
      const key = signerOf(used, now());
      const issuedAt = Math.floor(now() / 1000);
      return await new SignJWT({ login, aud: AUDIENCE, iat: issuedAt, exp: issuedAt + SEAL_SECONDS })
        .setProtectedHeader({ alg: "HS256", kid: key.kid, typ: TYPE })
        .sign(key.secret());
    },
    async open(text) {
      if (text.length > 4096) return null;
      try {
        const { payload } = await jwtVerify(text, ({ kid }) => secretOf(used.keys, kid), {
          algorithms: ["HS256"],
          typ: TYPE,
          audience: AUDIENCE,
          requiredClaims: ["exp"],
          currentDate: new Date(now()),
        });
        return payload.login as SealedLogin;
      } catch {
        return null;
      }
    },
    useKeys: (next) => used = next,
  };
}

function secretOf(keys: readonly SigningKey[], kid: string | undefined): Uint8Array {
  const key = keys.find((one) => one.kid === kid);
  if (!key) throw new Error("no such key");
  return key.secret();
}
