import assert from "node:assert/strict";
import { SignJWT } from "jose";
import { generateKeys, loadKeys } from "../../auth/keys.ts";
import { createTokens } from "../../auth/tokens.ts";
import { CLOSE_CODES, type CloseCode } from "../../wire/close_codes.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import { type Operation, operations } from "../../wire/operations.ts";
import {
  assertProblem,
  assertResponse,
  assertRpcError,
  exchange,
  type RpcResponse,
} from "../support/answers.ts";
import { heard, type Person, register, rest, Wire } from "../support/people.ts";
import { OPCODE, rawHttp, RawSocket, request, upgradeRequest } from "../support/raw.ts";
import { residentBytes, type Server, startServer, tempFolder } from "../support/server.ts";

/** Whatever is sent: the documented code comes back, nothing is given away, and the server lives on. */

const SECRET_TEXT = "the-words-of-a-message";

let data: ReturnType<typeof tempFolder>;
let server: Server;
let alice: Person;
let bob: Person;
let carol: Person;
/** Of alice and bob; carol is in none of them. */
let direct: string;
let group: string;
let residentBefore: number;

Deno.test.beforeAll(async () => {
  data = tempFolder();
  server = await startServer({ dataDir: data.path, args: ["--log-level", "debug"] });
  [alice, bob, carol] = [await register(server.url), await register(server.url), await register(server.url)];
  const { url } = server;
  ({ id: direct } = await rest(url, "conversation.openDirect", { userId: bob.id }, alice.accessToken));
  ({ id: group } = await rest(url, "group.create", { title: "g", memberIds: [bob.id] }, alice.accessToken));
  await sayHello("before");
  residentBefore = await residentBytes(server.pid);
});

Deno.test.afterAll(async () => {
  await server[Symbol.asyncDispose]();
  data[Symbol.dispose]();
});

