import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Caller, Origin } from "../chat/handlers.ts";
import { isTraceparent } from "../kit/trace.ts";
import { CLOSE_CODES, ImError, SUBPROTOCOL, WS_PATH } from "../wire/mod.ts";
import type { Admission } from "./admission.ts";
import { type Authenticate, credentialsOf } from "./authenticate.ts";
import { networkOf, type RateLimits } from "./rate_limits.ts";
import { refuse, toImError } from "./problem.ts";
import { ReasonedSocket } from "./reasoned_socket.ts";
import { Connection, type ConnectionParts } from "./ws.ts";

/** A message from a client, fragments joined, at most. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
const HEARTBEAT_MS = 30_000;
const STALL_CHECK_MS = 2_000;
const CUT_APART_MS = 10;
/** Who is sent away when the server stops, at once, and how long after the next. */
const LEAVE_BATCH = 50;
const LEAVE_APART_MS = 50;
/** A peer that does not answer our close frame within this is cut off. */
const CLOSE_TIMEOUT_MS = 2_000;
/** So many at once are told by close frame when to come back; to more, an HTTP answer must do. */
const MAX_TURNED_AWAY = 5_000;

// Not written in place, because the types of ws do not know `closeTimeout` yet.
const OPTIONS = {
  noServer: true,
  maxPayload: MAX_MESSAGE_BYTES,
  perMessageDeflate: false,
  clientTracking: true,
  closeTimeout: CLOSE_TIMEOUT_MS,
  WebSocket: ReasonedSocket,
  handleProtocols: (offered: Set<string>) => offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false,
} as const;

export interface Sockets {
  readonly count: number;
  /** Bytes that wait to be read, by all of them. */
  readonly backlog: number;
  /**
   * Takes nobody any more and sends everyone away, in small batches over at most `withinMs`, each with a time of
   * its own within `spreadMs` to come back after. Resolves when all have been told.
   */
  drain(times: { withinMs: number; spreadMs: number }): Promise<void>;
  /** Cuts off who is still there. */
  close(): void;
}

export interface SocketParts extends ConnectionParts {
  authenticate: Authenticate;
  admission: Admission;
  originOf: (request: IncomingMessage) => Origin;
  limits?: RateLimits;
}

/**
 * Serves WebSocket upgrades on an HTTP server. Who comes above the rate is closed with 4004 before any work is done
 * for it; who has no valid session is answered 401 before the upgrade.
 */
export function serveSockets(server: Server, parts: SocketParts): Sockets {
  const { authenticate, admission, originOf, log } = parts;
  const connections = new Set<Connection>();
  let leaving = false;
  const wss = new WebSocketServer(OPTIONS);
  wss.on("wsClientError", (error: Error, socket: Duplex) => {
    refuse(socket, new ImError("invalid_request", error.message), { "sec-websocket-version": "13" });
  });

  const onSocketError = (error: Error) => log.debug("socket error", { error: error.message });

  // Listeners that stay as long as the socket are made outside of this function: made in it, each would keep the request.
  server.on("upgrade", async (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    socket.on("error", onSocketError);
    try {
      checkUpgrade(request);
      const retryAfterMs = admission.admit();
      if (retryAfterMs > 0) return turnAway(request, socket, head, retryAfterMs);
      const caller = await authenticate(credentialsOf(request, true)).catch((error) =>
        refused(request, error)
      );
      if (!caller) return refused(request, new ImError("unauthenticated"));
      if (leaving) throw new ImError("unavailable", "The server stops");
      wss.handleUpgrade(request, socket, head as Buffer, (ws: ReasonedSocket) => {
        const { traceparent } = request.headers;
        const origin = { ...originOf(request), ...(isTraceparent(traceparent) ? { traceparent } : {}) };
        connect(ws, caller, origin);
      });
    } catch (error) {
      refuse(socket, toImError(error, log, "upgrade"));
    }
  });

  function connect(ws: ReasonedSocket, caller: Caller, origin: Origin): void {
    const connection = new Connection(ws, caller, origin, parts);
    connections.add(connection);
    ws.on("close", () => connections.delete(connection));
    connection.open();
  }

  /** Who shows no session counts by address, as over REST. */
  function refused(request: IncomingMessage, error: unknown): never {
    parts.limits?.takeOf("auth", networkOf(originOf(request).address)).check();
    throw error;
  }

  let turnedAway = 0;

  /** By a close frame, because browsers do not show their pages the status of a refused upgrade. */
  function turnAway(request: IncomingMessage, socket: Duplex, head: Uint8Array, retryAfterMs: number): void {
    parts.numbers?.turnedAway.add();
    if (turnedAway >= MAX_TURNED_AWAY) throw new ImError("overloaded", undefined, { retryAfterMs });
    turnedAway += 1;
    socket.once("close", () => turnedAway -= 1);
    wss.handleUpgrade(request, socket, head as Buffer, (ws: ReasonedSocket) => {
      ws.on("error", onSocketError);
      ws.close(CLOSE_CODES.overloaded.number, JSON.stringify({ code: "overloaded", retryAfterMs }));
    });
  }

  const heartbeat = setInterval(() => {
    for (const connection of connections) connection.heartbeat();
  }, HEARTBEAT_MS);

  const stallCheck = setInterval(() => {
    const nowMs = performance.now();
    const stalled = [...connections].filter((connection) => connection.isStalled(nowMs));
    // One after the other: many at once would make everybody else wait.
    const apartMs = Math.min(CUT_APART_MS, 0.9 * STALL_CHECK_MS / stalled.length);
    stalled.forEach((connection, i) => setTimeout(() => connection.cut(), i * apartMs));
  }, STALL_CHECK_MS);

  return {
    get count() {
      return connections.size;
    },
    get backlog() {
      let bytes = 0;
      for (const connection of connections) bytes += connection.backlog;
      return bytes;
    },
    async drain({ withinMs, spreadMs }) {
      leaving = true;
      const all = [...connections];
      const size = Math.max(LEAVE_BATCH, Math.ceil(all.length * LEAVE_APART_MS / withinMs));
      for (let from = 0; from < all.length; from += size) {
        if (from > 0) await new Promise((resolve) => setTimeout(resolve, LEAVE_APART_MS));
        for (const connection of all.slice(from, from + size)) {
          connection.leave(Math.round(Math.random() * spreadMs));
        }
      }
    },
    close() {
      clearInterval(heartbeat);
      clearInterval(stallCheck);
      for (const ws of wss.clients) ws.terminate();
      wss.close();
    },
  };
}

function checkUpgrade(request: IncomingMessage): void {
  const path = request.url?.split("?", 1)[0];
  if (path !== WS_PATH) throw new ImError("not_found");
  if (request.method !== "GET") throw new ImError("method_not_allowed");
  const offered = request.headers["sec-websocket-protocol"];
  if (offered !== undefined && !offered.split(",").some((name) => name.trim() === SUBPROTOCOL)) {
    throw new ImError("invalid_request", `This server speaks the subprotocol ${SUBPROTOCOL}`);
  }
}
