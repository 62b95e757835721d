import type { ErrorCode } from "../../wire/errors.ts";
import type { RawRequest } from "../support/raw.ts";
import { nested } from "./bad_frames.ts";

/** What should not come over REST, and what answers it. */

/** One request of alice's → one problem. */
export const problems: [string, string, RawRequest, ErrorCode, string?][] = [
  ["malformed JSON", "/groups", { body: "{" }, "parse_error"],
  ["bad UTF-8", "/groups", { body: new Uint8Array([0x22, 0xff, 0x22]) }, "parse_error"],
  ["an array", "/groups", { body: "[]" }, "invalid_request"],
  ["null", "/groups", { body: "null" }, "invalid_request"],
  ["a string", "/groups", { body: '"x"' }, "invalid_request"],
  ["10,000 levels", "/groups", { body: nested(10_000) }, "invalid_params", "title"],
  ["no body", "/groups", { method: "POST" }, "invalid_params", "title"],
  [
    "text/plain",
    "/groups",
    { body: "{}", headers: { "content-type": "text/plain" } },
    "unsupported_media_type",
  ],
  ["a form", "/groups", {
    body: "title=x",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  }, "unsupported_media_type"],
  ["an empty type", "/groups", { body: "{}", headers: { "content-type": "" } }, "unsupported_media_type"],
  ["256 KiB and one byte", "/groups", { body: " ".repeat(256 * 1024 + 1) }, "too_large"],
  [
    "a length that is a lie",
    "/groups",
    { body: "{}", headers: { "content-length": "99999999999" } },
    "too_large",
  ],
  [
    "a length that is none",
    "/groups",
    { body: "{}", headers: { "content-length": "2x" } },
    "invalid_request",
  ],
  ["unknown route", "/nothing", {}, "not_found"],
  ["a slash too many", "/users/me/", {}, "not_found"],
  ["the API itself", "/", {}, "not_found"],
  ["the socket without an upgrade", "/ws", {}, "upgrade_required"],
  ["unknown field", "/groups", { body: '{"title":"x","memberIds":[],"x":1}' }, "invalid_params", "x"],
  [
    "__proto__",
    "/groups",
    { body: '{"title":"x","memberIds":[],"__proto__":{}}' },
    "invalid_params",
    "__proto__",
  ],
  ["wrong type", "/groups", { body: '{"title":5,"memberIds":[]}' }, "invalid_params", "title"],
  [
    "wrong type inside",
    "/groups",
    { body: '{"title":"x","memberIds":["a"]}' },
    "invalid_params",
    "memberIds.0",
  ],
  ["query on a POST", "/groups?title=x", { body: '{"title":"x","memberIds":[]}' }, "invalid_params", "title"],
  ["unknown query key", "/users/me?x=1", {}, "invalid_params", "x"],
  ["query key __proto__", "/users/me?__proto__=1", {}, "invalid_params", "__proto__"],
  ["query key twice", "/users?query=a&query=b", {}, "invalid_params", "query"],
  ["query limit in letters", "/users?query=a&limit=ten", {}, "invalid_params", "limit"],
  ["query limit over 2^53", "/users?query=a&limit=9007199254740993", {}, "invalid_params", "limit"],
  ["missing query", "/users", {}, "invalid_params", "query"],
  ["an id in letters", "/users/abc", {}, "invalid_params", "userId"],
  ["an id with a zero in front", "/users/01", {}, "invalid_params", "userId"],
  ["an id that is half an escape", "/users/%E0%A4%A", {}, "invalid_params", "userId"],
  ["an id with a slash", "/users/1%2F2", {}, "invalid_params", "userId"],
  ["an unknown user", "/users/1", {}, "user_not_found"],
  [
    "one field in two places",
    "/conversations/1/messages",
    {
      body: '{"conversationId":"2","clientId":"a","content":{"type":"text","text":"x"}}',
    },
    "invalid_params",
    "conversationId",
  ],
  ["a header of 20 KiB", "/users/me", { headers: { "x-much": "x".repeat(20_000) } }, "too_large"],
  ["a path of 20 KiB", `/users?query=${"x".repeat(20_000)}`, {}, "too_large"],
  ["3,000 headers", "/users/me", {
    headers: Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`x-${i}`, "1"])),
  }, "too_large"],
  ["no host", "/users/me", { headers: { host: "" } }, "invalid_request"],
  ["a host that is none", "/users/me", { headers: { host: "a b" } }, "invalid_request"],
  ["a method that is none", "/users/me", { method: "FETCH" }, "invalid_request"],
  ["two lengths", "/groups", {
    body: "{}",
    headers: { "transfer-encoding": "chunked" },
  }, "invalid_request"],
];
