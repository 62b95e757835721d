/**
 * What the index knows of a text: its words, and where no spaces stand between words (Chinese, Japanese, Korean,
 * Thai …, emoji) every two neighbours. A search asks the index for these and then looks at the texts themselves, so
 * they need only hold for every text that matches; that others have them too costs time and nothing else.
 *
 * All of it is about folded text (kit/fold_text.ts).
 */

/** Their words have no spaces between them, or hang together so that people look for parts. */
const SCRIPTS = "Han Hiragana Katakana Bopomofo Hangul Yi Thai Lao Khmer Myanmar Tibetan".split(" ")
  .map((script) => `\\p{Script=${script}}`).join("");
/** A character that stands for itself: before and after it begins a word. Symbols beyond ASCII are mostly emoji. */
const UNSPACED = `(?:[${SCRIPTS}々〆ー]|(?=[\\u0080-\\u{10FFFF}])\\p{S})`;
/** A letter or digit of a script that has words. */
const LETTER = `(?!${UNSPACED})[\\p{L}\\p{N}\\p{M}]`;
const RUN = new RegExp(`(?<unspaced>${UNSPACED}+)|(?<word>(?:${LETTER})+)`, "gu");

/** Longer words are known by their beginning. */
const MAX_WORD = 64;

/** The words of a text, as the index keeps them. */
export function wordsOf(folded: string, into: Set<string>): void {
  for (const { groups } of folded.matchAll(RUN)) {
    if (groups!.word) into.add(cut(groups!.word));
    else {
      const characters = [...groups!.unspaced];
      characters.forEach((one, i) => into.add(one + (characters[i + 1] ?? "")));
    }
  }
}

/** What the words of every text that holds a term begin with, or are. */
export interface Needed {
  exact: Set<string>;
  beginnings: Set<string>;
}

export function neededFor(term: string, { exact, beginnings }: Needed): void {
  for (const { 0: run, index, groups } of term.matchAll(RUN)) {
    if (groups!.unspaced) {
      const characters = [...run];
      // The last of a run is neighbour to what the text has after it; a pair before it says as much.
      if (characters.length === 1) beginnings.add(run);
      for (let i = 0; i + 1 < characters.length; i++) exact.add(characters[i] + characters[i + 1]);
    } else if (index + run.length === term.length && cut(run) === run) beginnings.add(run);
    else exact.add(cut(run));
  }
}

/** Where a term stands in a text: from the beginning of a word on. */
export function* placesOf(term: string, folded: string): Generator<number> {
  for (let at = folded.indexOf(term); at >= 0; at = folded.indexOf(term, at + 1)) {
    if (beginsWord(folded, at)) yield at;
  }
}

function beginsWord(text: string, at: number): boolean {
  if (at === 0) return true;
  const [before, after] = [characterBefore(text, at), String.fromCodePoint(text.codePointAt(at)!)];
  return !isSpelling(before) || !isSpelling(after);
}

const SPELLING = new RegExp(LETTER, "u");
const isSpelling = (character: string) => SPELLING.test(character);

function characterBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  const isPair = low >= 0xdc00 && low <= 0xdfff && at > 1;
  return isPair ? text.slice(at - 2, at) : text[at - 1];
}

function cut(word: string): string {
  return word.length <= MAX_WORD ? word : [...word].slice(0, MAX_WORD).join("");
}