/** Alice says something to Bob, who hears it. */
async function sayHello(clientId: string): Promise<void> {
  const wires = [
    await Wire.open(server.url, alice.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  const text = `${SECRET_TEXT} ${clientId}`;
  const content = { type: "text", text } as const;
  const { seq } = await wires[0].call("message.send", { conversationId: direct, clientId, content });
  await wires[1].until(() => heard(wires[1], direct).some((entry) => entry.seq === seq));
  assert.equal(heard(wires[1], direct).at(-1)?.content.text, text);
  for (const wire of wires) await wire.close();
}

// ── The WebSocket ──────────────────────────────────────────────────────────────────────────────────────

const nested = (depth: number) => '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
const call = (id: string, method: string, params = "{}") =>
  `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${params}}`;
const send = (content: string) =>
  call("1", "message.send", `{"conversationId":"1","clientId":"c","content":${content}}`);

/** One text frame → one error: its id, its code and the field at fault. */
const rpcErrors: [string, string | Uint8Array, unknown, ErrorCode, string?][] = [
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

Deno.test(`WebSocket: each of ${rpcErrors.length} bad requests gets its code, on one and the same socket`, async () => {
  using socket = await RawSocket.open(server.url, alice.accessToken);
  for (const [name, text, id, code, field] of rpcErrors) {
    const [response] = await exchange(socket, [text], 1);
    try {
      assertRpcError(assertResponse(response), id, code, field);
    } catch (error) {
      throw new Error(name, { cause: error });
    }
  }
});

Deno.test("WebSocket: ids come back as they went: a text, a number, a fraction, null, an odd character", async () => {
  using socket = await RawSocket.open(server.url, alice.accessToken);
  const ids = ['"a"', "0", "-1", "1.5", "9007199254740991", "null", '"\\ud800"', '""'];
  for (const id of ids) {
    const [response] = await exchange(socket, [call(id, "user.me")], 1);
    assert.deepEqual(assertResponse(response).id, JSON.parse(id));
  }
});

Deno.test("WebSocket: a notification is done and never answered, right or wrong", async () => {
  using socket = await RawSocket.open(server.url, alice.accessToken);
  const title = `quiet ${Date.now()}`;
  await exchange(socket, [
    '{"jsonrpc":"2.0","method":"user.me"}',
    '{"jsonrpc":"2.0","method":"nothing"}',
    '{"jsonrpc":"2.0","method":"user.me","params":{"x":1}}',
    '{"jsonrpc":"2.0","method":"message.send","params":{"conversationId":"1","clientId":"a","content":{"type":"text","text":"x"}}}',
    `{"jsonrpc":"2.0","method":"group.create","params":{"title":"${title}","memberIds":[]}}`,
    '[{"jsonrpc":"2.0","method":"nothing"},{"jsonrpc":"2.0","method":"user.me"}]',
  ], 0);
  const { conversations } = await rest(server.url, "conversation.list", {}, alice.accessToken);
  assert.equal(conversations.filter((one) => one.title === title).length, 1);
});

/** The one frame that answers a batch: an array, or an object when the batch as a whole is wrong. */
async function answerTo(socket: RawSocket, text: string): Promise<unknown> {
  await socket.send(text);
  for (;;) {
    const frame = await socket.receive();
    assert.ok(frame);
    const content = JSON.parse(new TextDecoder().decode(frame.payload));
    if (!("method" in content)) return content;
  }
}

Deno.test("WebSocket: batches: empty, too long, nested, mixed", async () => {
  using socket = await RawSocket.open(server.url, alice.accessToken);
  const many = (count: number) => `[${Array.from({ length: count }, (_, id) => call(`${id}`, "user.me"))}]`;

  assertRpcError(assertResponse(await answerTo(socket, "[]")), null, "invalid_request");
  assertRpcError(assertResponse(await answerTo(socket, many(101))), null, "invalid_request");
  const hundred = await answerTo(socket, many(100)) as unknown[];
  assert.deepEqual(hundred.map((one) => assertResponse(one).id), Array.from({ length: 100 }, (_, id) => id));

  const inner = await answerTo(socket, `[${many(2)}]`) as unknown[];
  assert.equal(inner.length, 1);
  assertRpcError(assertResponse(inner[0]), null, "invalid_request");
  const deep = await answerTo(socket, "[".repeat(10_000) + "]".repeat(10_000)) as unknown[];
  assertRpcError(assertResponse(deep[0]), null, "invalid_request");

  const mixed = await answerTo(
    socket,
    `[${call("1", "user.me")},1,${call("2", "nothing")},{"jsonrpc":"2.0","method":"user.me"},${
      call('"3"', "user.get", '{"userId":""}')
    },null,${call("4", "auth.login", '{"username":"nobody","password":"x"}')}]`,
  ) as unknown[];
  const byId = Map.groupBy(mixed.map(assertResponse), ({ id }) => id);
  assert.deepEqual([...byId].map(([id, { length }]) => [id, length]), [
    [1, 1],
    [null, 2],
    [2, 1],
    ["3", 1],
    [4, 1],
  ]);
  assert.equal((byId.get(1)![0].result as { id: string }).id, alice.id);
  for (const one of byId.get(null)!) assertRpcError(one, null, "invalid_request");
  assertRpcError(byId.get(2)![0], 2, "method_not_found");
  assertRpcError(byId.get("3")![0], "3", "invalid_params", "userId");
  assertRpcError(byId.get(4)![0], 4, "invalid_credentials");
});

/** What breaks the WebSocket protocol itself → the close code. */
const breaches: [string, CloseCode, (socket: RawSocket) => Promise<unknown>][] = [
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

for (const [name, code, breach] of breaches) {
  const { number } = CLOSE_CODES[code];
  Deno.test(`WebSocket: ${name} ends the connection with ${number}`, async () => {
    using socket = await RawSocket.open(server.url, alice.accessToken);
    await breach(socket);
    assert.deepEqual(await socket.untilClose(), { code: number, reason: JSON.stringify({ code }) });
    assert.equal((await socket.line.readRest()).length, 0, "nothing comes after the close");
  });
}

Deno.test("WebSocket: 256 KiB fit, in one frame or in many", async () => {
  using socket = await RawSocket.open(server.url, alice.accessToken);
  const text = call("1", "nothing").padEnd(256 * 1024);
  const [whole] = await exchange(socket, [text], 1);
  assertRpcError(assertResponse(whole), 1, "method_not_found");
  await socket.send(text.slice(0, 100_000), { fin: false });
  await socket.send("", { opcode: OPCODE.ping });
  await socket.send(text.slice(100_000, 200_000), { fin: false, opcode: OPCODE.continuation });
  await socket.send(text.slice(200_000), { opcode: OPCODE.continuation });
  let frame = await socket.receive();
  while (frame?.opcode === OPCODE.pong) frame = await socket.receive();
  const response = JSON.parse(new TextDecoder().decode(frame!.payload));
  assertRpcError(assertResponse(response), 1, "method_not_found");
});

// ── REST ───────────────────────────────────────────────────────────────────────────────────────────────

const P = "/api/v1";
const CRLF = "\r\n";

interface RestCase {
  method?: string;
  body?: string | Uint8Array;
  headers?: Record<string, string>;
}

/** One request of alice's → one problem. */
const problems: [string, string, RestCase, ErrorCode, string?][] = [
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
  ["the socket without an upgrade", "/ws", {}, "not_found"],
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

Deno.test(`REST: each of ${problems.length} bad requests gets its problem`, async () => {
  for (const [name, path, options, code, field] of problems) {
    try {
      const answer = await request(server.url, P + path, { accessToken: alice.accessToken, ...options });
      assertProblem(answer, code, field);
    } catch (error) {
      throw new Error(name, { cause: error });
    }
  }
});

Deno.test("REST: every route refuses every other method and names its own", async () => {
  const methodsOf = Map.groupBy(Object.values<Operation>(operations), ({ path }) => path);
  for (const [path, served] of methodsOf) {
    const own = served.map(({ method }) => method as string);
    if (own.includes("GET")) own.push("HEAD");
    for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
      if (own.includes(method)) continue;
      // A path without fields in it, or it would be read as another route's.
      const answer = await request(server.url, P + path.replaceAll(/\{\w+\}/g, "7"), { method });
      if (answer.status !== 405) continue;
      assertProblem(answer, "method_not_allowed");
      assert.deepEqual(answer.headers.get("allow")?.split(", ").sort(), own.sort(), `${method} ${path}`);
    }
  }
  assertProblem(await request(server.url, `${P}/users/me`, { method: "PATCH" }), "method_not_allowed");
});

Deno.test("REST: a chunked body over the limit is cut off, and one that ends early harms nobody", async () => {
  const head = [
    `POST ${P}/groups HTTP/1.1`,
    `host: ${new URL(server.url).host}`,
    "connection: close",
    `authorization: Bearer ${alice.accessToken}`,
    "content-type: application/json",
    "transfer-encoding: chunked",
  ].join(CRLF) + CRLF + CRLF;
  const chunk = `4000${CRLF}${" ".repeat(0x4000)}${CRLF}`;
  const answer = await rawHttp(server.url, head, ...Array.from({ length: 20 }, () => chunk));
  assertProblem(answer!, "too_large");

  const small = await rawHttp(server.url, head, `2${CRLF}{}${CRLF}0${CRLF}${CRLF}`);
  assertProblem(small!, "invalid_params", "title");
  const before = server.output().length;
  for (const part of [chunk, "4000\r\nxx", "zz\r\n"]) {
    const line = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.url).port) });
    await line.write(new TextEncoder().encode(head + part));
    line.close();
  }
  await request(server.url, `${P}/users/me`, { accessToken: alice.accessToken });
  assert.doesNotMatch(server.output().slice(before), / error /, "who goes away is no error of the server's");
});

