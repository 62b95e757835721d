import { dirname, join } from "node:path";

/** Enough for HMAC-SHA-256, which must not have a shorter key: RFC 7518 section 3.2. */
const MIN_SECRET_BYTES = 32;
const MAX_SECRET_BYTES = 512;
const MAX_KEYS = 100;
const KID_BYTES = 9;

/** Far above 100 keys; a larger file is some other file. */
const MAX_FILE_BYTES = 256 * 1024;

/** A secret that signs access tokens. The bytes are private, so that no log or JSON shows them by accident. */
export class SigningKey {
  readonly alg = "HS256";
  readonly #secret: Uint8Array<ArrayBuffer>;

  /** `createdAt` in epoch milliseconds; `secret` at least 32 bytes. */
  constructor(readonly kid: string, secret: Uint8Array, readonly createdAt: number) {
    this.#secret = new Uint8Array(secret);
  }

  /** A copy of the secret bytes. */
  secret(): Uint8Array<ArrayBuffer> {
    return this.#secret.slice();
  }
}

/** At least one key, the newest first. One signs (`signerOf`); all verify, so that tokens outlive a change of key. */
export interface KeySet {
  readonly keys: readonly SigningKey[];
}

/** A new key signs only when it is so old: every gateway has read it by then, and refuses no token signed with it. */
export const SIGNS_AFTER_MS = 5 * 60_000;
/** A key that does not sign any more is kept so long: far longer than any token that it signed is good. */
export const KEPT_AFTER_MS = 3600_000;

/** The first key that is old enough to sign; where none is, the last, which most have read. `now` in epoch milliseconds. */
export function signerOf({ keys }: KeySet, now: number): SigningKey {
  return keys.find(({ createdAt }) => createdAt + SIGNS_AFTER_MS <= now) ?? keys[keys.length - 1];
}

/**
 * The same with a new key in front, without those whose place another took long ago. Throws when so many were put
 * there lately that tokens of the oldest may still be good.
 */
export function rotated({ keys }: KeySet, now: number): KeySet {
  const replacedAt = (index: number) => keys[index - 1].createdAt + SIGNS_AFTER_MS;
  const kept = keys.filter((_, index) => index === 0 || replacedAt(index) + KEPT_AFTER_MS > now);
  if (kept.length >= MAX_KEYS) {
    throw new Error(`${MAX_KEYS} keys may still be in use; rotate again in an hour`);
  }
  return { keys: [...generateKeys(now).keys, ...kept] };
}

/** One new random key. `now` in epoch milliseconds. */
export function generateKeys(now: number): KeySet {
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  return { keys: [new SigningKey(toBase64url(random(KID_BYTES)), random(MIN_SECRET_BYTES), now)] };
}

/** The key file's text: `{ "keys": [ { "kid", "alg": "HS256", "k": "<base64url>", "createdAt" } ] }`. */
export function formatKeys({ keys }: KeySet): string {
  const rows = keys.map((key) => ({
    kid: key.kid,
    alg: key.alg,
    k: toBase64url(key.secret()),
    createdAt: key.createdAt,
  }));
  return JSON.stringify({ keys: rows }, null, 2) + "\n";
}

/**
 * Reads what `formatKeys` wrote. Throws an Error that says which field is wrong and never what stands in it, because
 * the message goes to a log.
 */
export function parseKeys(text: string): KeySet {
  const file = parseJson(text);
  if (!isRecord(file) || !Array.isArray(file.keys)) wrong('must be an object with a list "keys"');
  if (Object.keys(file).length > 1) wrong('has a field beside "keys"');
  const rows: unknown[] = file.keys;
  if (rows.length === 0) wrong('"keys" is empty');
  if (rows.length > MAX_KEYS) wrong(`"keys" has more than ${MAX_KEYS} entries`);
  const keys = rows.map((row, index) => parseKey(row, `keys[${index}]`));
  keys.forEach(({ kid }, index) => {
    const first = keys.findIndex((key) => key.kid === kid);
    if (first !== index) wrong(`keys[${index}].kid is the same as keys[${first}].kid`);
  });
  return { keys };
}

/**
 * Reads the key file. Rejects with Deno.errors.NotFound when there is none, and with an Error that names the path when
 * others than the owner may use it or when its text is wrong (see `parseKeys`).
 */
