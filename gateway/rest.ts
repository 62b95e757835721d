import { Hono } from "hono";
import type { HttpBindings } from "@hono/node-server";
import * as z from "zod";
import type { Download } from "../chat/download.ts";
import type { Caller, Origin } from "../chat/handlers.ts";
import type { Logger } from "../kit/log.ts";
import { type Tracer, UNTRACED } from "../kit/tracer.ts";
import {
  API_PREFIX,
  ImError,
  type Operation,
  type OperationName,
  operations,
  type Output,
  WS_PATH,
} from "../wire/mod.ts";
import { type Authenticate, credentialsOf, requireOwnOrigin } from "./authenticate.ts";
import { limitBodyTime, streamBody } from "./body.ts";
import { ACCESS_COOKIE, formatCookie, readCookie, REFRESH_COOKIE } from "./cookies.ts";
import type { Dispatch } from "./dispatch.ts";
import { respond } from "./download.ts";
import { mountOidc, type OidcLogin } from "./oidc.ts";
import type { RateLimits, RateState } from "./rate_limits.ts";
import { readJson } from "./read_json.ts";
import { PRIVATE, problemResponse, toImError } from "./problem.ts";

export interface RestParts {
  dispatch: Dispatch;
  authenticate: Authenticate;
  originOf: (request: HttpBindings["incoming"]) => Origin;
  isSecure: (request: HttpBindings["incoming"]) => boolean;
  allowedOrigins: readonly string[];
  /** Absent: nobody is limited. */
  limits?: RateLimits;
  tracer?: Tracer;
  /** Absent: nobody logs in at another server. */
  oidc?: OidcLogin;
  log: Logger;
}

type Env = { Bindings: HttpBindings };

const REFRESH_PATH = `${API_PREFIX}/auth`;
/** Both cookies outlive the access token, whose expiry then is an answer and not a missing cookie. */
const COOKIE_SECONDS = 30 * 24 * 3600;

/** Every operation as a route under /api/v1. */
export function createRest(parts: RestParts): Hono<Env> {
  const app = new Hono<Env>();
  const setLogin = (response: Response, login: Output<"auth.login">, secure: boolean) =>
    void setCookies(response, login.accessToken!, login.refreshToken!, {
      secure,
      maxAgeSeconds: COOKIE_SECONDS,
    });
  if (parts.oidc) mountOidc(app, parts.oidc, { ...parts, setLogin });
  for (const [name, { method, path }] of Object.entries(operations) as [OperationName, Operation][]) {
    app.on(
      method,
      API_PREFIX + path.replaceAll(/\{(\w+)\}/g, ":$1"),
      async (c) =>
        await (parts.tracer ?? UNTRACED).request(
          name,
          c.env.incoming.headers.traceparent,
          () => answer(parts, name, c.env.incoming, c.req.raw, c.req.param()),
        ),
    );
  }
  app.get(WS_PATH, () => problemResponse(new ImError("upgrade_required"), { upgrade: "websocket" }));
  app.all(`${API_PREFIX}/*`, (c) => {
    const allow = methodsAt(c.req.path);
    return allow.length > 0
      ? problemResponse(new ImError("method_not_allowed"), { allow: allow.join(", ") })
      : problemResponse(new ImError("not_found", "No such route"));
  });
  return app;
}

const ROUTES = Object.values<Operation>(operations).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${API_PREFIX}${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** The methods that some operation has at a path. */
function methodsAt(path: string): string[] {
  const methods = ROUTES.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method as string);
  return [...new Set(methods.includes("GET") ? [...methods, "HEAD"] : methods)];
}