Deno.test("REST: no path leads out of the web client's files", async () => {
  const paths = [
    "/../deno.json",
    "/%2e%2e/deno.json",
    "/..%2fdeno.json",
    "/static/../../deno.json",
    "//etc/passwd",
    "/%2Fetc%2Fpasswd",
    "/index.html%00.js",
    "/.git/config",
    "/main.ts",
  ];
  for (const path of paths) assertProblem(await request(server.url, path), "not_found");
  for (const path of ["/..\\..\\deno.json", "http://[/", "*"]) {
    assertProblem(await request(server.url, path), "invalid_request");
  }
  assert.equal((await request(server.url, "/")).status, 200);
});

// ── Who calls ──────────────────────────────────────────────────────────────────────────────────────────

const base64url = (value: unknown) =>
  new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });

/** Bearer tokens that must not work → the code. */
async function badTokens(): Promise<[string, string, ErrorCode][]> {
  const [header, payload, signature] = alice.accessToken.split(".");
  const claims = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" })),
  );
  const identity = { userId: Number(claims.sub), sessionId: Number(claims.sid), role: "user" } as const;
  const keys = await loadKeys(`${data.path}/keys.json`);
  const hourAgo = Date.now() - 3_600_000;
  const expired = await createTokens(keys, { now: () => hourAgo }).issue(identity);
  const foreign = await createTokens(generateKeys(Date.now()), { now: Date.now }).issue(identity);
  const unknownSession = { ...identity, sessionId: 7 };
  const forged = await createTokens(keys, { now: Date.now }).issue(unknownSession);
  const { kid } = keys.keys[0];
  const sign = (alg: string, typ: string, more = {}) =>
    new SignJWT({ ...claims, ...more }).setProtectedHeader({ alg, typ, kid }).sign(keys.keys[0].secret());
  const flipped = (signature[0] === "A" ? "B" : "A") + signature.slice(1);
  const none = ["none", "None", "NONE", "nOnE"].flatMap((alg): [string, string, ErrorCode][] => {
    const unsigned = `${base64url({ alg, typ: "at+jwt", kid })}.${payload}`;
    return [
      [`alg ${alg}`, `${unsigned}.`, "token_invalid"],
      [`alg ${alg} with the old signature`, `${unsigned}.${signature}`, "token_invalid"],
    ];
  });
  return [
    ...none,
    ["garbage", "garbage", "token_invalid"],
    ["dots", "..", "token_invalid"],
    ["10,000 characters", "x".repeat(10_000), "token_invalid"],
    ["expired", expired, "token_expired"],
    ["a forged signature", `${header}.${payload}.${flipped}`, "token_invalid"],
    ["no signature", `${header}.${payload}`, "token_invalid"],
    ["another's claims", `${header}.${base64url({ ...claims, sub: bob.id })}.${signature}`, "token_invalid"],
    ["admin by itself", `${header}.${base64url({ ...claims, role: "admin" })}.${signature}`, "token_invalid"],
    ["another key", foreign, "token_invalid"],
    ["another algorithm", await sign("HS512", "at+jwt"), "token_invalid"],
    ["another kind of token", await sign("HS256", "JWT"), "token_invalid"],
    ["another audience", await sign("HS256", "at+jwt", { aud: "x" }), "token_invalid"],
    ["a session that never was", forged, "session_ended"],
    ["a refresh token", alice.refreshToken, "token_invalid"],
  ];
}

