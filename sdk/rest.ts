import { type ErrorCode, ImError, isErrorCode } from "../wire/errors.ts";
import type { API_PREFIX } from "../wire/mod.ts";
import type { Input, OperationName, Operations, Output } from "../wire/operations.ts";

/** What is called over REST: what cannot wait for a socket, because it decides whether there can be one. */
export type RestName = Extract<OperationName, `auth.${string}`> | "user.me";

type Route<N extends RestName> = `${Operations[N]["method"]} ${Operations[N]["path"]}`;

// The table and the prefix repeat wire/, whose values would bring zod along; the types keep them the same.
const PREFIX: typeof API_PREFIX = "/api/v1";
const ROUTES: { [N in RestName]: Route<N> } = {
  "auth.methods": "GET /auth/methods",
  "auth.register": "POST /auth/register",
  "auth.login": "POST /auth/login",
  "auth.refresh": "POST /auth/refresh",
  "auth.logout": "POST /auth/logout",
  "auth.setup": "POST /auth/setup",
  "auth.resetPassword": "POST /auth/reset-password",
  "user.me": "GET /users/me",
};

export function isRestName(name: OperationName): name is RestName {
  return Object.hasOwn(ROUTES, name);
}

export interface RestOptions {
  baseUrl: string;
  fetch: typeof fetch;
  /** Whether cookies go along. */
  cookie: boolean;
  headers(): Record<string, string>;
}

/** Calls one operation over HTTP. Rejects with ImError, or with the signal's reason. */
export type Rest = <N extends RestName>(name: N, input: Input<N>, signal: AbortSignal) => Promise<Output<N>>;

export function createRest(options: RestOptions): Rest {
  return <N extends RestName>(name: N, input: Input<N>, signal: AbortSignal) => {
    const [method, path] = ROUTES[name].split(" ");
    const body = method === "GET" ? undefined : { type: "application/json", bytes: JSON.stringify(input) };
    return send<Output<N>>(options, method, path, body, signal);
  };
}

/** Sends bytes to a route whose body is a stream. Rejects as `Rest` does. */
export function putBytes<T>(
  options: RestOptions,
  path: string,
  bytes: Blob,
  signal?: AbortSignal,
): Promise<T> {
  return send<T>(options, "PUT", path, { type: "application/octet-stream", bytes }, signal);
}

async function send<T>(
  options: RestOptions,
  method: string,
  path: string,
  body: { type: string; bytes: BodyInit } | undefined,
  signal?: AbortSignal,
): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await options.fetch(options.baseUrl + PREFIX + path, {
      method,
      headers: { ...options.headers(), ...(body && { "content-type": body.type }) },
      body: body?.bytes,
      credentials: options.cookie ? "include" : "omit",
      signal,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new ImError("unavailable", `The server cannot be reached (${error})`);
  }
  const answer = parse(text);
  if (!response.ok || answer === undefined) throw problem(response.status, answer);
  return answer as T;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error in an RFC 9457 body; a proxy's own page instead of one is read by its status. */
function problem(status: number, body: unknown): ImError {
  const members = typeof body === "object" && body !== null ? body as Record<string, unknown> : {};
  const { code, detail, field, retryAfterMs } = members;
  return new ImError(isErrorCode(code) ? code : codeOfStatus(status), text(detail), {
    ...(typeof field === "string" && { field }),
    ...(typeof retryAfterMs === "number" && { retryAfterMs }),
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const STATUS_CODES: Record<number, ErrorCode> = {
  401: "unauthenticated",
  403: "forbidden",
  404: "not_found",
  413: "too_large",
  429: "rate_limited",
  500: "internal",
};

function codeOfStatus(status: number): ErrorCode {
  // A 2xx that is not JSON is not our server (a captive portal, perhaps), so the server is out of reach.
  return STATUS_CODES[status] ?? (status >= 500 || status < 400 ? "unavailable" : "invalid_request");
}
