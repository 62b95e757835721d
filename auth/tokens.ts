import { errors, type JWTPayload, jwtVerify, type JWTVerifyOptions, SignJWT } from "jose";
import { ImError } from "../wire/errors.ts";
import { type KeySet, signerOf, type SigningKey } from "./keys.ts";

/** Who speaks: the user, on which session (one login of one device), with which rights. Ids are positive. */
export interface Identity {
  userId: number;
  sessionId: number;
  role: "user" | "admin";
}

/** Access tokens: short-lived proof of an identity that any node checks without asking the database. */
export interface Tokens {
  /** How long an issued token is good, in seconds. */
  readonly accessTtlSeconds: number;
  /** A signed token, some 300 characters. Rejects with RangeError when an id is not a positive safe integer. */
  issue(identity: Identity): Promise<string>;
  /**
   * Rejects with ImError `token_expired`, or `token_invalid` for everything else: whoever sent a bad token is not
   * told what was wrong with it. A good token says nothing about a session ended since; the caller asks that.
   */
  verify(token: string): Promise<Identity & { expiresAtMs: number }>;
  /** From now on these keys sign and verify. A token of a key that is not among them is refused. */
  useKeys(keys: KeySet): void;
}

const ISSUER = "imserver";
const AUDIENCE = "imserver";
const TYPE = "at+jwt";
const DEFAULT_TTL_SECONDS = 900;
const MAX_TOKEN_LENGTH = 4096;

/**
 * Three base64url parts, the last an HMAC-SHA-256: 32 bytes are 43 characters of which the last carries four bits, so it
 * has sixteen spellings. Anything looser would let one token be written in several ways.
 */
const COMPACT_HS256 = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/**
 * JWTs (RFC 7519) signed with HS256 by one key (see `signerOf`), verified with any, in the manner of RFC 9068 (`typ:
 * at+jwt`) and RFC 8725 (one algorithm, typed, issuer and audience checked). `now` is the clock, in epoch milliseconds.
 */
export function createTokens(
  keys: KeySet,
  options: { now: () => number; accessTtlSeconds?: number },
): Tokens {
  const accessTtlSeconds = options.accessTtlSeconds ?? DEFAULT_TTL_SECONDS;
  if (!isId(accessTtlSeconds)) throw new RangeError("accessTtlSeconds must be a positive integer");
  const ringOf = (set: KeySet) => new Map(set.keys.map((key) => [key.kid, lazily(() => importKey(key))]));
  let [used, ring] = [keys, ringOf(keys)];
  const findKey = (wanted: string | undefined): Promise<CryptoKey> => {
    const key = ring.get(wanted ?? "");
    if (key === undefined) throw new ImError("token_invalid");
    return key();
  };
  return {
    accessTtlSeconds,
    async issue({ userId, sessionId, role }) {
      if (!isId(userId) || !isId(sessionId)) throw new RangeError("ids must be positive safe integers");
      const issuedAt = Math.floor(options.now() / 1000);
      const { kid } = signerOf(used, options.now());
      const claims = { iss: ISSUER, aud: AUDIENCE, sub: String(userId), sid: String(sessionId), role };
      return await new SignJWT({ ...claims, iat: issuedAt, exp: issuedAt + accessTtlSeconds })
        .setProtectedHeader({ alg: "HS256", kid, typ: TYPE })
        .sign(await findKey(kid));
    },
    async verify(token) {
      if (token.length > MAX_TOKEN_LENGTH || !COMPACT_HS256.test(token)) throw new ImError("token_invalid");
      try {
        const checks = { ...CHECKS, currentDate: new Date(options.now()) };
        const { payload } = await jwtVerify(token, (header) => findKey(header.kid), checks);
        return readIdentity(payload);
      } catch (error) {
        throw new ImError(error instanceof errors.JWTExpired ? "token_expired" : "token_invalid");
      }
    },
    useKeys(next) {
      [used, ring] = [next, ringOf(next)];
    },
  };
}

const CHECKS: JWTVerifyOptions = {
  algorithms: ["HS256"],
  typ: TYPE,
  issuer: ISSUER,
  audience: AUDIENCE,
  requiredClaims: ["sub", "sid", "role", "iat", "exp"],
};

function readIdentity({ sub, sid, role, exp }: JWTPayload): Identity & { expiresAtMs: number } {
  if (role !== "user" && role !== "admin") throw new ImError("token_invalid");
  if (!Number.isSafeInteger(exp)) throw new ImError("token_invalid");
  return { userId: parseId(sub), sessionId: parseId(sid), role, expiresAtMs: exp! * 1000 };
}

function parseId(text: unknown): number {
  const id = typeof text === "string" && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : 0;
  if (!isId(id)) throw new ImError("token_invalid");
  return id;
}

function isId(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function importKey(key: SigningKey): Promise<CryptoKey> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", key.secret(), algorithm, false, ["sign", "verify"]);
}

/** Makes the value once, when first asked: importing is asynchronous and a constructor cannot wait. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
