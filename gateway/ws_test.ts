import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { setImmediate } from "node:timers/promises";
import type { Listener } from "../chat/listener.ts";
import { silent } from "../kit/log.ts";
import { type ErrorCode, ImError } from "../wire/errors.ts";
import type { Dispatch } from "./dispatch.ts";
import type { ReasonedSocket } from "./reasoned_socket.ts";
import { Connection } from "./ws.ts";

/** As much of ws's socket as a Connection uses. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  sent: unknown[] = [];
  closed: { code: number; reason: unknown } | null = null;

  #untaken: (() => void)[] = [];

  sendText(frame: string, onTaken: () => void): void {
    this.#untaken.push(onTaken);
    const content = JSON.parse(frame);
    this.sent.push(...Array.isArray(content) ? content : [content]);
  }

  close(code: number, reason: string): void {
    this.readyState = 2;
    this.closed = { code, reason: JSON.parse(reason) };
  }

  /** The peer reads everything. */
  drain(): void {
    this.bufferedAmount = 0;
    for (let next = this.#untaken.shift(); next; next = this.#untaken.shift()) next();
  }

  terminate(): void {
    this.emit("close");
  }

  ping(): void {}
  hears(message: unknown): void {
    this.emit("message", JSON.stringify(message), false);
  }
}

