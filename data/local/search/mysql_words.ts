/** FULLTEXT leaves out longer ones. What is cut off the end is cut off in texts and in queries. */
const MAX_WRITTEN = 84;

/** A word in letters and digits, as `search_docs.words` has it. */
export function written(word: string): string {
  let text = "zw";
  for (const character of word) {
    const code = character.codePointAt(0)!;
    const next = /[a-z0-9]/.test(character)
      ? character
      : code < 0x10000
      ? `z${code.toString(16).padStart(4, "0")}`
      : `y${code.toString(16).padStart(6, "0")}`;
    if (text.length + next.length > MAX_WRITTEN) break;
    text += next;
  }
  return text;
}
