import { dictionary } from "npm:@zxcvbn-ts/language-common@4.1.3";
import { ENTRY_BYTES, passwordMark } from "../auth/common_passwords.ts";

/**
 * `deno task common-passwords` writes auth/common_passwords.bin: the first bytes of a digest of each of the most used
 * passwords, sorted. Nobody needs to run it but who wants a newer list.
 */

/** Shorter ones are refused for their length. */
const SHORTEST = 8;
const words = (dictionary as unknown as Record<string, string[]>)["passwords-common"];
const marks = new Set(words.filter((word) => word.length >= SHORTEST).map(passwordMark));
const bytes = new Uint8Array(marks.size * ENTRY_BYTES);
const view = new DataView(bytes.buffer);
[...marks].sort((a, b) => a - b).forEach((mark, i) => view.setUint32(i * ENTRY_BYTES, mark));
await Deno.writeFile(new URL("../auth/common_passwords.bin", import.meta.url), bytes);
console.log(`${marks.size} passwords, ${bytes.length} bytes`);
