import type { CloseCode } from "../../wire/close_codes.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import { OPCODE, type RawSocket } from "../support/raw.ts";

/** What should not come over a WebSocket, and what answers it. */

export const nested = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
export const call = (id: string, method: string, params = "{}") =>
  `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`;
const send = (content: string) =>
  call("1", "message.send", `{"conversationId":"1","clientId":"c","content":${content}}`);

/** One text frame → one error: its id, its code and the field at fault. */
export const rpcErrors: [string, string | Uint8Array, unknown, ErrorCode, string?][] = [
  ["nothing", "", null, "parse_error"],
  ["half an object", '{"jsonrpc":"2.0"', null, "parse_error"],
  ["two values", "{}{}", null, "parse_error"],
  ["not quite JSON", "{jsonrpc:'2.0'}", null, "parse_error"],
  ["a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d]), null, "parse_error"],
  ["10,000 open brackets", "[".repeat(10_000), null, "parse_error"],
  ["a string", '"user.me"', null, "invalid_request"],
  ["a number", "1e400", null, "invalid_request"],
  ["null", "null", null, "invalid_request"],
  ["an empty object", "{}", null, "invalid_request"],
  ["no jsonrpc", '{"id":1,"method":"user.me"}', 1, "invalid_request"],
  ["jsonrpc 1.0", '{"jsonrpc":"1.0","id":1,"method":"user.me"}', 1, "invalid_request"],
  ["jsonrpc as a number", '{"jsonrpc":2.0,"id":1,"method":"user.me"}', 1, "invalid_request"],
  ["no method", '{"jsonrpc":"2.0","id":1}', 1, "invalid_request"],
  ["a method that is no string", '{"jsonrpc":"2.0","id":"x","method":["user.me"]}', "x", "invalid_request"],
  ["id true", '{"jsonrpc":"2.0","id":true,"method":"user.me"}', null, "invalid_request"],
  ["id an object", '{"jsonrpc":"2.0","id":{},"method":"user.me"}', null, "invalid_request"],
  ["id too long", call(`"${"i".repeat(129)}"`, "user.me"), null, "invalid_request"],
  ["id not a finite number", call("1e400", "user.me"), null, "invalid_request"],
  ["id that would be rounded", call("12345678901234567890", "user.me"), null, "invalid_request"],
  ["params an array", call("1", "user.me", "[]"), 1, "invalid_request"],
  ["params null", call("1", "user.me", "null"), 1, "invalid_request"],
  ["params a string", call("1", "user.me", '"{}"'), 1, "invalid_request"],
  ["an unknown method", call("1", "user.you"), 1, "method_not_found"],
  ["an empty method", call("1", ""), 1, "method_not_found"],
  ["a method by another case", call("1", "User.Me"), 1, "method_not_found"],
  ["method toString", call("1", "toString"), 1, "method_not_found"],
  ["method __proto__", call("1", "__proto__"), 1, "method_not_found"],
  ["method constructor", call("1", "constructor"), 1, "method_not_found"],
  ["an unknown field", call("1", "user.me", '{"x":1}'), 1, "invalid_params", "x"],
  ["field __proto__", call("1", "user.me", '{"__proto__":{"x":1}}'), 1, "invalid_params", "__proto__"],
  ["field constructor", call("1", "user.me", '{"constructor":1}'), 1, "invalid_params", "constructor"],
  ["field toString", call("1", "user.me", '{"toString":null}'), 1, "invalid_params", "toString"],
  ["a missing field", call("1", "user.get"), 1, "invalid_params", "userId"],
  ["a wrong type", call("1", "user.get", '{"userId":7}'), 1, "invalid_params", "userId"],
  ["an id that is none", call("1", "user.get", '{"userId":"0x1"}'), 1, "invalid_params", "userId"],
  ["id with 17 digits", call("1", "user.get", `{"userId":"${1e16}"}`), 1, "invalid_params", "userId"],
  ["limit 0", call("1", "user.search", '{"query":"a","limit":0}'), 1, "invalid_params", "limit"],
  ["limit -1", call("1", "user.search", '{"query":"a","limit":-1}'), 1, "invalid_params", "limit"],
  ["limit 1.5", call("1", "user.search", '{"query":"a","limit":1.5}'), 1, "invalid_params", "limit"],
  ["limit 1e400", call("1", "user.search", '{"query":"a","limit":1e400}'), 1, "invalid_params", "limit"],
  ["limit 2^53", call("1", "user.search", '{"query":"a","limit":9007199254740992}'), 1, "invalid_params"],
  ["limit in letters", call("1", "user.search", '{"query":"a","limit":"9"}'), 1, "invalid_params", "limit"],
  ["no cursor", call("1", "friend.list", '{"cursor":"%%"}'), 1, "invalid_params", "cursor"],
  ["made-up cursor", call("1", "friend.list", '{"cursor":"MS4y"}'), 1, "invalid_params", "cursor"],
  ["no user", call("1", "user.get", '{"userId":"9999999999999999"}'), 1, "user_not_found"],
  ["nobody to talk to", call("1", "conversation.openDirect", '{"userId":"5"}'), 1, "user_not_found"],
  ["half a character as text", send('{"type":"text","text":"\\ud83d"}'), 1, "invalid_params", "content.text"],
  ["blank text", send('{"type":"text","text":" \\n\\t "}'), 1, "invalid_params", "content.text"],
  ["too long a text", send(`{"type":"text","text":"${"x".repeat(16_001)}"}`), 1, "invalid_params"],
  ["unknown content", send('{"type":"html","text":"x"}'), 1, "invalid_params", "content.type"],
  ["content __proto__", send('{"type":"text","text":"x","__proto__":{}}'), 1, "invalid_params"],
  ["10,000 levels of content", send(nested(10_000)), 1, "invalid_params", "content.type"],
  ["10,000 levels of params", call("1", "user.me", nested(10_000)), 1, "invalid_params", "a"],
  [
    "half a character as title",
    call("1", "group.create", '{"title":"\\udc00","memberIds":[]}'),
    1,
    "invalid_params",
    "title",
  ],
  [
    "U+0000 as title",
    call("1", "group.create", '{"title":"a\\u0000b","memberIds":[]}'),
    1,
    "invalid_params",
    "title",
  ],
  [
    "a line break in a name",
    call("1", "auth.register", '{"username":"ab","password":"12345678","displayName":"a\\nb"}'),
    1,
    "invalid_params",
    "displayName",
  ],
  [
    "half a character as username",
    call("1", "auth.register", '{"username":"ab\\ud800","password":"12345678"}'),
    1,
    "username_invalid",
    "username",
  ],
  [
    "cookies over the socket",
    call("1", "auth.login", '{"username":"a","password":"b","cookie":true}'),
    1,
    "invalid_params",
    "cookie",
  ],
];

/** What breaks the WebSocket protocol itself → the close code. */
export const breaches: [string, CloseCode, (socket: RawSocket) => Promise<unknown>][] = [
  ["a frame of 1 MiB", "frame_too_large", (socket) => socket.send("x".repeat(1024 * 1024))],
  ["a fragmented message over the limit", "frame_too_large", async (socket) => {
    await socket.send("x".repeat(10_000), { fin: false });
    for (let i = 0; i < 30; i++) {
      await socket.send("x".repeat(10_000), { fin: false, opcode: OPCODE.continuation });
    }
  }],
  ["a binary frame", "binary_not_supported", (socket) => socket.send("{}", { opcode: OPCODE.binary })],
  ["bad UTF-8", "invalid_utf8", (socket) => socket.send(new Uint8Array([0x22, 0xc3, 0x28, 0x22]))],
  [
    "a surrogate in UTF-8",
    "invalid_utf8",
    (socket) => socket.send(new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22])),
  ],
  ["a frame without a mask", "protocol_error", (socket) => socket.send("{}", { masked: false })],
  ["a reserved bit", "protocol_error", (socket) => socket.send("{}", { reserved: 4 })],
  ["an unknown opcode", "protocol_error", (socket) => socket.send("{}", { opcode: 3 })],
  [
    "a continuation of nothing",
    "protocol_error",
    (socket) => socket.send("{}", { opcode: OPCODE.continuation }),
  ],
  ["a ping in fragments", "protocol_error", (socket) => socket.send("", { opcode: OPCODE.ping, fin: false })],
  [
    "a ping of 126 bytes",
    "protocol_error",
    (socket) => socket.send("x".repeat(126), { opcode: OPCODE.ping }),
  ],
  [
    "a close with a code nobody may send",
    "protocol_error",
    (socket) => socket.send(new Uint8Array([0x03, 0xed]), { opcode: OPCODE.close }),
  ],
];