Deno.test("credentials: every bad token is refused at REST and at the upgrade", async () => {
  const other = await register(server.url);
  await rest(server.url, "auth.logout", {}, other.accessToken);
  const bad = await badTokens();
  bad.push(["a session that was logged out", other.accessToken, "session_ended"]);
  for (const [name, token, code] of bad) {
    const authorization = `Bearer ${token}`;
    try {
      assertProblem(await request(server.url, `${P}/users/me`, { headers: { authorization } }), code);
      assertProblem((await rawHttp(server.url, upgradeRequest(server.url, { authorization })))!, code);
    } catch (error) {
      throw new Error(name, { cause: error });
    }
  }
  for (const authorization of ["Bearer", "Bearer ", "Bearer a b", "Basic YTpi", alice.accessToken]) {
    const answer = await request(server.url, `${P}/users/me`, { headers: { authorization } });
    assertProblem(answer, "token_invalid");
  }
});

Deno.test("credentials: without any, every operation but the public ones is refused, and so is the upgrade", async () => {
  for (const { method, path, access } of Object.values<Operation>(operations)) {
    const filled = P + path.replaceAll(/\{\w+\}/g, "7");
    const body = method === "GET" || method === "DELETE" ? undefined : "{}";
    const answer = await request(server.url, filled, { method, body });
    assertProblem(
      answer,
      access === "public"
        ? (path.endsWith("refresh") ? "token_invalid" : "invalid_params")
        : "unauthenticated",
    );
  }
  assertProblem((await rawHttp(server.url, upgradeRequest(server.url)))!, "unauthenticated");
  const inTheUrl = `/api/v1/ws?access_token=${alice.accessToken}`;
  assertProblem((await rawHttp(server.url, upgradeRequest(server.url, {}, inTheUrl)))!, "unauthenticated");
});

