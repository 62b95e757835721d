/**
 * Folds a text for comparing: NFKC, then both case mappings, then NFKC again. Upper-casing first joins what
 * only differs in upper case (`ß`/`ss`, `ſ`/`s`), as the full case folding of Unicode (UAX #44) does.
 */
export function fold(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFKC");
}
