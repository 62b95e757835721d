import type { ErrorCode } from "./errors.ts";

/**
 * What the same call does when it was done already and the answer was lost:
 * - `same`: nothing further, and the answer is the same;
 * - `harmless`: nothing further; the answer is a good one, and may say that there was nothing to do (`seq: null`);
 * - `by clientId`: nothing further, and the same answer, as long as the `clientId` is the same;
 * - `done: CODE`: nothing further, and CODE is answered (if not the same), which after a lost answer means "it was done";
 * - `again`: the thing is done again;
 * - `harmful`: something is lost by it; the summary says what.
 */
export type Idempotency =
  | "same"
  | "harmless"
  | "by clientId"
  | `done: ${ErrorCode}`
  | "again"
  | "harmful";

/** An operation says it of itself, or it follows from its method; tests/authorisation/repeat_test.ts calls each twice. */
export function idempotencyOf(
  { idempotent, method }: { idempotent?: Idempotency; method: string },
): Idempotency {
  return idempotent ?? (method === "POST" ? "again" : "same");
}

const SENTENCES = {
  same: "Repeated: same answer",
  harmless: "Repeated: harmless, nothing further is done",
  "by clientId": "Repeated with the same clientId: same answer, and it is done once",
  again: "Repeated: does it again",
  harmful: "Repeated: harmful, do not",
};

export function idempotencySentence(idempotent: Idempotency): string {
  return Object.hasOwn(SENTENCES, idempotent)
    ? SENTENCES[idempotent as keyof typeof SENTENCES]
    : `Repeated: harmless, answers ${idempotent.slice("done: ".length)} when it was done already`;
}