Deno.test("upgrade: a wrong path, version, key, method or subprotocol is a problem, and the connection ends", async () => {
  const authorization = `Bearer ${alice.accessToken}`;
  const bad: [string, ErrorCode][] = [
    [upgradeRequest(server.url, { authorization }, "/api/v1/sockets"), "not_found"],
    [upgradeRequest(server.url, { authorization, "sec-websocket-version": "7" }), "invalid_request"],
    [upgradeRequest(server.url, { authorization, "sec-websocket-key": "short" }), "invalid_request"],
    [upgradeRequest(server.url, { authorization, "sec-websocket-protocol": "soap" }), "invalid_request"],
    [upgradeRequest(server.url, { authorization }).replace("GET", "PUT"), "method_not_allowed"],
  ];
  for (const [text, code] of bad) {
    const answer = await rawHttp(server.url, text);
    assertProblem(answer!, code);
    assert.equal(answer!.headers.get("connection"), "close");
  }
});

// ── Conversations one is not in ────────────────────────────────────────────────────────────────────────

/** What an operation needs beside the conversation. */
const others: Record<string, Record<string, unknown>> = {
  "message.send": { clientId: "x", content: { type: "text", text: SECRET_TEXT } },
  "conversation.markRead": { seq: 1 },
  "group.addMembers": { memberIds: ["1"] },
};
const about = Object.entries<Operation>(operations).filter(([, { input }]) =>
  "conversationId" in input.shape
);

Deno.test("P5: nobody can tell a conversation of others from one that is not there, by any operation", async () => {
  assert.ok(about.length >= 8);
  using socket = await RawSocket.open(server.url, carol.accessToken);
  for (const [name, { method, path, input }] of about) {
    const overRpc: RpcResponse[] = [];
    const overRest: Record<string, unknown>[] = [];
    for (const conversationId of [direct, group, "1", "9999999999999999"]) {
      const params = { conversationId, ...others[name] };
      input.parse(params);
      const [response] = await exchange(socket, [call("1", name, JSON.stringify(params))], 1);
      assertRpcError(assertResponse(response), 1, "conversation_not_found");
      overRpc.push(assertResponse(response));

      const hasBody = method === "POST" || method === "PUT";
      const answer = await request(server.url, P + path.replace("{conversationId}", conversationId), {
        method,
        accessToken: carol.accessToken,
        ...(hasBody && { body: JSON.stringify(others[name] ?? {}) }),
      });
      overRest.push(assertProblem(answer, "conversation_not_found"));
    }
    for (const one of overRpc) assert.deepEqual(one, overRpc[0], name);
    for (const one of overRest) assert.deepEqual(one, overRest[0], name);
  }
});

// ── After all that ─────────────────────────────────────────────────────────────────────────────────────

Deno.test("1,000 bad frames and 200 broken connections later the server is as small as before", async () => {
  using socket = await RawSocket.open(server.url, alice.accessToken);
  for (let i = 0; i < 1000; i++) {
    const text = i % 2 ? "{".repeat(10_000) : call("1", "user.me", nested(1000));
    await exchange(socket, [text], 1);
  }
  for (let i = 0; i < 200; i++) {
    using broken = await RawSocket.open(server.url, alice.accessToken);
    const [, , breach] = breaches[i % breaches.length];
    await breach(broken);
    if (i % 2) await broken.untilClose();
  }
  const grown = await residentBytes(server.pid) - residentBefore;
  assert.ok(grown < 100 * 1024 * 1024, `grew by ${(grown / 1024 / 1024).toFixed(0)} MiB`);
});

Deno.test("and it lives: two people chat, and its log holds no error, no token and no word of theirs", async () => {
  await sayHello("after");
  const health = await (await fetch(`${server.opsUrl}/readyz`)).json();
  assert.deepEqual(health, { status: "ok" });
  const log = server.output();
  assert.equal(server.stderr(), "");
  assert.doesNotMatch(log, /^\S+ (?:error|warn) /m);
  assert.doesNotMatch(log, /^\s+at /m);
  assert.ok(!log.includes(SECRET_TEXT));
  for (const { accessToken, refreshToken } of [alice, bob, carol]) {
    for (const part of [...accessToken.split("."), ...refreshToken.split(".").slice(1)]) {
      assert.ok(!log.includes(part), "a token in the log");
    }
  }
  assert.ok(!log.includes("correct horse battery"));
});