async function answer(
  parts: RestParts,
  name: OperationName,
  incoming: HttpBindings["incoming"],
  request: Request,
  params: Record<string, string>,
): Promise<Response> {
  const origin = parts.originOf(incoming);
  let rate: RateState | undefined;
  const perform = async () => {
    const operation: Operation = operations[name];
    const unsafe = operation.method !== "GET";
    let caller: Caller | null = null;
    try {
      if (operation.access !== "public") caller = await parts.authenticate(credentialsOf(incoming, unsafe));
    } finally {
      rate = parts.limits?.takeRequest(name, caller, origin);
    }
    rate?.check();
    const input = await inputOf(operation, incoming, request, params);
    if (operation.stream) {
      const output = await parts.dispatch(name, input, caller, origin, streamBody(incoming));
      return operation.stream.answer ? await respond(output as Download, incoming, parts.log) : json(output);
    }
    if (!input.cookie) {
      const response = json(await parts.dispatch(name, input, caller, origin));
      return name === "auth.logout" ? withoutCookies(response, parts.isSecure(incoming)) : response;
    }
    // Whoever makes a browser log in must be a page of this server: else one could log others in as oneself.
    requireOwnOrigin(incoming.headers, parts.allowedOrigins);
    if (name === "auth.refresh") {
      input.refreshToken ??= readCookie(incoming.headers.cookie, REFRESH_COOKIE) ?? "";
    }
    return withCookies(await parts.dispatch(name, input, caller, origin) as Login, parts.isSecure(incoming));
  };
  const response = await perform().catch((error) => problemResponse(toImError(error, parts.log, name)));
  for (const [header, value] of Object.entries(rate?.headers ?? {})) response.headers.set(header, value);
  return response;
}

/** The fields of the input, from the path and from the query or the body; each has one place only. */
async function inputOf(
  operation: Operation,
  incoming: HttpBindings["incoming"],
  request: Request,
  params: Record<string, string>,
): Promise<Record<string, unknown>> {
  const query = new URL(request.url).searchParams;
  const inQuery = operation.method === "GET" || operation.method === "DELETE" || operation.stream?.body;
  const given = inQuery ? queryOf(query, operation.input) : await readInTime();
  for (const field of inQuery ? [] : query.keys()) {
    throw new ImError("invalid_params", `${field}: this route takes its fields in the body`, { field });
  }
  for (const field of Object.keys(params)) {
    if (Object.hasOwn(given, field)) {
      throw new ImError("invalid_params", `${field}: stands in the path already`, { field });
    }
  }
  for (const [field, value] of Object.entries(params)) given[field] = valueOf(operation.input, field, value);
  return given;

  async function readInTime() {
    using _ = limitBodyTime(incoming);
    return await readJson(request);
  }
}

interface Login {
  accessToken: string;
  refreshToken: string;
  expiresIn: number;
}

/** A login's answer with its tokens as cookies. The refresh token travels to the auth routes only. */
function withCookies({ accessToken, refreshToken, ...shown }: Login, secure: boolean): Response {
  return setCookies(json(shown), accessToken, refreshToken, { secure, maxAgeSeconds: COOKIE_SECONDS });
}

function withoutCookies(response: Response, secure: boolean): Response {
  return setCookies(response, "", "", { secure, maxAgeSeconds: 0 });
}

function setCookies(
  response: Response,
  access: string,
  refresh: string,
  options: { secure: boolean; maxAgeSeconds: number },
): Response {
  const { headers } = response;
  headers.append("set-cookie", formatCookie(ACCESS_COOKIE, access, { ...options, path: API_PREFIX }));
  headers.append("set-cookie", formatCookie(REFRESH_COOKIE, refresh, { ...options, path: REFRESH_PATH }));
  return response;
}

/** The query's fields. A list is its field, once for each of its values. */
function queryOf(query: URLSearchParams, schema: z.ZodObject): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const key of new Set(query.keys())) {
    const element = Object.hasOwn(schema.shape, key) ? elementOf(schema.shape[key]) : undefined;
    const values = query.getAll(key);
    if (!element && values.length > 1) {
      throw new ImError("invalid_params", `${key}: given twice`, { field: key });
    }
    input[key] = element ? values.map((text) => readText(element, text)) : valueOf(schema, key, values[0]);
  }
  return input;
}

/** What a list holds; undefined of what is none. */
function elementOf(type: unknown): z.ZodType | undefined {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault) return elementOf(type.unwrap());
  return type instanceof z.ZodArray ? type.element as z.ZodType : undefined;
}

function valueOf(schema: z.ZodObject, field: string, text: string): string | number | boolean {
  return Object.hasOwn(schema.shape, field) ? readText(schema.shape[field] as z.ZodType, text) : text;
}

/** What a text in a path or query stands for: where the schema wants a number or a boolean, it is one. */
function readText(type: z.ZodType, text: string): string | number | boolean {
  if (text === "true" || text === "false") return type.safeParse(true).success ? text === "true" : text;
  if (!/^\d{1,16}$/.test(text)) return text;
  // 1 is within the range of every number there is; whether this one is, the schema says.
  return type.safeParse(1).success ? Number(text) : text;
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { "content-type": "application/json", ...PRIVATE } });
}
