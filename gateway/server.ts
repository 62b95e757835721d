import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { getRequestListener, type HttpBindings, RequestError } from "@hono/node-server";
import type { Tokens } from "../auth/tokens.ts";
import type { Handlers, Origin } from "../chat/handlers.ts";
import type { Hub } from "../chat/hub.ts";
import type { Bots } from "../data/service.ts";
import type { Logger } from "../kit/log.ts";
import { ImError } from "../wire/errors.ts";
import type { Tracer } from "../kit/tracer.ts";
import { Admission } from "./admission.ts";
import { createAuthenticate, type RequireRunning } from "./authenticate.ts";
import { type Assets, notFound } from "./assets.ts";
import { createClientAddress } from "./client_address.ts";
import { createDispatch, type RequireAdmin } from "./dispatch.ts";
import type { GatewayNumbers } from "./numbers.ts";
import { problemResponse, refuse, toImError } from "./problem.ts";
import type { OidcLogin } from "./oidc.ts";
import type { RateLimits } from "./rate_limits.ts";
import { createRest } from "./rest.ts";
import { createSecurityLog } from "./security_log.ts";
import { serveSockets } from "./upgrade.ts";

export interface GatewayParts {
  handlers: Handlers;
  hub: Pick<Hub, "attach">;
  tokens: Tokens;
  requireRunning: RequireRunning;
  bots: Pick<Bots, "checkToken">;
  requireAdmin: RequireAdmin;
  epoch: () => Promise<number>;
  assets: Assets;
  /** How often one may call what; absent: as often as one likes. */
  limits?: RateLimits;
  /** Absent: nothing is recorded of what clients ask for. */
  tracer?: Tracer;
  /** Absent: nothing is counted. */
  numbers?: GatewayNumbers;
  /** Absent: nobody logs in at another server. */
  oidc?: OidcLogin;
  log: Logger;
  now: () => number;
  /** WebSockets taken in a second, and twice that at once after a quiet time. 0: any number. */
  maxConnectsPerSecond: number;
  /** Origins besides the server's own whose pages may use cookies. */
  allowedOrigins: readonly string[];
  /** Clients come over TLS, so cookies may be `Secure`. */
  secure: boolean;
  /** Addresses and networks whose X-Forwarded-For is believed. */
  trustedProxies?: readonly string[];
  /** To serve clients over TLS. */
  tls?: Certificate;
}

/** Certificate chain and key, in PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface Gateway {
  /** The port it listens on: the one asked for, or the one found for 0. */
  readonly port: number;
  readonly connections: number;
  /** Open TCP connections of clients, those of the WebSockets among them. */
  readonly clients: number;
  /** Bytes that wait to be read by WebSockets. */
  readonly backlog: number;
  /** Shows this certificate to who connects from now on. Throws when the two do not belong together. */
  useCertificate(tls: Certificate): void;
  /** Takes nothing new, sends the sockets away and waits for what is under way, `deadlineMs` at most. */
  drain(deadlineMs: number): Promise<void>;
}

/** Request line and headers together, at most. */
const MAX_HEADER_BYTES = 16 * 1024;
const LIMITS = {
  // A client that dawdles over its headers is cut off (slowloris); over its body, by body.ts.
  headersTimeout: 10_000,
  requestTimeout: 0,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: MAX_HEADER_BYTES,
};
/** RFC 9325, 3.1.1: nothing older. */
const TLS = { minVersion: "TLSv1.2" } as const;
const HSTS = ["strict-transport-security", "max-age=31536000"] as const;
/** Time within which clients that were sent away are asked to come back, spread evenly. */
const RETRY_SPREAD_MS = 3_000;
/** Time for sending everybody away, a small batch at a time: who takes their place is not met by all at once. */
const MAX_LEAVE_MS = 3_000;

/** One port for everything a client needs: REST, the WebSocket, the web client. Rejects as `listen` does. */
export async function serveGateway(
  address: { host: string; port: number },
  parts: GatewayParts,
): Promise<Gateway> {
  const { handlers, tokens, requireRunning, bots, assets, allowedOrigins, log } = parts;
  const plain = createDispatch(handlers, parts.requireAdmin, createSecurityLog(log));
  const dispatch = parts.numbers?.observed(plain) ?? plain;
  const authenticate = createAuthenticate({ tokens, requireRunning, bots, allowedOrigins });
  const isSecure = () => parts.secure;
  const clientAddress = createClientAddress(parts.trustedProxies ?? []);
  const originOf = (request: IncomingMessage): Origin => ({
    address: clientAddress(request.socket.remoteAddress ?? "", request.headers["x-forwarded-for"]),
    agent: request.headers["user-agent"] ?? "unknown",
  });
  const app = createRest({ ...parts, dispatch, authenticate, originOf, isSecure });
  app.get("*", (c) => {
    const { headers } = c.req.raw;
    return assets.serve(c.req.path, headers.get("accept-encoding"), headers.get("if-none-match")) ??
      notFound();
  });
  app.notFound(notFound);
  const onError = (error: unknown) =>
    problemResponse(
      error instanceof RequestError
        ? new ImError("invalid_request", error.message)
        : toImError(error, log, "http"),
    );
  app.onError(onError);
  const listener = getRequestListener((request, env) => app.fetch(request, env as HttpBindings), {
    errorHandler: onError,
  });
  const secure = parts.tls && createSecureServer({ ...LIMITS, ...TLS, ...parts.tls }, listener);
  const server: Server = secure ?? createServer(LIMITS, listener);
  // RFC 6797. Behind a proxy that has the TLS, it is the proxy that says so.
  secure?.prependListener("request", (_, response) => response.setHeader(...HSTS));
  server.on("clientError", refuseNonsense);
  let clients = 0;
  server.on("connection", (socket: Duplex) => {
    clients += 1;
    socket.once("close", () => clients -= 1);
  });
  const admission = new Admission({
    perSecond: parts.maxConnectsPerSecond,
    nowMs: () => performance.now(),
    random: Math.random,
  });
  const sockets = serveSockets(server, { ...parts, dispatch, authenticate, admission, originOf });
  const port = await listen(server, address);
  return {
    port,
    get connections() {
      return sockets.count;
    },
    get clients() {
      return clients;
    },
    get backlog() {
      return sockets.backlog;
    },
    useCertificate({ cert, key }) {
      // Half of a renewal must not be shown: every handshake would fail.
      if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
        throw new Error("the certificate and the key do not belong together");
      }
      secure?.setSecureContext({ ...TLS, cert, key });
    },
    async drain(deadlineMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      // Half the time for sending away, the other half for what that leaves under way.
      await sockets.drain({ withinMs: Math.min(MAX_LEAVE_MS, deadlineMs / 2), spreadMs: RETRY_SPREAD_MS });
      await Promise.race([closed, delay(deadlineMs / 2, undefined, { ref: false })]);
      sockets.close();
      server.closeAllConnections();
    },
  };
}

export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === "object" && bound ? bound.port : port;
}

/** Answers what cannot be read as HTTP. */
function refuseNonsense(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === "HPE_HEADER_OVERFLOW") {
    const limit = `The request's header may have at most ${MAX_HEADER_BYTES} bytes`;
    return refuse(socket, new ImError("too_large", limit));
  }
  // The parser's own codes begin so. All others are trouble with the connection, or its time is up.
  if (error.code?.startsWith("HPE_")) {
    return refuse(socket, new ImError("invalid_request", "The request is not well-formed HTTP"));
  }
  socket.destroy();
}
