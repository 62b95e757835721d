import assert from "node:assert/strict";
import { type ErrorCode, ERRORS } from "../../wire/errors.ts";
import type { RawAnswer, RawSocket } from "./raw.ts";

/** What every error looks like on either door, held to the letter. */

/** A stack trace, or a path of the machine that the server runs on. */
const INSIDES = /^\s+at |\.(?:ts|js):\d+|file:\/\/|node_modules|\/work\//m;

/** A problem (RFC 9457) of this code and nothing more than the protocol says; answers its body. */
export function assertProblem(answer: RawAnswer, code: ErrorCode, field?: string): Record<string, unknown> {
  const { status, title } = ERRORS[code];
  assert.equal(answer.headers.get("content-type"), "application/problem+json", answer.body);
  assert.doesNotMatch(answer.body, INSIDES);
  const body = JSON.parse(answer.body);
  const { detail, retryAfterMs: _, field: shownField, ...rest } = body;
  assert.deepEqual(rest, { type: `urn:imserver:error:${code}`, title, status, code }, answer.body);
  assert.ok(typeof detail === "string" && detail !== "");
  assert.equal(answer.status, status);
  if (field !== undefined) assert.equal(shownField, field);
  assert.equal(answer.headers.has("www-authenticate"), status === 401);
  assert.equal(answer.headers.get("cache-control"), "no-store");
  return body;
}

export interface RpcResponse {
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string; data: Record<string, unknown> };
}

/** A JSON-RPC 2.0 response, as the specification has it and not a member more. */
export function assertResponse(message: unknown): RpcResponse {
  assert.ok(typeof message === "object" && message !== null && !Array.isArray(message));
  const { jsonrpc, ...response } = message as RpcResponse & { jsonrpc: unknown };
  assert.equal(jsonrpc, "2.0");
  const outcome = "error" in response ? "error" : "result";
  assert.deepEqual(Object.keys(response).sort(), ["id", outcome].sort(), JSON.stringify(message));
  return response;
}

/** An error response with the number and the string of this code. */
export function assertRpcError(response: RpcResponse, id: unknown, code: ErrorCode, field?: string): void {
  const { rpc, advice } = ERRORS[code];
  assert.ok(response.error, `expected ${code}: ${JSON.stringify(response)}`);
  const { code: number, message, data, ...more } = response.error;
  const { retryAfterMs: _, field: shownField, ...rest } = data;
  assert.deepEqual(
    { id: response.id, number, rest, more },
    { id, number: rpc, rest: { code, advice }, more: {} },
    JSON.stringify(response),
  );
  assert.ok(typeof message === "string" && message !== "");
  assert.doesNotMatch(message, INSIDES);
  if (field !== undefined) assert.equal(shownField, field);
}

let fences = 0;

/**
 * Sends texts, one frame each, and answers the responses that come back, `expected` of them, in whatever frames.
 * Throws when more come.
 */
export async function exchange(
  socket: RawSocket,
  texts: (string | Uint8Array)[],
  expected: number,
): Promise<unknown[]> {
  const got: unknown[] = [];
  for (const text of texts) await socket.send(text);
  while (got.length < expected) got.push(...await receive(socket));
  const id = `fence-${fences++}`;
  await socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "user.me" }));
  for (;;) {
    const messages = await receive(socket);
    const isFence = (message: unknown) => (message as RpcResponse).id === id;
    got.push(...messages.filter((message) => !isFence(message)));
    if (messages.some(isFence)) break;
  }
  assert.equal(got.length, expected, JSON.stringify(got));
  return got;
}

/** One frame's messages. The server may put single messages that leave together into one frame. */
async function receive(socket: RawSocket): Promise<unknown[]> {
  const frame = await socket.receive();
  assert.ok(frame?.opcode === 1, `a text frame, not ${frame?.opcode}`);
  const content = JSON.parse(new TextDecoder().decode(frame.payload));
  const messages = Array.isArray(content) ? content : [content];
  return messages.filter((message) => !("method" in message));
}
