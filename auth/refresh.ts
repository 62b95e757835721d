import { createHash, randomBytes } from "node:crypto";

/**
 * Secrets that are shown once and stored only as a hash. They are 32 random bytes, so a plain SHA-256 protects them: a
 * slow hash is for what people choose.
 */
const SECRET_BYTES = 32;

/** 32 bytes in base64url: 43 characters, the last of which carries four bits and so has sixteen spellings. */
const SECRET = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]";
const REFRESH_TOKEN = new RegExp(`^([1-9][0-9]{0,15})\\.(${SECRET})\\.(${SECRET})$`);

/**
 * A refresh token is `<sessionId>.<family>.<secret>`. The family stays the session's whole life, the secret is
 * good once. So a secret that was used before can be told from a guess: only somebody who once held a token of
 * the session knows its family, and only then must the session end (RFC 9700, section 4.14.2).
 */
export interface RefreshToken {
  sessionId: number;
  /** To give away. */
  token: string;
  /** To store: SHA-256 in 43 characters of base64url. The id in front finds the session without an index. */
  familyHash: string;
  hash: string;
}

/** The first token of a session. Throws RangeError when the id is not a positive safe integer. */
export function newRefreshToken(sessionId: number): RefreshToken {
  if (!Number.isSafeInteger(sessionId) || sessionId <= 0) {
    throw new RangeError("sessionId must be a positive safe integer");
  }
  return compose(sessionId, newOneTimeToken().token);
}

/** The token that follows: the same family, another secret. */
export function nextRefreshToken({ sessionId, token }: RefreshToken): RefreshToken {
  return compose(sessionId, token.split(".")[1]);
}

/** Null for whatever `newRefreshToken` could not have made. */
export function parseRefreshToken(token: string): RefreshToken | null {
  const match = REFRESH_TOKEN.exec(token);
  const sessionId = Number(match?.[1]);
  if (match === null || !Number.isSafeInteger(sessionId)) return null;
  return { sessionId, token, familyHash: hashOneTimeToken(match[2]), hash: hashOneTimeToken(match[3]) };
}

function compose(sessionId: number, family: string): RefreshToken {
  const { token: secret, hash } = newOneTimeToken();
  return { sessionId, token: `${sessionId}.${family}.${secret}`, familyHash: hashOneTimeToken(family), hash };
}

/** A token good for one use, such as the admin link of the first run (43 characters), and the hash to store. */
export function newOneTimeToken(): { token: string; hash: string } {
  const token = randomBytes(SECRET_BYTES).toString("base64url");
  return { token, hash: hashOneTimeToken(token) };
}

/** SHA-256 of the text, 43 characters of base64url. Any text has a hash; one that was never issued is not found. */
export function hashOneTimeToken(token: string): string {
  return createHash("sha256").update(token, "utf8").digest("base64url");
}
