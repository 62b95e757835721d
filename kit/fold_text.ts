import { foldName } from "./fold.ts";

/** A text as it is compared when it is searched, and where each part of it stood. */
export interface FoldedText {
  text: string;
  /**
   * The place in the original (UTF-16 units) of a place in the folded text; with `end`, of the end of what ends
   * there. A part of what one letter became (the f of ﬁ) stands for all of it.
   */
  original(at: number, end?: "end"): number;
}

/**
 * The caseless form of a text for searching: case, width and compatibility forms as in `foldName`, and beyond that
 * the accents of Latin and Greek letters gone (é is e), what cannot be seen gone (variation selectors, joiners), and
 * every stretch of white space one space. It is made letter by letter, a letter with its marks, so that each part of
 * the result is known to come from a part of the original. Folding twice changes nothing.
 */
export function foldText(original: string): FoldedText {
  return ASCII.test(original) ? foldAscii(original) : foldLetters(original);
}

/** The same as letter by letter; where its parts come from is found when somebody asks. */
function foldAscii(original: string): FoldedText {
  let whole: FoldedText | undefined;
  return {
    text: original.toLowerCase().replace(/[\0-\x20]+/g, " "),
    original: (at, end) => (whole ??= foldLetters(original)).original(at, end),
  };
}

const ASCII = /^[\0-\x7f]*$/;

/** Of any text; exported for the test that compares. */
export function foldLetters(original: string): FoldedText {
  let text = "";
  const starts: number[] = [];
  for (let at = 0; at < original.length;) {
    const code = original.charCodeAt(at);
    let end = at + 1;
    let folded: string;
    const alone = end === original.length || isPlain(original.charCodeAt(end));
    if (alone && code < 0x80) folded = code <= 0x20 ? " " : ASCII_LOWER[code];
    else if (alone && isIdeograph(code)) folded = original[at];
    else {
      CLUSTER.lastIndex = at;
      const cluster = CLUSTER.exec(original)![0];
      end = at + cluster.length;
      folded = foldCluster(cluster);
    }
    if (folded === " " && text.endsWith(" ")) folded = "";
    text += folded;
    for (let i = 0; i < folded.length; i++) starts.push(at);
    at = end;
  }
  starts.push(original.length);
  return {
    text,
    original(at, end) {
      if (end) { while (at > 0 && at < text.length && starts[at] === starts[at - 1]) at++; }
      return starts[at];
    },
  };
}

/** Conjoining jamo together, because only together are they a syllable; else a character and its marks. */
const CLUSTER = /[\u1100-\u11FF]+|\P{M}\p{M}*|\p{M}+/suy;
const ASCII_LOWER = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code).toLowerCase());

const isIdeograph = (code: number) => code >= 0x4e00 && code <= 0x9fff;
/** Nothing that could be a mark on what is before it. */
const isPlain = (code: number) => code < 0x80 || isIdeograph(code);

function foldCluster(cluster: string): string {
  if (/^\s+$/u.test(cluster)) return " ";
  const caseless = foldName(cluster).replace(INVISIBLE, "").replace(/\s+/gu, " ");
  return caseless.normalize("NFD").replace(ACCENTS, "").normalize("NFC");
}

const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;
const ACCENTS = /(?<=[\p{Script=Latin}\p{Script=Greek}]\p{M}*)\p{M}+/gu;
