import type { RawData, WebSocket } from "ws";
import type { Caller, Origin } from "../chat/handlers.ts";
import type { Hub, Listener } from "../chat/hub.ts";
import { notificationFrame } from "../chat/present.ts";
import type { Logger } from "../kit/log.ts";
import { CLOSE_CODES, type CloseCode, ImError } from "../wire/mod.ts";
import type { Dispatch } from "./dispatch.ts";
import { Outbox } from "./outbox.ts";
import { toImError, toRpcError } from "./problem.ts";

/** Requests one batch may hold, and one socket may have under way. */
const MAX_BATCH = 100;
const MAX_IN_FLIGHT = 1000;
/** A peer that does not answer our close frame within this is cut off. */
const CLOSE_TIMEOUT_MS = 2_000;

export interface ConnectionParts {
  dispatch: Dispatch;
  hub: Hub;
  log: Logger;
  now: () => number;
}

/** One WebSocket of one session: JSON-RPC 2.0 in both directions. */
export class Connection implements Listener {
  readonly userId: number;
  readonly sessionId: number;
  /** Heard from since the last heartbeat. */
  alive = true;
  #socket: WebSocket;
  #caller: Caller;
  #origin: Origin;
  #parts: ConnectionParts;
  #outbox: Outbox;
  #inFlight = 0;

  constructor(socket: WebSocket, caller: Caller, origin: Origin, parts: ConnectionParts) {
    this.#socket = socket;
    this.#caller = caller;
    this.#origin = origin;
    this.#parts = parts;
    this.userId = caller.userId;
    this.sessionId = caller.sessionId;
    this.#outbox = new Outbox(socket, () => this.end("slow_consumer"));
    // ws answers malformed frames, bad UTF-8 and oversize by itself (1002, 1007, 1009) and reports them here.
    socket.on("error", (error: Error) => parts.log.debug("socket error", { error: error.message }));
    socket.on("pong", () => this.alive = true);
    socket.on("message", (data: RawData, isBinary: boolean) => {
      this.alive = true;
      if (isBinary) this.end("binary_not_supported");
      else this.#receive(data.toString());
    });
  }

  /** Joins the hub, then says `session.ready`: from there on nothing new is missed. */
  async open(): Promise<void> {
    const { hub, now } = this.#parts;
    let detach = () => {};
    const closed = new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
    try {
      detach = await hub.attach(this);
    } catch (error) {
      toImError(error, this.#parts.log, "attach");
      return this.end("overloaded");
    }
    closed.then(detach);
    const { userId, sessionId } = this;
    const params = { userId: String(userId), sessionId: String(sessionId), serverTime: now() };
    this.push(notificationFrame("session.ready", params));
  }

  push(frame: string): void {
    this.#outbox.push(frame);
  }

  end(code: CloseCode, retryAfterMs?: number): void {
    this.#outbox.flush();
    this.#socket.close(CLOSE_CODES[code].number, JSON.stringify({ code, retryAfterMs }));
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    this.#socket.once("close", () => clearTimeout(cut));
  }

  /** Asks for a sign of life; who gave none since the last time is cut off. */
  heartbeat(): void {
    if (!this.alive) return this.#socket.terminate();
    this.alive = false;
    this.#socket.ping();
  }

  #receive(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return this.#refuse(null, new ImError("parse_error"));
    }
    if (!Array.isArray(message)) return this.#request(message);
    if (message.length === 0) return this.#refuse(null, new ImError("invalid_request", "An empty batch"));
    if (message.length > MAX_BATCH) {
      return this.#refuse(
        null,
        new ImError("invalid_request", `A batch holds at most ${MAX_BATCH} requests`),
      );
    }
    for (const one of message) this.#request(one);
  }

  #request(message: unknown): void {
    if (!isRequest(message)) {
      const id = (message as { id?: unknown } | null)?.id;
      return this.#refuse(isId(id) ? id : null, new ImError("invalid_request", NOT_A_REQUEST));
    }
    const { id, method, params = {} } = message;
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      return this.#refuse(
        id,
        new ImError("overloaded", "Too many requests under way on this socket", RETRY_SOON),
      );
    }
    this.#inFlight += 1;
    this.#call(method, params).then(
      (result) =>
        id !== undefined && this.push(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`),
      (error) => this.#refuse(id, toImError(error, this.#parts.log, method)),
    ).finally(() => this.#inFlight -= 1);
  }

  async #call(method: string, params: unknown): Promise<string> {
    if ((params as { cookie?: unknown }).cookie !== undefined) {
      throw new ImError("invalid_params", "cookie: cookies can only be set over REST", { field: "cookie" });
    }
    return JSON.stringify(await this.#parts.dispatch(method, params, this.#caller, this.#origin));
  }

  /** A notification (no id) gets no answer, not even an error (JSON-RPC 2.0, section 4.1). */
  #refuse(id: Id | undefined, error: ImError): void {
    if (id === undefined) return;
    this.push(JSON.stringify({ jsonrpc: "2.0", id, error: toRpcError(error) }));
  }
}

type Id = string | number | null;

const RETRY_SOON = { retryAfterMs: 200 };
const NOT_A_REQUEST = 'A request is {"jsonrpc":"2.0","id":…,"method":"…","params":{…}}';

function isId(id: unknown): id is Id {
  return id === null || typeof id === "number" || (typeof id === "string" && id.length <= 128);
}

function isRequest(message: unknown): message is { id?: Id; method: string; params?: object } {
  if (typeof message !== "object" || message === null || Array.isArray(message)) return false;
  const { jsonrpc, id, method, params } = message as Record<string, unknown>;
  return jsonrpc === "2.0" && typeof method === "string" && (id === undefined || isId(id)) &&
    (params === undefined || (typeof params === "object" && params !== null && !Array.isArray(params)));
}