export async function loadKeys(path: string): Promise<KeySet> {
  using file = await Deno.open(path);
  // Asked of the open file, not of the path, so that what was checked is what is read.
  const { mode, size, isFile } = await file.stat();
  if (!isFile) throw new Error(`${path} is not a file`);
  if (mode !== null && (mode & 0o077) !== 0) {
    throw new Error(`${path} holds secret keys but others than its owner may use it; run: chmod 600 ${path}`);
  }
  if (size > MAX_FILE_BYTES) throw new Error(`${path} is too large for a key file`);
  const text = await new Response(file.readable).text();
  try {
    return parseKeys(text);
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : "unreadable"}`);
  }
}

/**
 * Reads the key file, or creates it with one new key on the first run. `now` in epoch milliseconds. Of several
 * processes that start at once on the same path one creates the file and all get its key.
 */
export async function loadOrCreateKeys(
  path: string,
  now: number,
): Promise<{ keys: KeySet; created: boolean }> {
  const found = await loadIfThere(path);
  if (found !== null) return { keys: found, created: false };
  const created = await createWhole(path, formatKeys(generateKeys(now)));
  return { keys: await loadKeys(path), created };
}

/**
 * Puts a new key into the key file, whole or not at all; answers what stands there now. The file keeps its owner, so
 * that root may do it for the server. Rejects as `loadKeys` does, and with what `rotated` throws.
 */
export async function rotateKeys(path: string, now: number): Promise<KeySet> {
  const place = await Deno.realPath(path);
  const next = rotated(await loadKeys(place), now);
  const temporary = join(dirname(place), `.keys-${crypto.randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, formatKeys(next));
    const [{ uid, gid }, own] = [await Deno.stat(place), await Deno.stat(temporary)];
    if (uid !== null && (uid !== own.uid || gid !== own.gid)) await Deno.chown(temporary, uid, gid);
    await Deno.rename(temporary, place);
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
  await syncFolder(dirname(place));
  return next;
}

function parseKey(row: unknown, name: string): SigningKey {
  if (!isRecord(row)) wrong(`${name} must be an object`);
  const { kid, alg, k, createdAt, ...others } = row;
  if (Object.keys(others).length > 0) wrong(`${name} has a field other than kid, alg, k and createdAt`);
  if (typeof kid !== "string" || !/^[A-Za-z0-9_.-]{1,64}$/.test(kid)) {
    wrong(`${name}.kid must be 1 to 64 of A-Z a-z 0-9 _ . -`);
  }
  if (alg !== "HS256") wrong(`${name}.alg must be "HS256"`);
  const secret = typeof k === "string" ? fromBase64url(k) : null;
  if (secret === null) wrong(`${name}.k must be base64url without padding`);
  if (secret.length < MIN_SECRET_BYTES) wrong(`${name}.k has fewer than ${MIN_SECRET_BYTES} bytes`);
  if (secret.length > MAX_SECRET_BYTES) wrong(`${name}.k has more than ${MAX_SECRET_BYTES} bytes`);
  if (typeof createdAt !== "number" || !Number.isSafeInteger(createdAt) || createdAt < 0) {
    wrong(`${name}.createdAt must be a time in epoch milliseconds`);
  }
  return new SigningKey(kid, secret, createdAt);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text around the fault, which may be a key.
    wrong("is not valid JSON");
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(what: string): never {
  throw new Error(`the key file ${what}`);
}

function toBase64url(bytes: Uint8Array<ArrayBuffer>): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Null for whatever `toBase64url` would not have written. */
function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return toBase64url(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

async function loadIfThere(path: string): Promise<KeySet | null> {
  try {
    return await loadKeys(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * Creates a file whole or not at all, whenever the power fails; false when the path is taken. The text is on disk
 * under a temporary name before the true name exists. A hard link gives the true name, because unlike a rename it never
 * replaces what another process has put there.
 */
async function createWhole(path: string, text: string): Promise<boolean> {
  const temporary = join(dirname(path), `.keys-${crypto.randomUUID()}.tmp`);
  try {
    await writeDurably(temporary, text);
    await Deno.link(temporary, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  } finally {
    await Deno.remove(temporary).catch(() => {});
  }
  await syncFolder(dirname(path));
  return true;
}

async function writeDurably(path: string, text: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  const bytes = new TextEncoder().encode(text);
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  await file.sync();
}

/** A new name is durable only when its folder is; Windows has no such call. */
async function syncFolder(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using folder = await Deno.open(path);
  await folder.sync();
}
