import { type ErrorCode, ImError, isErrorCode } from "../wire/errors.ts";
import type { Content } from "../wire/content.ts";
import type { StoredItem } from "./outbox_store.ts";

export interface OutboxItem {
  readonly clientId: string;
  readonly conversationId: string;
  readonly content: Content;
  /** When it was written, by this machine's clock. */
  readonly at: number;
  /** `failed`: the server refused it, and only a person can decide what becomes of it. */
  readonly state: "sending" | "failed";
  readonly error?: ImError;
}

/** An item with its place among those of its conversation. */
export type Queued = OutboxItem & { order: number };

export function toStored({ state: _, error, ...plain }: Queued): StoredItem {
  return { ...plain, ...(error && { failed: { code: error.code, message: error.message } }) };
}

export function fromStored({ failed, ...plain }: StoredItem): Queued {
  if (!failed) return { ...plain, state: "sending" };
  // A newer version of the page may have stored a code that this one does not know.
  const code: ErrorCode = isErrorCode(failed.code) ? failed.code : "internal";
  return { ...plain, state: "failed", error: new ImError(code, failed.message) };
}
