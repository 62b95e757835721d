/**
 * Why the server ends a WebSocket, in one table. 1000–1015 are RFC 6455's own, 4000–4999 ours. The close
 * reason is a JSON object `{"code": …, "retryAfterMs"?: …}`. `advice`: `reconnect` (at once, or after
 * `retryAfterMs`), `login` again, or `fix` the client, which broke the protocol.
 */
export const CLOSE_CODES = {
  going_away: { number: 1001, advice: "reconnect", title: "The server stops; another may answer" },
  protocol_error: { number: 1002, advice: "fix", title: "A malformed WebSocket frame" },
  binary_not_supported: { number: 1003, advice: "fix", title: "This subprotocol is text only" },
  invalid_utf8: { number: 1007, advice: "fix", title: "A text frame that is not UTF-8" },
  frame_too_large: { number: 1009, advice: "fix", title: "A message over the size limit" },
  session_ended: { number: 4001, advice: "login", title: "Logged out, revoked, or refresh token reused" },
  slow_consumer: {
    number: 4002,
    advice: "reconnect",
    title: "The client reads too slowly; reconnect and sync",
  },
  idle: { number: 4003, advice: "reconnect", title: "No sign of life from the client" },
  overloaded: { number: 4004, advice: "reconnect", title: "The server cannot take this connection now" },
  session_replaced: {
    number: 4005,
    advice: "login",
    title: "A newer session of the same kind of device took its place",
  },
  restored: {
    number: 4006,
    advice: "reconnect",
    title: "The server's data was restored (a new epoch); reconnect and begin anew",
  },
} as const satisfies Record<string, CloseSpec>;

export interface CloseSpec {
  number: number;
  advice: "reconnect" | "login" | "fix";
  title: string;
}

export type CloseCode = keyof typeof CLOSE_CODES;
