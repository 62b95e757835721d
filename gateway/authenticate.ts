import type { IncomingMessage } from "node:http";
import { isBotToken, parseBotToken } from "../auth/bot_tokens.ts";
import type { Tokens } from "../auth/tokens.ts";
import type { Caller } from "../chat/handlers.ts";
import type { Bots } from "../data/service.ts";
import { ImError } from "../wire/errors.ts";
import { ACCESS_COOKIE, readCookie } from "./cookies.ts";

/** The parts of a request that say who calls. */
export interface Credentials {
  authorization: string | undefined;
  cookie: string | undefined;
  origin: string | undefined;
  host: string | undefined;
  /** Whether it may change something or opens a socket; only then must the origin of a cookie be ours. */
  unsafe: boolean;
}

/** Whether a session still runs; session_ended if not. Whose it is stands in the signed token that names it. */
export type RequireRunning = (session: { id: number }) => Promise<void>;

export type Authenticate = (credentials: Credentials) => Promise<Caller | null>;

/**
 * Who calls: by `Authorization: Bearer` (RFC 6750), which may be a bot's own token, else by cookie. A cookie counts only from a page of this
 * server, because a browser sends it along from any page. Null without credentials. Errors: token_invalid,
 * token_expired, session_ended, origin_not_allowed.
 */
export function createAuthenticate(
  { tokens, requireRunning, bots, allowedOrigins }: {
    tokens: Tokens;
    requireRunning: RequireRunning;
    bots: Pick<Bots, "checkToken">;
    allowedOrigins: readonly string[];
  },
): Authenticate {
  return async (credentials) => {
    const token = bearer(credentials.authorization) ?? cookieToken(credentials, allowedOrigins);
    if (token === null) return null;
    if (isBotToken(token)) return await botOf(bots, token);
    const { userId, sessionId, role } = await tokens.verify(token);
    await requireRunning({ id: sessionId });
    return { userId, sessionId, role };
  };
}

/** The database is asked each time, so that a token is no good from the moment it is revoked. */
async function botOf(bots: Pick<Bots, "checkToken">, token: string): Promise<Caller> {
  const parsed = parseBotToken(token);
  if (!parsed) throw new ImError("token_invalid");
  const { botId, id, scopes } = await bots.checkToken(parsed);
  return { userId: botId, sessionId: id, role: "user", scopes };
}

export function credentialsOf(request: IncomingMessage, unsafe: boolean): Credentials {
  const { authorization, cookie, origin, host } = request.headers;
  return { authorization, cookie, origin, host, unsafe };
}

function bearer(authorization: string | undefined): string | null {
  if (authorization === undefined) return null;
  const match = /^Bearer ([^\s]+)$/i.exec(authorization);
  if (!match) throw new ImError("token_invalid", "Authorization must be `Bearer <access token>`");
  return match[1];
}

function cookieToken(credentials: Credentials, allowedOrigins: readonly string[]): string | null {
  const token = readCookie(credentials.cookie, ACCESS_COOKIE);
  if (token === null) return null;
  if (credentials.unsafe) requireOwnOrigin(credentials, allowedOrigins);
  return token;
}

/** Against CSRF and cross-site WebSocket hijacking: browsers name the page's origin on all unsafe requests. */
export function requireOwnOrigin(
  { origin, host }: { origin?: string; host?: string },
  allowedOrigins: readonly string[],
): void {
  if (origin !== undefined && (allowedOrigins.includes(origin) || sameHost(origin, host))) return;
  throw new ImError("origin_not_allowed");
}

function sameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}
