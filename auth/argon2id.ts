import { argon2id, argon2Verify } from "hash-wasm";

/** What one hash costs. */
export interface Argon2Cost {
  memoryKiB: number;
  iterations: number;
}

/**
 * Argon2id (RFC 9106) with the smallest cost that OWASP's Password Storage Cheat Sheet still recommends: 19 MiB and
 * two passes, one lane. RFC 9106 section 4 would like more memory, which a chat server at its login rush has not.
 */
export const ARGON2_COST: Argon2Cost = { memoryKiB: 19456, iterations: 2 };

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** The encoded form `$argon2id$v=19$m=…,t=…,p=1$salt$hash`, about 97 characters. Rejects an empty password. */
export async function argon2Hash(password: string, cost: Argon2Cost = ARGON2_COST): Promise<string> {
  return await derive(prepare(password), crypto.getRandomValues(new Uint8Array(SALT_BYTES)), cost);
}

/**
 * Whether the password belongs to an encoded hash, at the cost the hash itself names. A null hash (no such user) and an
 * empty password are never right, yet take the work of one hash, so that time does not tell who exists.
 * Rejects when the stored text is not an encoded Argon2 hash.
 */
export async function argon2Matches(
  hash: string | null,
  password: string,
  cost: Argon2Cost = ARGON2_COST,
): Promise<boolean> {
  if (hash === null || password === "") {
    await derive(prepare(password || "-"), DUMMY_SALT, cost);
    return false;
  }
  return await argon2Verify({ hash, password: prepare(password) });
}

const DUMMY_SALT = new Uint8Array(SALT_BYTES);

function derive(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<string> {
  return argon2id({
    password,
    salt,
    parallelism: 1,
    memorySize: cost.memoryKiB,
    iterations: cost.iterations,
    hashLength: HASH_BYTES,
    outputType: "encoded",
  });
}

/**
 * RFC 8265 section 4.2 (OpaqueString): other spaces become U+0020 and the text NFC, so that the same keys pressed on
 * another system are the same password; case and width stay as typed.
 */
function prepare(password: string): Uint8Array {
  return new TextEncoder().encode(password.replace(/\p{Zs}/gu, " ").normalize("NFC"));
}
