import assert from "node:assert/strict";
import type * as z from "zod";
import { CLOSE_CODES } from "../../wire/close_codes.ts";
import type { ErrorCode } from "../../wire/errors.ts";
import { type Operation, operations } from "../../wire/operations.ts";
import {
  assertProblem,
  assertResponse,
  assertRpcError,
  exchange,
  type RpcResponse,
} from "../support/answers.ts";
import { heard, type Person, register, rest, routeOf, Wire } from "../support/people.ts";
import { OPCODE, rawHttp, RawSocket, request, upgradeRequest } from "../support/raw.ts";
import { residentBytes, type Server, startServer, tempFolder } from "../support/server.ts";
import { breaches, call, nested, rpcErrors } from "./bad_frames.ts";
import { problems } from "./bad_requests.ts";
import { badTokens } from "./bad_tokens.ts";

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
  const all = Object.values<Operation>(operations).map(({ method, path }) => ({
    method: method as string,
    path: path.replaceAll(/\{\w+\}/g, "7"),
    pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
  }));
  for (const { path } of all) {
    const own = new Set(all.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    if (own.has("GET")) own.add("HEAD");
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
      if (own.has(method)) continue;
      const answer = await request(server.url, P + path, { method });
      const allow = answer.headers.get("allow")?.split(", ");
      assert.deepEqual([answer.status, new Set(allow)], [405, own], `${method} ${path}`);
      if (method !== "HEAD") assertProblem(answer, "method_not_allowed");
    }
  }
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

Deno.test("REST: no path leads out of the web client's files, and its page runs no script but its own", async () => {
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
  const page = await request(server.url, "/");
  assert.equal(page.status, 200);
  const policy = page.headers.get("content-security-policy")!;
  assert.match(policy, /^default-src 'self';.* object-src 'none';.* frame-ancestors 'none'$/);
  assert.doesNotMatch(policy, /unsafe|\*/);
});

// ── Who calls ──────────────────────────────────────────────────────────────────────────────────────────

Deno.test("credentials: every bad token is refused at REST and at the upgrade", async () => {
  const other = await register(server.url);
  await rest(server.url, "auth.logout", {}, other.accessToken);
  const bad = await badTokens(alice, `${data.path}/keys.json`);
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
    // What anybody may ask, and asks with nothing.
    if (access === "public" && method === "GET") {
      assert.equal(answer.status, 200);
      continue;
    }
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

/** Values for fields whose shape says too little. */
const samples: Record<string, unknown> = {
  clientId: "x",
  content: { type: "text", text: SECRET_TEXT },
  memberIds: ["1"],
  userId: "1",
  emoji: "👍",
  role: "member",
  code: "abcdefgh",
};
/** Admins of the server are no members, and a filter that may be left out finds nothing. */
const about = Object.entries<Operation>(operations).filter(([, { access, input: { shape } }]) =>
  access === "user" && "conversationId" in shape &&
  !(shape.conversationId as z.ZodType).safeParse(undefined).success
);

/** An input that is right but for the conversation; whatever names one names this one. */
function inputAbout(conversationId: string, { input }: Operation): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const [field, schema] of Object.entries(input.shape as Record<string, z.ZodType>)) {
    if (/conversationId$/i.test(field)) params[field] = conversationId;
    else if (!schema.safeParse(undefined).success) {
      const plain = [1, true, "x", [1], ["1"]].find((value) => schema.safeParse(value).success);
      params[field] = samples[field] ?? plain;
    }
  }
  input.parse(params);
  return params;
}

Deno.test("P5: nobody can tell a conversation of others from one that is not there, by any operation", async () => {
  assert.ok(about.length >= 8);
  using socket = await RawSocket.open(server.url, carol.accessToken);
  for (const [name, operation] of about) {
    const overRpc: RpcResponse[] = [];
    const overRest: Record<string, unknown>[] = [];
    for (const conversationId of [direct, group, "1", "9999999999999999"]) {
      const params = inputAbout(conversationId, operation);
      const [response] = await exchange(socket, [call("1", name, JSON.stringify(params))], 1);
      assertRpcError(assertResponse(response), 1, "conversation_not_found");
      overRpc.push(assertResponse(response));
      const { path, body } = routeOf(operation, params);
      const answer = await request(server.url, P + path, {
        method: operation.method,
        accessToken: carol.accessToken,
        body,
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
  // 92 to 101 MiB on one machine, with nothing kept: the heap of a young server grows before it is collected.
  assert.ok(grown < 150 * 1024 * 1024, `grew by ${(grown / 1024 / 1024).toFixed(0)} MiB`);
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
