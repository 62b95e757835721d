import type { Logger } from "../kit/log.ts";
import { ERRORS, ImError } from "../wire/errors.ts";

/** Errors in the two shapes clients know: problem details (RFC 9457) and the error object of JSON-RPC 2.0. */

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  field?: string;
  retryAfterMs?: number;
}

export function toProblem(error: ImError): Problem {
  const { status, title } = ERRORS[error.code];
  const type = `urn:imserver:error:${error.code}`;
  return { type, title, status, detail: error.message, code: error.code, ...error.details };
}

export function toRpcError(error: ImError): { code: number; message: string; data: Record<string, unknown> } {
  const { rpc, advice } = ERRORS[error.code];
  return { code: rpc, message: error.message, data: { code: error.code, advice, ...error.details } };
}

/** What may be shown of any error. One that is not ours is a bug: logged, and shown as `internal` only. */
export function toImError(error: unknown, log: Logger, where: string): ImError {
  if (error instanceof ImError) return error;
  log.error("unexpected error", {
    where,
    error: error instanceof Error ? error.stack ?? error.message : String(error),
  });
  return new ImError("internal");
}
