import assert from "node:assert/strict";
import { type Client, type ClientOptions, createClient } from "./client.ts";
import type { ClientState } from "./connection.ts";
import type { Tokens } from "./credentials.ts";

type Message = { id: number; method: string; params: Record<string, unknown> };
type Handler = (message: Message, socket: FakeSocket) => void;

/** The server's end of a socket that never touches the network. */
class FakeSocket extends EventTarget {
  constructor(
    readonly url: string,
    readonly init: string[] | { headers: Record<string, string> },
    on: FakeServer,
  ) {
    super();
    queueMicrotask(() => on.open(this));
    this.handle = (message) => on.handle(message, this);
  }
  handle: (message: Message) => void;
  send(text: string): void {
    const frame = JSON.parse(text);
    queueMicrotask(() => this.handle(frame));
  }
  push(frame: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
  close(code = 1006, reason = ""): void {
    this.dispatchEvent(new CloseEvent("close", { code, reason }));
  }
  ready(): void {
    this.push([{
      jsonrpc: "2.0",
      method: "session.ready",
      params: { userId: "1", sessionId: "s", serverTime: 1 },
    }]);
  }
}

/** A server in one object: what its sockets and its REST routes do is set by each test. */
class FakeServer {
  sockets: FakeSocket[] = [];
  rest: Record<string, (body: Record<string, unknown>, token: string | null) => Response> = {};
  restCalls: string[] = [];
  open: (socket: FakeSocket) => void = (socket) => socket.ready();
  handle: Handler = ({ id, params }, socket) => socket.push([{ jsonrpc: "2.0", id, result: params }]);