/** Whatever was queued in this turn of the event loop, or by what was, has happened. */
async function settled(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

const CALLER = { userId: 1, sessionId: 2, role: "user" } as const;
const request = (id: number) => ({ jsonrpc: "2.0", id, method: "user.me" });

function connect(
  { dispatch = () => Promise.resolve({}), check = () => Promise.resolve(), scopes }: {
    dispatch?: Dispatch;
    scopes?: readonly string[];
    check?: () => Promise<void>;
  } = {},
) {
  const socket = new FakeSocket();
  const attached = new Set<Listener>();
  const caller = { ...CALLER, scopes };
  const connection = new Connection(socket as unknown as ReasonedSocket, caller, { address: "", agent: "" }, {
    dispatch,
    hub: {
      attach: (listener) => {
        attached.add(listener);
        return Promise.resolve(() => void attached.delete(listener));
      },
    },
    requireRunning: check,
    log: silent,
    epoch: () => Promise.resolve(3),
    now: () => 5,
  });
  return { socket, connection, attached };
}

Deno.test("it joins the hub, says who it speaks for, and leaves the hub when it closes", async () => {
  const { socket, connection, attached } = connect();
  await connection.open();
  await setImmediate();
  const params = { userId: "1", sessionId: "2", epoch: 3, serverTime: 5 };
  assert.deepEqual(socket.sent, [{ jsonrpc: "2.0", method: "session.ready", params }]);
  assert.equal(attached.size, 1);
  socket.emit("close");
  await setImmediate();
  assert.equal(attached.size, 0);
});

for (
  const [code, number] of [["session_ended", 4001], ["unavailable", 4004]] satisfies [ErrorCode, number][]
) {
  Deno.test(`a session that is ${code} by the time it has joined is closed with ${number}`, async () => {
    const { socket, connection } = connect({ check: () => Promise.reject(new ImError(code)) });
    await connection.open();
    await setImmediate();
    assert.equal(socket.closed?.code, number);
    assert.deepEqual(socket.sent, []);
  });
}

Deno.test("what a bot's scopes are not for is not pushed to it; a person hears all", async () => {
  for (const scopes of [["contacts"], undefined]) {
    const { socket, connection } = connect({ scopes });
    await connection.open();
    for (const name of ["log.append", "presence.changed"] as const) {
      connection.push(JSON.stringify(name), name);
    }
    await settled();
    const expected = scopes ? ["presence.changed"] : ["log.append", "presence.changed"];
    assert.deepEqual(socket.sent.slice(1), expected);
  }
});

Deno.test("once ended it does nothing it is asked, and closes once", async () => {
  let calls = 0;
  const { socket, connection } = connect({ dispatch: () => Promise.resolve(calls++) });
  connection.end("session_ended");
  connection.end("slow_consumer");
  socket.hears(request(1));
  await setImmediate();
  socket.hears(request(2));
  await setImmediate();
  assert.equal(calls, 0);
  assert.deepEqual(socket.closed, { code: 4001, reason: { code: "session_ended" } });
});

Deno.test("what is answered in the turn of its end still leaves", async () => {
  const { socket, connection } = connect({
    // As auth.logout does: its event comes back before its answer.
    dispatch: () => Promise.resolve(connection.end("session_ended")).then(() => ({})),
  });
  socket.hears({ ...request(1), method: "auth.logout" });
  await settled();
  assert.deepEqual(socket.sent, [{ jsonrpc: "2.0", id: 1, result: {} }]);
  assert.equal(socket.closed?.code, 4001);
});

Deno.test("leaving waits for what is under way and refuses what comes meanwhile", async () => {
  const slow = Promise.withResolvers<unknown>();
  const { socket, connection } = connect({ dispatch: () => slow.promise });
  socket.hears([request(1)]);
  connection.leave(700);
  socket.hears(request(2));
  await settled();
  assert.equal(socket.closed, null);
  const [refusal] = socket.sent as { id: number; error: { data: { code: string } } }[];
  assert.deepEqual([refusal.id, refusal.error.data.code], [2, "unavailable"]);
  slow.resolve({ done: true });
  await settled();
  assert.deepEqual(socket.sent[1], { jsonrpc: "2.0", id: 1, result: { done: true } });
  assert.deepEqual(socket.closed, { code: 1001, reason: { code: "going_away", retryAfterMs: 700 } });
});

Deno.test("with nothing under way leaving is at once", async () => {
  const { socket, connection } = connect();
  connection.leave(0);
  await settled();
  assert.deepEqual(socket.closed, { code: 1001, reason: { code: "going_away", retryAfterMs: 0 } });
});

Deno.test("the thousand-and-first request under way is overloaded, and says when to try again", async () => {
  const never = new Promise<unknown>(() => {});
  const { socket } = connect({ dispatch: () => never });
  for (let id = 0; id <= 1000; id++) socket.hears(request(id));
  await settled();
  assert.equal(socket.sent.length, 1);
  const [{ id, error }] = socket.sent as {
    id: number;
    error: { code: number; data: Record<string, unknown> };
  }[];
  assert.deepEqual([id, error.code, error.data.retryAfterMs], [1000, 1502, 200]);
});

Deno.test("of a socket that is behind the hub's pushes are left out, its own answers are not", async () => {
  const { socket, connection } = connect();
  connection.push("0", "log.append");
  await connection.open();
  await settled();
  const params = { userId: "1", sessionId: "2", epoch: 3, serverTime: 5 };
  assert.deepEqual(
    socket.sent.splice(0),
    [{ jsonrpc: "2.0", method: "session.ready", params }],
    "it is first",
  );
  connection.push(JSON.stringify("before"), "log.append");
  await settled();
  socket.bufferedAmount = 100_000;
  for (let i = 0; i < 3; i++) connection.push(JSON.stringify("x".repeat(1_000_000)), "log.append");
  for (let id = 0; id < 3; id++) socket.hears(request(id));
  await settled();
  assert.deepEqual(socket.sent, ["before"]);
  socket.drain();
  await settled();
  const pushes = socket.sent.filter((message) => typeof message === "string");
  const others = socket.sent.filter((message) => typeof message !== "string");
  assert.equal(pushes.length, 1 + 2);
  const answers = [0, 1, 2].map((id) => ({ jsonrpc: "2.0", id, result: {} }));
  assert.deepEqual(others, [...answers, { jsonrpc: "2.0", method: "sync.needed", params: {} }]);
});

Deno.test("reads run one after the other, writes together", async () => {
  const order: string[] = [];
  const { socket } = connect({
    dispatch: async (name, input) => {
      const { n } = input as { n: number };
      order.push(`${name} ${n}`);
      await setImmediate();
      order.push(`done ${n}`);
      return {};
    },
  });
  const ask = (method: string) => socket.hears([1, 2].map((n) => ({ ...request(n), method, params: { n } })));
  ask("log.read");
  for (let i = 0; i < 4; i++) await setImmediate();
  assert.deepEqual(order.splice(0), ["log.read 1", "done 1", "log.read 2", "done 2"]);
  ask("message.send");
  for (let i = 0; i < 4; i++) await setImmediate();
  assert.deepEqual(order, ["message.send 1", "message.send 2", "done 1", "done 2"]);
});

Deno.test("a batch of reads whose answers grow too large is overloaded from there on (P6)", async () => {
  let reads = 0;
  const { socket } = connect({
    dispatch: () => {
      reads += 1;
      return Promise.resolve({ text: "x".repeat(1_000_000) });
    },
  });
  socket.hears(Array.from({ length: 100 }, (_, id) => request(id)));
  for (let i = 0; i < 10; i++) await setImmediate();
  const codes = (socket.sent as { error?: { data: { code: string } } }[]).map(({ error }) =>
    error?.data.code
  );
  assert.ok(reads <= 6, `${reads} reads`);
  assert.deepEqual(codes, [...Array(reads).fill(undefined), ...Array(100 - reads).fill("overloaded")]);
  reads = 0;
  socket.hears(request(100));
  await settled();
  assert.equal(reads, 1, "once they have left, reading goes on");
  socket.bufferedAmount = 5_000_000;
  socket.hears(request(101));
  await settled();
  assert.equal(reads, 1, "unless the peer does not take them");
});
