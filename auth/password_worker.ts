import { ARGON2_COST, type Argon2Cost, argon2Hash, argon2Matches } from "./argon2id.ts";

/** One job; the next is sent only after its reply, so jobs need no number. */
export type PasswordRequest =
  | { kind: "hash"; password: string }
  | { kind: "verify"; hash: string | null; password: string };

/** `ready` once, when the handler stands; then one `value` or `failure` for each request. */
export type PasswordReply =
  | { kind: "ready" }
  | { kind: "value"; value: string | boolean }
  | { kind: "failure"; message: string };

/** The part of DedicatedWorkerGlobalScope that is used; `self` of a worker fits. */
export interface PasswordWorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

/**
 * Makes this thread hash passwords for `openPasswords`. It says `ready` when it listens: a worker whose main file
 * first awaits other things would otherwise lose what was sent before.
 */
export function servePasswordWorker(self: PasswordWorkerScope, cost: Argon2Cost = ARGON2_COST): void {
  const reply = (message: PasswordReply) => self.postMessage(message);
  self.onmessage = async (event: MessageEvent<PasswordRequest>) => reply(await answer(event.data, cost));
  reply({ kind: "ready" });
}

async function answer(request: PasswordRequest, cost: Argon2Cost): Promise<PasswordReply> {
  try {
    const value = request.kind === "hash"
      ? await argon2Hash(request.password, cost)
      : await argon2Matches(request.hash, request.password, cost);
    return { kind: "value", value };
  } catch (error) {
    return { kind: "failure", message: error instanceof Error ? error.message : "unknown" };
  }
}
