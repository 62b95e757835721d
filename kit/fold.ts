/**
 * The caseless form of a name, so that names that differ only in case or width are one name. It follows
 * "toNFKC_Casefold" of the Unicode Standard, section 3.13, and UAX #15, built from what JavaScript has:
 * lower, then upper, then lower case. The first lower turns ẞ into ß, the upper turns ß into SS and ſ into S, the
 * last brings all to one case. NFKC before and after makes fullwidth letters, ligatures and Kelvin signs plain.
 *
 * A dot above an i or j is dropped: İ lower-cases to i and a combining dot that nobody can see on the i (UTS #39,
 * section 5.4). So İstanbul, Istanbul and ıstanbul fold to the same text; names care more for looks than for Turkish.
 *
 * Folding twice changes nothing. The result has at most twice the code points of the NFKC form (ß → ss).
 */
export function foldName(text: string): string {
  const caseless = text.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return caseless.normalize("NFKC").replace(INVISIBLE_DOTS, "").normalize("NFKC");
}

/** Soft_Dotted letters (i, j, ị …) lose their own dot to a mark above, so U+0307 gives back what was there. */
const INVISIBLE_DOTS = /(?<=\p{Soft_Dotted})\u0307+/gu;
