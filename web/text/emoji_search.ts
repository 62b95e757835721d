import { EMOJI } from "./emoji.ts";

const MOST = 60;

/** The emoji whose words begin with what was typed, in English, or have it in them, in Chinese. */
export function searchEmoji(query: string): string[] {
  const wanted = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return [];
  const found: string[] = [];
  for (const group of EMOJI) {
    for (const [emoji, words] of group) {
      if (wanted.every((one) => emoji === one || has(words, one)) && found.push(emoji) === MOST) return found;
    }
  }
  return found;
}

function has(words: string, part: string): boolean {
  if (!/^[\x20-\x7e]*$/.test(part)) return words.includes(part);
  return words.startsWith(part) || words.includes(` ${part}`);
}
