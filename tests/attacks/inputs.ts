import { type Operation, operations } from "../../wire/operations.ts";
import type { Random } from "../faults/random.ts";

/** Inputs that nobody sane would send, the same ones again from the same seed. */

/** What ends the session, or costs a password hash, would only slow the rest down: other tests have it. */
export const NAMES = Object.keys(operations).filter((name) => !/^(auth|session)\.|passw|delet/i.test(name));

const TEXTS = [
  "",
  " ",
  "0",
  "1",
  "-1",
  "9007199254740993",
  "1e400",
  "null",
  "\u0000",
  "a\r\nset-cookie: x=y",
  "../../etc/passwd",
  "..\\..\\boot.ini",
  "CON",
  "name\u202Egpj.exe",
  '"; filename="x',
  "%00%2e%2e%2f",
  "' OR 1=1 --",
  "%_\\",
  "<script>alert(1)</script>",
  "\ud800",
  "\u0130\u00df\ufb03",
  "e" + "\u0301".repeat(500),
  "\ud83d\udc69\u200d\ud83d\udc67".repeat(60),
  "x".repeat(5_000),
  "__proto__",
  "constructor",
  "user",
];

/** Any text, now and then a few random characters. */
export function hostileText(random: Random): string {
  if (random.chance(0.6)) return random.pick(TEXTS)!;
  return String.fromCharCode(...Array.from({ length: random.int(1, 300) }, () => random.int(0, 0xffff)));
}

/** Any value that JSON can hold, at most some levels deep. */
export function hostileValue(random: Random, depth = 4): unknown {
  const kind = depth > 0 ? random.int(0, 7) : random.int(0, 5);
  if (kind <= 2) return hostileText(random);
  if (kind === 3) return random.pick([null, true, false])!;
  if (kind <= 5) {
    return random.pick([0, -0, -1, 1, 0.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, random.int(0, 1e6)])!;
  }
  const items = Array.from({ length: random.int(0, 5) }, () => hostileValue(random, depth - 1));
  return kind === 6 ? items : Object.fromEntries(items.map((item) => [hostileText(random), item]));
}

/** An operation's input: its own fields mostly, each with anything in it, and sometimes one that it does not have. */
export function hostileInput(random: Random, name: string, real: readonly string[]): Record<string, unknown> {
  const { shape } = (operations as Record<string, Operation>)[name].input;
  const fields = Object.keys(shape).filter(() => random.chance(0.8));
  if (random.chance(0.1)) fields.push(hostileText(random));
  return Object.fromEntries(fields.map((field) => {
    const plausible = random.chance(0.5) ? random.pick(real) : undefined;
    return [field, plausible ?? hostileValue(random)];
  }));
}

/** The text with some of its characters lost, doubled, changed or moved; as often as not the text itself. */
export function mutated(random: Random, text: string): string {
  if (random.chance(0.5)) return text;
  let result = text;
  for (let left = random.int(1, 4); left > 0; left--) {
    const [at, to] = [random.int(0, result.length), random.int(0, result.length)].sort((a, b) => a - b);
    const middle = random.pick([
      "",
      result.slice(at, to).repeat(2),
      String.fromCharCode(random.int(0, 0xffff)),
      random.pick(["{", "[", '"', "\\", ",", "}", "]", ":", "[".repeat(2_000), "1e999"])!,
    ])!;
    result = (result.slice(0, at) + middle + result.slice(to)).slice(0, 60_000);
  }
  return result;
}

export function randomBytes(random: Random, atMost: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(random.int(0, atMost));
  random.fill(bytes);
  return bytes;
}
