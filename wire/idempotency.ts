/**
 * What the same call once more does: nothing further (`true`; the answer may say so with an error), nothing further
 * and the same answer as long as the `clientId` is the same, or the thing again (`false`).
 */
export type Idempotency = boolean | "by clientId";

/** An operation says it of itself, or it follows from what its method means (RFC 9110, 9.2.2). */
export function idempotencyOf(
  { idempotent, method }: { idempotent?: Idempotency; method: string },
): Idempotency {
  return idempotent ?? method !== "POST";
}

export const IDEMPOTENCY_SENTENCE = (idempotent: Idempotency): string =>
  idempotent === "by clientId"
    ? "Safe to repeat with the same clientId: it is done once, and the answer is the same"
    : idempotent
    ? "Safe to repeat: the same call once more changes nothing further"
    : "Not safe to repeat: the same call once more does it again, or fails";
