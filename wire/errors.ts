/**
 * Every error a client can meet, in one table. The string code is stable: it is what programs compare.
 * `rpc` is the JSON-RPC 2.0 error number, `status` the HTTP status of the same error over REST, and
 * `advice` what a client should do: `fix` the request, `login` again, `retry` later (the same request is
 * safe to repeat), or `stop`, because repeating cannot help.
 */
export const ERRORS = {
  parse_error: { rpc: -32700, status: 400, advice: "fix", title: "The text is not valid JSON" },
  invalid_request: { rpc: -32600, status: 400, advice: "fix", title: "Not a valid request" },
  method_not_found: { rpc: -32601, status: 404, advice: "fix", title: "No such method" },
  invalid_params: {
    rpc: -32602,
    status: 400,
    advice: "fix",
    title: "A parameter is missing, wrong or unknown",
  },
  internal: { rpc: -32603, status: 500, advice: "retry", title: "The server failed" },

  unauthenticated: { rpc: 1001, status: 401, advice: "login", title: "No credentials were given" },
  token_invalid: { rpc: 1002, status: 401, advice: "login", title: "The token is not valid" },
  token_expired: { rpc: 1003, status: 401, advice: "login", title: "The token has expired; refresh it" },
  session_ended: { rpc: 1004, status: 401, advice: "login", title: "The session was ended" },
  refresh_reused: {
    rpc: 1005,
    status: 401,
    advice: "login",
    title: "The refresh token was used before; its session was ended",
  },
  invalid_credentials: {
    rpc: 1006,
    status: 401,
    advice: "fix",
    title: "The username or the password is wrong",
  },
  second_factor_required: {
    rpc: 1010,
    status: 401,
    advice: "fix",
    title: "The password is right; the code of the second factor is missing",
  },
  second_factor_invalid: {
    rpc: 1011,
    status: 401,
    advice: "fix",
    title: "The code is wrong, expired or was used before",
  },
  second_factor_needed: {
    rpc: 1013,
    status: 403,
    advice: "fix",
    title: "Admins of this server need a second factor; turn it on first",
  },
  oidc_failed: {
    rpc: 1012,
    status: 401,
    advice: "stop",
    title: "The login at the other server failed, or took too long",
  },
  setup_token_invalid: {
    rpc: 1007,
    status: 403,
    advice: "stop",
    title: "The admin link is wrong, used or expired",
  },
  registration_closed: { rpc: 1008, status: 403, advice: "stop", title: "This server takes no new accounts" },
  account_disabled: { rpc: 1020, status: 403, advice: "stop", title: "The account is disabled" },
  reset_token_invalid: {
    rpc: 1021,
    status: 403,
    advice: "stop",
    title: "The token to set a password is wrong, used or expired",
  },
  origin_not_allowed: { rpc: 1009, status: 403, advice: "stop", title: "The page's origin is not allowed" },

  forbidden: { rpc: 1101, status: 403, advice: "stop", title: "Not allowed" },
  scope_missing: { rpc: 1120, status: 403, advice: "stop", title: "The bot's token is not for that" },
  blocked: { rpc: 1102, status: 403, advice: "stop", title: "This person does not take messages from you" },
  not_friends: { rpc: 1110, status: 403, advice: "stop", title: "You two are not friends" },
  muted: { rpc: 1103, status: 403, advice: "stop", title: "You may not write in this group for now" },
  read_only: {
    rpc: 1104,
    status: 403,
    advice: "stop",
    title: "Only the owner and admins write in this group",
  },
  banned: { rpc: 1105, status: 403, advice: "stop", title: "Banned from this group" },

  not_found: { rpc: 1201, status: 404, advice: "fix", title: "Not found" },
  user_not_found: { rpc: 1202, status: 404, advice: "fix", title: "No such user" },
  conversation_not_found: {
    rpc: 1203,
    status: 404,
    advice: "fix",
    title: "No such conversation, or you are not in it",
  },
  message_not_found: { rpc: 1206, status: 404, advice: "fix", title: "No such message" },
  file_not_found: { rpc: 1220, status: 404, advice: "fix", title: "No such file, or you may not see it" },
  request_not_found: { rpc: 1204, status: 404, advice: "fix", title: "No such request" },
  member_not_found: { rpc: 1208, status: 404, advice: "fix", title: "No such member of this group" },
  link_invalid: {
    rpc: 1209,
    status: 404,
    advice: "stop",
    title: "The invitation is wrong, revoked, expired or used up",
  },
  group_dissolved: { rpc: 1210, status: 410, advice: "stop", title: "The group was dissolved" },
  method_not_allowed: {
    rpc: 1205,
    status: 405,
    advice: "fix",
    title: "The resource does not have this method",
  },

  upgrade_required: { rpc: 1207, status: 426, advice: "fix", title: "This route is a WebSocket" },

  conflict: { rpc: 1301, status: 409, advice: "fix", title: "It conflicts with what is stored" },
  username_taken: { rpc: 1302, status: 409, advice: "fix", title: "The username is taken" },
  client_id_conflict: {
    rpc: 1303,
    status: 409,
    advice: "fix",
    title: "This clientId was used for another message",
  },
  message_recalled: { rpc: 1306, status: 409, advice: "stop", title: "The message was recalled" },
  window_closed: { rpc: 1307, status: 409, advice: "stop", title: "It is too late for that" },
  quota_exceeded: {
    rpc: 1320,
    status: 409,
    advice: "stop",
    title: "Your files would take more room than you have",
  },
  file_damaged: {
    rpc: 1321,
    status: 409,
    advice: "fix",
    title: "What was stored is not what the checksum says; upload it again",
  },
  files_off: { rpc: 1322, status: 501, advice: "stop", title: "This server keeps no files" },
  too_many: { rpc: 1308, status: 409, advice: "stop", title: "There are as many as there may be" },
  username_invalid: { rpc: 1304, status: 400, advice: "fix", title: "The username breaks a rule" },
  password_invalid: { rpc: 1305, status: 400, advice: "fix", title: "The password breaks a rule" },
  password_common: {
    rpc: 1309,
    status: 400,
    advice: "fix",
    title: "This password is one of those that are guessed first",
  },

  too_large: { rpc: 1401, status: 413, advice: "fix", title: "Too large" },
  unsupported_media_type: {
    rpc: 1402,
    status: 415,
    advice: "fix",
    title: "The body must be application/json",
  },
  range_not_satisfiable: {
    rpc: 1403,
    status: 416,
    advice: "fix",
    title: "The range lies beyond the end",
  },
  rate_limited: { rpc: 1501, status: 429, advice: "retry", title: "Too many requests" },
  overloaded: { rpc: 1502, status: 503, advice: "retry", title: "The server is busy" },
  unavailable: { rpc: 1503, status: 503, advice: "retry", title: "A part of the server is away" },
} as const satisfies Record<string, ErrorSpec>;

export interface ErrorSpec {
  rpc: number;
  status: number;
  advice: "fix" | "login" | "retry" | "stop";
  title: string;
}

export type ErrorCode = keyof typeof ERRORS;

/** What may travel with an error: safe to show to the client that caused it. */
export interface ErrorDetails {
  /** The input field at fault, dotted: `content.text`. */
  field?: string;
  /** Wait this many milliseconds before the same request. */
  retryAfterMs?: number;
}

/** An error with a stable code, thrown on any floor and shown to the client as it is. */
export class ImError extends Error {
  override name = "ImError";
  /** The account that it is about, for the server's own log. No client is told. */
  accountId?: number;
  constructor(readonly code: ErrorCode, message?: string, readonly details: ErrorDetails = {}) {
    super(message ?? ERRORS[code].title);
  }
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERRORS, code);
}
