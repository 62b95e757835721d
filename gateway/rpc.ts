import { ImError } from "../wire/errors.ts";
import { toRpcError } from "./problem.ts";

/** The messages of JSON-RPC 2.0, as text. */

export type Id = string | number | null;

export interface RpcRequest {
  /** Absent: a notification, which gets no answer. */
  id?: Id;
  method: string;
  params?: object;
  /** A member of our own beside those of JSON-RPC: the trace that this call belongs to (W3C Trace Context). */
  traceparent?: unknown;
}

export function resultFrame(id: Id, resultJson: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`;
}

export function errorFrame(id: Id, error: ImError): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: toRpcError(error) });
}

export function isRequest(message: unknown): message is RpcRequest {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return false;
  const { jsonrpc, id, method, params } = message as Record<string, unknown>;
  return jsonrpc === "2.0" && typeof method === "string" && (id === undefined || isId(id)) &&
    (params === undefined || (typeof params === "object" && params !== null && !Array.isArray(params)));
}

/** The answer to what is no request; it carries the id if there is one. */
export function notRequestFrame(message: unknown): string {
  const id = (message as { id?: unknown } | null)?.id;
  const shape = 'A request is {"jsonrpc":"2.0","id":…,"method":"…","params":{…}}';
  return errorFrame(isId(id) ? id : null, new ImError("invalid_request", shape));
}

/** What can be sent back as it came: a larger number would come back as another one. */
function isId(id: unknown): id is Id {
  if (typeof id === "number") return Math.abs(id) <= Number.MAX_SAFE_INTEGER;
  return id === null || (typeof id === "string" && id.length <= 128);
}
