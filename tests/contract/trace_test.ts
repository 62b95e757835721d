import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ReasonedSocket } from "../../gateway/reasoned_socket.ts";
import type { Caller } from "../../chat/handlers.ts";
import { connectData } from "../../data/remote/client.ts";
import { serveData } from "../../data/remote/server.ts";
import { createDispatch } from "../../gateway/dispatch.ts";
import { createRest } from "../../gateway/rest.ts";
import { Connection } from "../../gateway/ws.ts";
import { silent } from "../../kit/log.ts";
import { currentTraceparent } from "../../kit/trace.ts";
import { until } from "../support/processes.ts";

const TRACES = ["a", "b", "c"].map((x) => `00-${x.repeat(32)}-b7ad6b7169203331-01`);
/** A client does not decide what is recorded, so its flag stays behind. */
const carried = (traceparent: string) => traceparent.replace(/01$/, "00");
const CALLER: Caller = { userId: 1, sessionId: 2, role: "user" };

/** From a client's header over gateway and gRPC, on the stream and beside it, to what a dbproxy traces with. */
Deno.test("trace: the client's traceparent reaches the dbproxy's span, from REST, a WebSocket and a single call", async () => {
  const spans: [path: string, traceparent: string | undefined][] = [];
  const nothing = () => Promise.resolve({ users: [], sessions: [] });
  const service = { get: nothing, list: nothing };
  const server = await serveData({ users: service, sessions: service } as never, {
    listen: { host: "127.0.0.1", port: 0 },
    span: (path, traceparent, run) => {
      spans.push([path, traceparent]);
      return run();
    },
  });
  const remote = connectData({
    dbproxies: [{ host: "127.0.0.1", port: server.port }],
    traceparent: currentTraceparent,
  });
  assert.ok(await remote.untilReady(10_000));
  const { users, sessions } = remote.data;
  // One call on the stream and one of its own.
  const ask = async () => {
    await Promise.resolve();
    await users.get({ ids: [1] });
    await sessions.list({ userId: 1 });
    return {};
  };
  const dispatch = createDispatch({ "user.me": ask } as never, () => Promise.resolve());

  const rest = createRest({
    dispatch,
    authenticate: () => Promise.resolve(CALLER),
    originOf: () => ({ address: "", agent: "" }),
    isSecure: () => false,
    allowedOrigins: [],
    log: silent,
  });
  const get = (traceparent?: string) =>
    rest.fetch(new Request("http://h/api/v1/users/me"), { incoming: { headers: { traceparent } } } as never);
  const [traced, plain, odd] = await Promise.all([get(TRACES[0]), get(), get("00-nonsense")]);
  for (const { status } of [traced, plain, odd]) assert.equal(status, 200);
  assert.equal(spans.filter(([, traceparent]) => traceparent === carried(TRACES[0])).length, 2);
  assert.equal(spans.filter(([, traceparent]) => traceparent === undefined).length, 4);
  assert.equal(spans.length, 6);

  spans.length = 0;
  const socket = new Socket();
  const origin = { address: "", agent: "", traceparent: TRACES[1] };
  new Connection(socket as unknown as ReasonedSocket, CALLER, origin, {
    dispatch,
    hub: { attach: () => Promise.resolve(() => {}) },
    requireRunning: () => Promise.resolve(),
    epoch: () => Promise.resolve(1),
    log: silent,
    now: Date.now,
  });
  const call = { jsonrpc: "2.0", id: 1, method: "user.me" };
  socket.emit("message", JSON.stringify([call, { ...call, id: 2, traceparent: TRACES[2] }]), false);
  await until("both are done", () => spans.length === 4);
  for (const trace of [TRACES[1], TRACES[2]].map(carried)) {
    assert.deepEqual(spans.filter(([, traceparent]) => traceparent === trace).map(([path]) => path), [
      "/imserver.v1.Users/Get",
      "/imserver.v1.Sessions/List",
    ]);
  }
  remote.close();
  await server.close();
});

/** As much of ws's socket as a Connection uses here. */
class Socket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  sendText(_frame: string, onTaken: () => void): void {
    onTaken();
  }
}
