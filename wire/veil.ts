/**
 * Who came into a group later than a message was said may not learn what it says by what becomes of it: for them an
 * edit has no text and a reaction no emoji. What else changes a message says nothing of what is in it.
 */
const TELLING = new Set(["message.edited", "reaction.added", "reaction.removed"]);

/** The seq of the message of which this entry tells something; undefined: of none. */
export function toldOf(kind: string, body: string): number | undefined {
  return TELLING.has(kind) ? JSON.parse(body).target : undefined;
}

/** An entry, its content being JSON text, for somebody who may read from `firstSeq` on. */
export function veiled<E extends { kind: string; body: string }>(entry: E, firstSeq: number): E {
  const target = toldOf(entry.kind, entry.body);
  if (target === undefined || target >= firstSeq) return entry;
  const hidden = entry.kind === "message.edited" ? { content: { type: "hidden" } } : {};
  return { ...entry, body: JSON.stringify({ target, ...hidden }) };
}
