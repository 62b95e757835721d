/**
 * What the index knows of a text: its words, and where no spaces stand between words (Chinese, Japanese, Korean,
 * Thai …, emoji) every character and every two neighbours. A search asks the index for these and then looks at the texts themselves, so
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
/** The same for texts of ASCII alone, which is most of them, in a tenth of the time. */
const ASCII_RUN = /[A-Za-z0-9]+/g;
const ASCII = /^[\0-\x7f]*$/;

/** How much of a word's beginning is kept: what is looked for is then one of these, or has one of these before it. */
const LENGTHS = [1, 2, 3, 4, 5, 6, 8, 12, 20, 32];

/**
 * What the index keeps of a text: of words their beginnings, of the others each character and each two neighbours.
 * So a search never asks for all words that begin with something, which would take as long as there are such.
 */
export function wordsOf(folded: string, into: Set<string>): void {
  if (ASCII.test(folded)) {
    for (const [word] of folded.matchAll(ASCII_RUN)) {
      for (const length of LENGTHS) if (length <= word.length) into.add(word.slice(0, length));
    }
    return;
  }
  for (const { groups } of folded.matchAll(RUN)) {
    const characters = [...groups!.word ?? groups!.unspaced];
    if (groups!.word) {
      for (const length of LENGTHS) if (length <= characters.length) into.add(first(characters, length));
    } else {
      characters.forEach((one, i) => {
        into.add(one);
        if (i > 0) into.add(characters[i - 1] + one);
      });
    }
  }
}

/** What the index has of every text that holds a term. */
export function neededFor(term: string, into: Set<string>): void {
  for (const { groups } of term.matchAll(RUN)) {
    const characters = [...groups!.word ?? groups!.unspaced];
    if (groups!.word) into.add(first(characters, LENGTHS.findLast((length) => length <= characters.length)!));
    else if (characters.length === 1) into.add(characters[0]);
    else for (let i = 1; i < characters.length; i++) into.add(characters[i - 1] + characters[i]);
  }
}

const first = (characters: readonly string[], length: number) => characters.slice(0, length).join("");

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
