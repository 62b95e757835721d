import type { Duplex } from "node:stream";
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

/** What every answer says that is about somebody: keep it nowhere, and take it for nothing else. */
export const PRIVATE = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

export function toProblem(error: ImError): Problem {
  const { status, title } = ERRORS[error.code];
  const type = `urn:imserver:error:${error.code}`;
  return { type, title, status, detail: error.message, code: error.code, ...error.details };
}

export function problemResponse(error: ImError, headers: Record<string, string> = {}): Response {
  const body = toProblem(error);
  return new Response(JSON.stringify(body), {
    status: body.status,
    headers: { ...headersOf(error, body.status), ...headers },
  });
}

/** A peer that does not close its side of a refused connection is cut off after this. */
const LINGER_MS = 2_000;

/** Answers on a bare socket, whose connection ends with that. */
export function refuse(socket: Duplex, error: ImError, headers: Record<string, string> = {}): void {
  if (!socket.writable) return void socket.destroy();
  const problem = toProblem(error);
  const body = JSON.stringify(problem);
  const fields = {
    ...headersOf(error, problem.status),
    "content-length": String(new TextEncoder().encode(body).length),
    connection: "close",
    ...headers,
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const cut = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once("close", () => clearTimeout(cut));
  socket.end(`HTTP/1.1 ${problem.status} ${problem.title}\r\n${head}\r\n${body}`);
  // What the peer still sends is read and dropped: left unread, it would reset the connection under our answer.
  socket.resume();
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

function headersOf({ details }: ImError, status: number): Record<string, string> {
  const { retryAfterMs } = details;
  return {
    "content-type": "application/problem+json",
    ...PRIVATE,
    ...(status === 401 && { "www-authenticate": 'Bearer realm="imserver"' }),
    ...(retryAfterMs && { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
  };
}
