import { foldText } from "../../../kit/fold_text.ts";
import { ImError } from "../../../wire/errors.ts";
import { neededFor } from "./words.ts";

const MAX_TERMS = 10;

/** What somebody looks for. */
export interface Query {
  /** Folded; a message must have every one. */
  terms: string[];
  /** Words of the index that every such message has. */
  needed: Set<string>;
}

/**
 * Words with spaces between them, each of which must be there, and "several words" in quotes that must stand so
 * together; there are no other signs. A quote that is not closed goes to the end.
 * Errors: invalid_params, where nothing could be found by it or it has over 10 terms.
 */
export function parseQuery(text: string): Query {
  const parts = [...text.matchAll(/["“”„«»「」]([^"“”„«»「」]*)|([^"“”„«»「」\s]+)/gu)];
  const terms = new Set<string>();
  let quoted = false;
  for (const [, inQuotes, bare] of parts) {
    // A quote closes the one before it, and what follows is bare again.
    if (inQuotes !== undefined) quoted = !quoted;
    const phrases = inQuotes === undefined ? [bare] : quoted ? [inQuotes] : inQuotes.split(/\s+/u);
    for (const phrase of phrases) {
      const term = foldText(phrase).text.trim();
      if (term !== "") terms.add(term);
    }
  }
  const needed = new Set<string>();
  for (const term of terms) neededFor(term, needed);
  if (needed.size === 0) {
    throw refused("has no letter, digit or emoji to look for");
  }
  if (terms.size > MAX_TERMS) throw refused(`has more than ${MAX_TERMS} words`);
  return { terms: [...terms], needed };
}

const refused = (why: string) => new ImError("invalid_params", `query ${why}`, { field: "query" });
