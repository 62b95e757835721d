import { timingSafeEqual } from "node:crypto";
import plainWasm from "argon2id/dist/no-simd.wasm" with { type: "bytes" };
import simdWasm from "argon2id/dist/simd.wasm" with { type: "bytes" };
import setupWasm, { type computeHash } from "argon2id/lib/setup.js";

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
  const { salt, tag, ...own } = decode(hash);
  return timingSafeEqual(await compute(prepare(password), salt, own), tag);
}

const DUMMY_SALT = new Uint8Array(SALT_BYTES);

async function derive(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<string> {
  return encode(await compute(password, salt, cost), salt, cost);
}

async function compute(password: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  const { memoryKiB: memorySize, iterations: passes } = cost;
  return (await load())({ password, salt, parallelism: 1, passes, memorySize, tagLength: HASH_BYTES });
}

let loaded: Promise<computeHash> | undefined;

/**
 * One instance for a thread's whole life: it keeps its 19 MiB and uses them again. An instance for each hash, as
 * some libraries make, is freed only when V8 next collects, some 20 hashes (400 MiB) later.
 */
function load(): Promise<computeHash> {
  return loaded ??= setupWasm(
    (imports) => WebAssembly.instantiate(simdWasm, imports),
    (imports) => WebAssembly.instantiate(plainWasm, imports),
  );
}

const base64 = (bytes: Uint8Array) => bytes.toBase64({ omitPadding: true });

/** The PHC string format, as the reference implementation writes it. */
function encode(tag: Uint8Array, salt: Uint8Array, { memoryKiB, iterations }: Argon2Cost): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${iterations},p=1$${base64(salt)}$${base64(tag)}`;
}

const ENCODED =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=1\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/;

function decode(hash: string): Argon2Cost & { salt: Uint8Array; tag: Uint8Array } {
  const match = ENCODED.exec(hash);
  if (!match) throw new Error("not an encoded Argon2id hash");
  const [, memory, iterations, salt, tag] = match;
  return {
    memoryKiB: Number(memory),
    iterations: Number(iterations),
    salt: Uint8Array.fromBase64(salt),
    tag: Uint8Array.fromBase64(tag),
  };
}

/**
 * RFC 8265 section 4.2 (OpaqueString): other spaces become U+0020 and the text NFC, so that the same keys pressed on
 * another system are the same password; case and width stay as typed.
 */
function prepare(password: string): Uint8Array {
  return new TextEncoder().encode(password.replace(/\p{Zs}/gu, " ").normalize("NFC"));
}
