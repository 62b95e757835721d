import { createHash } from "node:crypto";
import list from "./common_passwords.bin" with { type: "bytes" };
import { ImError } from "../wire/errors.ts";

/** The list is 4 bytes of SHA-256 a password, sorted: by chance one good password in 240,000 is refused. */
export const ENTRY_BYTES = 4;

const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
/** How many passwords are known. */
export const COMMON_PASSWORDS = list.byteLength / ENTRY_BYTES;

/** What stands for a password in the list; case and width do not count. */
export function passwordMark(password: string): number {
  return createHash("sha256").update(password.normalize("NFKC").toLowerCase()).digest().readUInt32BE(0);
}

/** Whether it is one of the most used passwords, which are what guessers try first (OWASP ASVS 2.1.7). */
export function isCommonPassword(password: string): boolean {
  const mark = passwordMark(password);
  let [low, high] = [0, COMMON_PASSWORDS - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = view.getUint32(middle * ENTRY_BYTES);
    if (found === mark) return true;
    if (found < mark) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

/** Throws `password_common` about the field. */
export function refuseCommonPassword(password: string, field = "password"): void {
  if (isCommonPassword(password)) throw new ImError("password_common", undefined, { field });
}