  client(options: Partial<ClientOptions> = {}): { client: Client; states: ClientState[] } {
    const open = (url: string, init: string[]) => {
      const socket = new FakeSocket(url, init, this);
      this.sockets.push(socket);
      return socket;
    };
    const client = createClient({
      baseUrl: "http://im.test",
      backoff: { baseMs: 4, capMs: 8 },
      // A constructor may return another object, which lets the sockets know their server.
      WebSocket: class {
        constructor(url: string, init: string[]) {
          return open(url, init);
        }
      } as unknown as ClientOptions["WebSocket"],
      fetch: (async (url: string, init: RequestInit) => {
        await Promise.resolve();
        const route = `${init.method} ${new URL(url).pathname}`;
        this.restCalls.push(route);
        const body = JSON.parse(String(init.body ?? "{}"));
        return this.rest[route](body, new Headers(init.headers).get("authorization"));
      }) as typeof fetch,
      ...options,
    });
    const states: ClientState[] = [];
    client.on("state", (state) => states.push(state));
    return { client, states };
  }
}

const ME = "GET /api/v1/users/me";
const REFRESH = "POST /api/v1/auth/refresh";
const problem = (status: number, code: string, more = {}) =>
  Response.json({ code, detail: code, ...more }, { status });
const tokens = (accessToken: string, refreshToken: string) =>
  Response.json({
    user: { id: "1", username: "a", displayName: "A" },
    accessToken,
    refreshToken,
    expiresIn: 900,
  });

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; !what(); i++) {
    assert(i < 2000, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
const online = (client: Client) => until(() => client.state.state === "online");

Deno.test("Client: calls made while connecting wait; errors keep code and details; notifications arrive in order", async () => {
  const server = new FakeServer();
  server.handle = ({ id, method }, socket) =>
    socket.push(
      method === "user.get" ? { jsonrpc: "2.0", id, result: { id: "2" } } : [{
        jsonrpc: "2.0",
        id,
        error: { code: 1501, message: "Slow down", data: { code: "rate_limited", retryAfterMs: 7 } },
      }],
    );
  const { client } = server.client({ accessToken: "t1" });
  const heard: string[] = [];
  client.on("session.ready", () => heard.push("ready"));
  client.on("log.append", ({ conversationId }) => heard.push(conversationId));
  client.connect();
  assert.deepEqual(await client.call("user.get", { userId: "2" }), { id: "2" });
  await assert.rejects(client.call("friend.list", {}), {
    code: "rate_limited",
    message: "Slow down",
    details: { retryAfterMs: 7 },
  });
  server.sockets[0].push(
    ["5", "6"].map((conversationId) => ({ method: "log.append", params: { conversationId } })),
  );
  assert.deepEqual(heard, ["ready", "5", "6"]);
  assert.equal(server.sockets[0].url, "ws://im.test/api/v1/ws");
  assert.deepEqual(server.sockets[0].init, {
    protocols: ["imserver.v1"],
    headers: { authorization: "Bearer t1" },
  });
  client.close();
  await assert.rejects(client.call("friend.list", {}), { code: "unavailable" });
});

Deno.test("Client: a lost socket fails what was in flight and is replaced; the server's wait is kept", async () => {
  const server = new FakeServer();
  server.handle = () => {};
  const { client, states } = server.client();
  client.connect();
  await online(client);
  const inFlight = assert.rejects(client.call("friend.list", {}), { code: "unavailable" });
  const lostAt = performance.now();
  server.sockets[0].close(4004, '{"code":"overloaded","retryAfterMs":40}');
  await inFlight;
  await until(() => server.sockets.length === 2);
  assert(performance.now() - lostAt >= 39);
  await online(client);
  assert.deepEqual(states.map(({ state }) => state), [
    "connecting",
    "online",
    "offline",
    "connecting",
    "online",
  ]);
  client.close();
});

Deno.test("Client: turned away at the door it waits as long as it was told, and asks nothing meanwhile", async () => {
  const server = new FakeServer();
  const openedAt: number[] = [];
  server.open = (socket) => {
    openedAt.push(performance.now());
    if (openedAt.length > 2) socket.ready();
    else socket.close(4004, '{"code":"overloaded","retryAfterMs":60}');
  };
  const { client, states } = server.client({ accessToken: "t1" });
  client.connect();
  await online(client);
  assert(openedAt[1] - openedAt[0] >= 59 && openedAt[2] - openedAt[1] >= 59);
  assert.deepEqual(states.filter(({ state }) => state === "offline"), [
    { state: "offline", retryInMs: 60 },
    { state: "offline", retryInMs: 60 },
  ]);
  assert.deepEqual(server.restCalls, []);
  client.close();
});

Deno.test("Client: it says sync after every connect, and when the server has left pushes out", async () => {
  const server = new FakeServer();
  const { client } = server.client();
  const heard: string[] = [];
  client.on("session.ready", () => heard.push("ready"));
  client.on("sync", () => heard.push("sync"));
  client.connect();
  await online(client);
  server.sockets[0].push({ jsonrpc: "2.0", method: "sync.needed", params: {} });
  // Its own word: a server cannot say it.
  server.sockets[0].push({ jsonrpc: "2.0", method: "sync", params: {} });
  server.sockets[0].close(4002, '{"code":"slow_consumer"}');
  await until(() => server.sockets.length === 2);
  await online(client);
  assert.deepEqual(heard, ["ready", "sync", "sync", "ready", "sync"]);
  client.close();
});

Deno.test("Client: the close code decides whether it comes back", async () => {
  for (const [code, needs] of [[4001, "login"], [1009, "fix"]] as const) {
    const server = new FakeServer();
    const { client, states } = server.client();
    client.connect();
    await online(client);
    server.sockets[0].close(code);
    await until(() => client.state.state === "ended");
    assert.deepEqual(states.map((state) => state.state === "ended" && state.needs), [false, false, needs]);
  }
});

Deno.test("Client: an upgrade refused for an expired token refreshes once and connects", async () => {
  const server = new FakeServer();
  let good = "Bearer t1";
  server.open = (socket) => {
    const { headers } = socket.init as { headers: Record<string, string> };
    if (headers.authorization === good) socket.ready();
    else socket.close();
  };
  server.rest[ME] = (_, token) => token === good ? Response.json({}) : problem(401, "token_expired");
  server.rest[REFRESH] = ({ refreshToken }) => {
    assert.equal(refreshToken, "r1");
    good = "Bearer t2";
    return tokens("t2", "r2");
  };
  const got: Tokens[] = [];
  const { client } = server.client({ accessToken: "t0", refreshToken: "r1", onTokens: (t) => got.push(t) });
  client.connect();
  await online(client);
  assert.deepEqual(got, [{ accessToken: "t2", refreshToken: "r2", expiresIn: 900 }]);
  assert.deepEqual(server.restCalls, [ME, REFRESH]);
  client.close();
});

Deno.test("Client: calls that meet token_expired together cost one refresh, and are made again", async () => {
  const server = new FakeServer();
  server.rest[REFRESH] = () => tokens("t2", "r2");
  server.handle = ({ id, params }, socket) => {
    const { headers } = socket.init as { headers: Record<string, string> };
    const error = { code: 1003, message: "Expired", data: { code: "token_expired" } };
    socket.push(headers.authorization === "Bearer t2" ? { id, result: params } : { id, error });
  };
  const { client } = server.client({ accessToken: "t1", refreshToken: "r1" });
  client.connect();
  const asked = ["1", "2", "3"].map((userId) => client.call("user.get", { userId }));
  assert.deepEqual(await Promise.all(asked), [{ userId: "1" }, { userId: "2" }, { userId: "3" }]);
  assert.deepEqual([server.restCalls, server.sockets.length], [[REFRESH], 2]);
  client.close();
});

Deno.test("Client: with cookies, no session at all ends in 'login' and a server that is away does not", async () => {
  const server = new FakeServer();
  server.open = (socket) => socket.close();
  server.rest[ME] = () => new Response("<h1>Bad Gateway</h1>", { status: 502 });
  const { client } = server.client({ cookie: true });
  client.connect();
  await until(() => server.sockets.length > 3);
  await assert.rejects(client.call("user.me", {}), { code: "unavailable" });
  server.rest[ME] = () => problem(401, "unauthenticated");
  await until(() => client.state.state === "ended");
  assert.equal(client.state.state === "ended" && client.state.needs, "login");
});

Deno.test("Client: login asks for cookies when it keeps them, and logout of a dead session succeeds", async () => {
  const server = new FakeServer();
  const asked: unknown[] = [];
  server.rest["POST /api/v1/auth/login"] = (
    body,
  ) => (asked.push(body), Response.json({ user: {}, expiresIn: 900 }));
  server.rest["POST /api/v1/auth/logout"] = () => problem(401, "session_ended");
  const { client } = server.client({ cookie: true });
  await client.call("auth.login", { username: "a", password: "b" });
  assert.deepEqual(asked, [{ username: "a", password: "b", cookie: true }]);
  client.connect();
  await online(client);
  await client.call("auth.logout", {});
  assert.equal(client.state.state, "ended");
});

Deno.test("Client: a call can be aborted and times out", async () => {
  const server = new FakeServer();
  server.handle = () => {};
  const { client } = server.client();
  client.connect();
  await assert.rejects(client.call("friend.list", {}, { timeoutMs: 5 }), { code: "unavailable" });
  const abort = new AbortController();
  const call = client.call("friend.list", {}, { signal: abort.signal });
  abort.abort(new Error("never mind"));
  await assert.rejects(call, /never mind/);
  client.close();
});

Deno.test("Client: online waits for the connection, for its end, or for the signal; the user is known then", async () => {
  const server = new FakeServer();
  server.open = () => {};
  const { client } = server.client();
  await assert.rejects(client.online(AbortSignal.abort(new Error("never mind"))), /never mind/);
  const waiting = client.online();
  server.sockets[0].ready();
  assert.deepEqual([await waiting, await client.online(), client.userId], ["1", "1", "1"]);
  client.close();
  const again = client.online();
  client.close();
  await assert.rejects(again, { code: "unavailable" });
});

Deno.test("Client: a call can be aborted while the token is renewed, which goes on for the others", async () => {
  const server = new FakeServer();
  const renewed = Promise.withResolvers<Response>();
  server.rest[REFRESH] = () => renewed.promise as unknown as Response;
  server.handle = ({ id, params }, socket) => {
    const { headers } = socket.init as { headers: Record<string, string> };
    const error = { code: 1003, message: "Expired", data: { code: "token_expired" } };
    socket.push(headers.authorization === "Bearer t2" ? { id, result: params } : { id, error });
  };
  const { client } = server.client({ accessToken: "t1", refreshToken: "r1" });
  client.connect();
  const abort = new AbortController();
  const aborted = client.call("user.get", { userId: "1" }, { signal: abort.signal });
  const other = client.call("user.get", { userId: "2" });
  await until(() => server.restCalls.length === 1);
  abort.abort(new Error("never mind"));
  await assert.rejects(aborted, /never mind/);
  renewed.resolve(tokens("t2", "r2"));
  assert.deepEqual(await other, { userId: "2" });
  client.close();
});

Deno.test("Client: the class of the package ws is called as that wants it", async () => {
  const server = new FakeServer();
  const called: unknown[][] = [];
  class Ws extends FakeSocket {
    constructor(...args: unknown[]) {
      super(String(args[0]), [], server);
      called.push(args);
    }
    terminate(): void {}
  }
  const WebSocket = Ws as unknown as ClientOptions["WebSocket"];
  const { client } = server.client({ WebSocket, accessToken: "t1" });
  await client.online();
  const headers = { authorization: "Bearer t1" };
  assert.deepEqual(called, [["ws://im.test/api/v1/ws", ["imserver.v1"], { headers }]]);
  client.close();
});
