import type { HttpBindings } from "@hono/node-server";
import type { Hono } from "hono";
import type { Oidc, OidcIdentity } from "../auth/oidc.ts";
import { type LoginSeals, SEAL_SECONDS } from "../auth/sealed_login.ts";
import type { Caller, Origin } from "../chat/handlers.ts";
import type { Logger } from "../kit/log.ts";
import { API_PREFIX, ImError, type Output } from "../wire/mod.ts";
import { type Authenticate, credentialsOf } from "./authenticate.ts";
import { formatCookie, readCookie } from "./cookies.ts";
import { PRIVATE, toImError } from "./problem.ts";
import type { RateLimits } from "./rate_limits.ts";

export interface OidcLogin {
  oidc: Oidc;
  seals: LoginSeals;
  login(identity: OidcIdentity, origin: Origin): Promise<Output<"auth.login">>;
  link(who: { userId: number; sessionId: number }, identity: OidcIdentity): Promise<void>;
}

export interface OidcRouteParts {
  authenticate: Authenticate;
  originOf: (request: HttpBindings["incoming"]) => Origin;
  isSecure: (request: HttpBindings["incoming"]) => boolean;
  limits?: RateLimits;
  log: Logger;
  /** The login's tokens as cookies of an answer. */
  setLogin: (response: Response, login: Output<"auth.login">, secure: boolean) => void;
}

const PATH = `${API_PREFIX}/auth/oidc`;
const COOKIE = "imserver_oidc";

/**
 * The two pages of a login at another server: away, and back. Whatever happens, a browser is sent to one of a few
 * places named here, never to one that a request names.
 */
export function mountOidc(
  app: Hono<{ Bindings: HttpBindings }>,
  { oidc, seals, login, link }: OidcLogin,
  parts: OidcRouteParts,
): void {
  const { authenticate, originOf, isSecure, limits, log } = parts;
  type Incoming = HttpBindings["incoming"];

  const seal = (value: string, incoming: Incoming) => {
    const options = { secure: isSecure(incoming), path: PATH, maxAgeSeconds: value ? SEAL_SECONDS : 0 };
    // Lax, because the other server's page sends the browser back.
    return formatCookie(COOKIE, value, { ...options, sameSite: "Lax" });
  };

  async function away(incoming: Incoming, wantsLink: boolean): Promise<Response> {
    const caller: Caller | null = wantsLink ? await authenticate(credentialsOf(incoming, false)) : null;
    limits?.takeRequest("auth.login", caller, originOf(incoming)).check();
    if (wantsLink && !caller) throw new ImError("unauthenticated");
    if (caller?.scopes) throw new ImError("forbidden");
    const { url, pending } = await oidc.begin();
    const who = caller ? { link: { userId: caller.userId, sessionId: caller.sessionId } } : {};
    return redirect(url, seal(await seals.seal({ ...pending, ...who }), incoming));
  }

  async function back(incoming: Incoming, query: URLSearchParams): Promise<Response> {
    limits?.takeRequest("auth.login", null, originOf(incoming)).check();
    const begun = await seals.open(readCookie(incoming.headers.cookie, COOKIE) ?? "");
    if (!begun) throw new ImError("oidc_failed");
    const identity = await oidc.finish(query, begun);
    if (begun.link) {
      await link(begun.link, identity);
      log.info("auth.oidc link", { userId: begun.link.userId, address: originOf(incoming).address });
      return redirect("/#/settings/account", seal("", incoming));
    }
    const response = redirect("/", seal("", incoming));
    const made = await login(identity, originOf(incoming));
    log.info("auth.oidc", { userId: made.user.id, address: originOf(incoming).address });
    parts.setLogin(response, made, isSecure(incoming));
    return response;
  }

  const failed = (error: unknown, incoming: Incoming) => {
    const { code } = toImError(error, log, "oidc");
    log.info("auth.oidc refused", { because: code, address: originOf(incoming).address });
    return redirect(`/#/oidc/${code}`, seal("", incoming));
  };

  app.get(
    `${PATH}/start`,
    (c) => away(c.env.incoming, c.req.query("link") === "1").catch((error) => failed(error, c.env.incoming)),
  );
  app.get(
    `${PATH}/callback`,
    (c) =>
      back(c.env.incoming, new URL(c.req.url).searchParams).catch((error) => failed(error, c.env.incoming)),
  );
}

function redirect(location: string, cookie: string): Response {
  const headers = new Headers({ location, ...PRIVATE, "referrer-policy": "no-referrer" });
  headers.append("set-cookie", cookie);
  return new Response(null, { status: 302, headers });
}
