/** Good Chinese typesetting sets Latin letters and digits apart from Chinese characters. */
const HAN_END = /\p{Script=Han}$/u;
const HAN_START = /^\p{Script=Han}/u;
const LATIN_END = /[\p{Script=Latin}\p{Nd}]$/u;
const LATIN_START = /^[\p{Script=Latin}\p{Nd}]/u;

/** One after another, with a space where Chinese and Latin meet. Within a part, a name say, nothing is touched. */
export function joinWords(...parts: string[]): string {
  return parts.reduce((before, next) => {
    const meet = HAN_END.test(before) && LATIN_START.test(next) ||
      LATIN_END.test(before) && HAN_START.test(next);
    return before + (meet ? " " : "") + next;
  }, "");
}
