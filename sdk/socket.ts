import type { SUBPROTOCOL, WS_PATH } from "../wire/mod.ts";
import { CLOSE_CODES, type CloseCode } from "../wire/close_codes.ts";

const PATH: typeof WS_PATH = "/api/v1/ws";
const PROTOCOL: typeof SUBPROTOCOL = "imserver.v1";

/** What the SDK uses of a WebSocket. Those of browsers, Deno and Node ≥ 22 (undici) fit as they are. */
export interface SocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number; reason: string }) => void): void;
}

/**
 * Called with the subprotocols as its second argument, or, when there is a token to send, with
 * `{ protocols, headers }` as Deno and undici take it. The class of the package `ws` (known by its `terminate`)
 * is called with three arguments, as that has it.
 */
export type SocketConstructor = new (url: string, options: never) => SocketLike;

type ThreeArguments = new (url: string, protocols: string[], options: object) => SocketLike;

export function openSocket(
  Socket: SocketConstructor,
  baseUrl: string,
  headers: Record<string, string>,
): SocketLike {
  const url = baseUrl.replace(/^http/, "ws") + PATH;
  const protocols = [PROTOCOL];
  if ("terminate" in Socket.prototype) {
    return new (Socket as unknown as ThreeArguments)(url, protocols, { headers });
  }
  const hasHeaders = Object.keys(headers).length > 0;
  return new Socket(url, (hasHeaders ? { protocols, headers } : protocols) as never);
}

/** Why a socket ended, as far as the server said so. */
export interface CloseReason {
  /** Absent when the number is none of ours: 1006, the line broke. */
  close?: CloseCode;
  /** The reason's own code: an error code perhaps, when it is not a close code. */
  code?: string;
  retryAfterMs?: number;
}

export function readCloseReason(number: number, reason: string): CloseReason {
  const names = Object.keys(CLOSE_CODES) as CloseCode[];
  const close = names.find((name) => CLOSE_CODES[name].number === number);
  let told: Record<string, unknown> = {};
  try {
    told = Object(JSON.parse(reason));
  } catch {
    // A proxy's own words, or none.
  }
  return {
    close,
    code: typeof told.code === "string" ? told.code : undefined,
    retryAfterMs: typeof told.retryAfterMs === "number" ? told.retryAfterMs : undefined,
  };
}
