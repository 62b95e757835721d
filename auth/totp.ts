import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { hashOneTimeToken } from "./refresh.ts";

/** Codes from an app that shares a secret (RFC 6238, with what every app can: SHA-1, six digits, 30 seconds). */
export const STEP_MS = 30_000;
const DIGITS = 6;
/** RFC 4226, section 4: as long as what the HMAC makes. */
const SECRET_BYTES = 20;
/** A clock may be off, and typing takes a while: so many steps before and after are taken too. */
const DRIFT_STEPS = 1;

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret in base32, as apps take it: 32 characters. */
export function newTotpSecret(): string {
  return toBase32(randomBytes(SECRET_BYTES));
}

/** What a QR code of the secret says: the address that apps understand. */
export function otpauthUri(secret: string, { issuer, account }: { issuer: string; account: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}`;
}

/** The code of one time step (RFC 4226, section 5.3). */
export function totpCode(secret: string, step: number, digits = DIGITS): string {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = createHmac("sha1", fromBase32(secret)).update(new Uint8Array(counter.buffer)).digest();
  const number = mac.readUInt32BE(mac[mac.length - 1] & 15) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

/** The time step that a code belongs to, the latest of those around now; null: to none. It takes the same time always. */
export function stepOfCode(secret: string, code: string, now: number): number | null {
  const current = Math.floor(now / STEP_MS);
  let found: number | null = null;
  for (let step = current - DRIFT_STEPS; step <= current + DRIFT_STEPS; step++) {
    if (step >= 0 && timingSafeEqual(ascii(totpCode(secret, step)), ascii(code))) found = step;
  }
  return found;
}

const ascii = (code: string) => new TextEncoder().encode(code);

/** What somebody typed as a second factor. */
export type FactorCode = { totp: string } | { recoveryHash: string };

/** Null for what is neither a code nor a recovery code. Spaces, hyphens and case do not matter. */
export function parseFactorCode(text: string): FactorCode | null {
  const bare = text.replaceAll(/[\s-]/g, "").toUpperCase();
  if (/^[0-9]{6}$/.test(bare)) return { totp: bare };
  return /^[A-Z2-7]{16}$/.test(bare) ? { recoveryHash: hashOneTimeToken(bare) } : null;
}

/**
 * Codes for who has lost their app, each good once: 80 random bits, so that a plain hash protects them. To show:
 * `ABCD-EFGH-IJKL-MNOP`.
 */
export function newRecoveryCodes(count: number): { codes: string[]; hashes: string[] } {
  const bare = Array.from({ length: count }, () => toBase32(randomBytes(10)));
  return { codes: bare.map((code) => code.match(/.{4}/g)!.join("-")), hashes: bare.map(hashOneTimeToken) };
}

/** RFC 4648, section 6, for lengths that need no padding. */
function toBase32(bytes: Uint8Array): string {
  let text = "";
  let [bits, held] = [0, 0];
  for (const byte of bytes) {
    held = (held << 8 | byte) & 0xfff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32[held >> (bits - 5) & 31];
  }
  return text;
}

function fromBase32(text: string): Uint8Array {
  const bytes: number[] = [];
  let [bits, held] = [0, 0];
  for (const char of text) {
    held = (held << 5 | BASE32.indexOf(char)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push(held >> bits & 255);
  }
  return new Uint8Array(bytes);
}
