import { ImError } from "../wire/errors.ts";
import { foldName } from "../kit/fold.ts";
import { isReserved } from "./reserved_names.ts";
import { isHighlyRestrictive, mixesDigits } from "./scripts.ts";

/** In code points, after normalisation. */
export const USERNAME_MIN_LENGTH = 2;
export const USERNAME_MAX_LENGTH = 32;

/** Before normalisation, in UTF-16 units: a bound on the work. A decomposed letter may take several. */
const RAW_MAX_LENGTH = 256;

/** What a good username has to be, in the order the rules are told to whoever broke one. */
const RULES: { holds: (name: string) => boolean; sentence: string }[] = [
  {
    holds: (name) => inRange([...name].length, USERNAME_MIN_LENGTH, USERNAME_MAX_LENGTH),
    sentence: `A username has ${USERNAME_MIN_LENGTH} to ${USERNAME_MAX_LENGTH} characters.`,
  },
  {
    // Letters may be invisible too (Hangul fillers), and some marks are (variation selectors): UTS #39, section 3.
    // Letters of no script are modifier signs that look like quotes and colons (ʻ ˈ ː).
    holds: (name) =>
      /^[\p{L}\p{Mn}\p{Mc}\p{Nd}_.-]*$/u.test(name) &&
      !/\p{Default_Ignorable_Code_Point}/u.test(name) &&
      !/(?=\p{L})[\p{Script_Extensions=Zyyy}\p{Script_Extensions=Zinh}]/u.test(name),
    sentence: "A username holds only letters, digits, underscores, hyphens and dots.",
  },
  { holds: (name) => /^[\p{L}\p{Nd}]/u.test(name), sentence: "A username begins with a letter or a digit." },
  { holds: (name) => !/[-_.]$/.test(name), sentence: "A username ends with a letter or a digit." },
  {
    holds: (name) => !/[-_.]{2}/.test(name),
    sentence: "A username has no two underscores, hyphens or dots in a row.",
  },
  {
    // Stacked or repeated marks hide or bury each other: UTS #39, section 5.4, which also names the limit of 4.
    holds: (name) => !/(?<![\p{L}\p{M}])\p{M}|\p{M}{5}/u.test(name) && !/(\p{M})\1/u.test(name),
    sentence: "In a username accents and other marks follow a letter, at most four, none twice in a row.",
  },
  { holds: isHighlyRestrictive, sentence: "A username does not mix letters of different scripts." },
  { holds: (name) => !mixesDigits(name), sentence: "A username does not mix different kinds of digits." },
];

/**
 * Checks a name as a person typed it and gives it back in NFKC (UAX #15) to show, with the `key` that must be
 * unique: names that differ only in case or width have the same key. The key has at most 64 code points
 * (ß counts as ss).
 *
 * Throws ImError `username_invalid` with a sentence that names the first broken rule. Reserved names (admin,
 * 客服 …) are refused unless `allowReserved`, which is for whoever sets the server up.
 */
export function parseUsername(
  raw: string,
  options: { allowReserved?: boolean } = {},
): { username: string; key: string } {
  if (raw.length > RAW_MAX_LENGTH) refuse(RULES[0].sentence);
  if (raw.trim() !== raw) refuse("A username does not begin or end with white space.");
  const username = raw.normalize("NFKC");
  for (const rule of RULES) if (!rule.holds(username)) refuse(rule.sentence);
  const key = foldName(username);
  if (!options.allowReserved && isReserved(key)) refuse("This username is reserved.");
  return { username, key };
}

function inRange(value: number, min: number, max: number): boolean {
  return value >= min && value <= max;
}

function refuse(sentence: string): never {
  throw new ImError("username_invalid", sentence, { field: "username" });
}
