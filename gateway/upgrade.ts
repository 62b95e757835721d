import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Origin } from "../chat/handlers.ts";
import { ImError, SUBPROTOCOL, WS_PATH } from "../wire/mod.ts";
import { type Authenticate, credentialsOf } from "./authenticate.ts";
import { toImError, toProblem } from "./problem.ts";
import { Connection, type ConnectionParts } from "./ws.ts";

/** A message from a client, fragments joined, at most. */
export const MAX_MESSAGE_BYTES = 256 * 1024;
const HEARTBEAT_MS = 30_000;

export interface Sockets {
  readonly count: number;
  /** Sends everyone away, each with a time of its own within `spreadMs` to come back after. */
  drain(spreadMs: number): void;
  /** Cuts off who is still there. */
  close(): void;
}

/** Serves WebSocket upgrades on an HTTP server. Who has no valid session is answered 401 before the upgrade. */
export function serveSockets(
  server: Server,
  parts: ConnectionParts & { authenticate: Authenticate; originOf: (request: IncomingMessage) => Origin },
): Sockets {
  const { authenticate, originOf, log } = parts;
  const connections = new Set<Connection>();
  const wss = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    clientTracking: true,
    handleProtocols: (offered: Set<string>) => offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false,
  });

  server.on("upgrade", async (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    socket.on("error", (error: Error) => log.debug("socket error", { error: error.message }));
    try {
      checkUpgrade(request);
      const caller = await authenticate(credentialsOf(request, true));
      if (!caller) throw new ImError("unauthenticated");
      wss.handleUpgrade(request, socket, head as Buffer, (ws: WebSocket) => {
        const connection = new Connection(ws, caller, originOf(request), parts);
        connections.add(connection);
        ws.on("close", () => connections.delete(connection));
        connection.open();
      });
    } catch (error) {
      refuse(socket, toImError(error, log, "upgrade"));
    }
  });

  const heartbeat = setInterval(() => {
    for (const connection of connections) connection.heartbeat();
  }, HEARTBEAT_MS);

  return {
    get count() {
      return connections.size;
    },
    drain(spreadMs) {
      for (const connection of connections) {
        connection.end("going_away", Math.round(Math.random() * spreadMs));
      }
    },
    close() {
      clearInterval(heartbeat);
      for (const ws of wss.clients) ws.terminate();
      wss.close();
    },
  };
}

function checkUpgrade(request: IncomingMessage): void {
  const path = request.url?.split("?", 1)[0];
  if (path !== WS_PATH) throw new ImError("not_found");
  const offered = request.headers["sec-websocket-protocol"];
  if (offered !== undefined && !offered.split(",").some((name) => name.trim() === SUBPROTOCOL)) {
    throw new ImError("invalid_request", `This server speaks the subprotocol ${SUBPROTOCOL}`);
  }
}

/** Answers plain HTTP on a socket that wanted an upgrade. */
function refuse(socket: Duplex, error: ImError): void {
  const problem = toProblem(error);
  const body = JSON.stringify(problem);
  const headers = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    "Connection: close",
  ];
  if (problem.status === 401) headers.push('WWW-Authenticate: Bearer realm="imserver"');
  socket.end(`${headers.join("\r\n")}\r\n\r\n${body}`);
}
