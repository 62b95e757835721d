import { createServer } from "node:http";
import { setImmediate, setTimeout as delay } from "node:timers/promises";
import { WebSocketServer } from "ws";
import { MAX_STALL_MS, Outbox } from "../gateway/outbox.ts";
import { ReasonedSocket } from "../gateway/reasoned_socket.ts";
import { Line, OPCODE, RawSocket } from "../tests/support/raw.ts";
import { median } from "./proc.ts";
import { freePort, residentBytes } from "../tests/support/server.ts";

/**
 * What ADR 1 rests on: three ways to serve WebSockets, each in a process of its own, one after the other in one
 * run. Fan-out: one frame of 200 bytes to all of 1,000 sockets, again and again. Stall: one peer that never
 * reads is sent 64 KiB a hundred times a second, and after 10 s the server does its best to be rid of it.
 */

const SOCKETS = 1_000;
const ROUNDS = 100;
/** Frames to each socket before the server waits until all are read. */
const ROUND_FRAMES = 5;
const TEXT = JSON.stringify("x".repeat(198));
const STALL_LENGTH = 64 * 1024;
const WATCH_MS = 20_000;

/** One connection as a server sees it. */
interface Peer {
  push(text: string): void;
  /** What the way has to end it. */
  end(): void;
}

/** Serves on a port; calls with every connection, and answers where its messages go. */
type Way = (port: number, onPeer: (peer: Peer) => (text: string) => void) => void;

const WAYS: Record<string, Way> = {
  native(port, onPeer) {
    Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
      socket.onopen = () => {
        const onText = onPeer({ push: (text) => socket.send(text), end: () => socket.close(4002) });
        socket.onmessage = ({ data }) => onText(data);
      };
      socket.onerror = () => {};
      return response;
    });
  },
  ws(port, onPeer) {
    serveWs(port, (socket) => onPeer({ push: (text) => socket.send(text), end: () => socket.terminate() }));
  },
  ours(port, onPeer) {
    const all = new Map<Outbox, ReasonedSocket>();
    setInterval(() => {
      for (const [outbox, socket] of all) {
        if (outbox.stalledMs(performance.now()) >= MAX_STALL_MS) socket.terminate();
      }
    }, 2_000);
    serveWs(port, (socket) => {
      const outbox = new Outbox(socket, () => {});
      all.set(outbox, socket);
      socket.on("close", () => all.delete(outbox));
      return onPeer({ push: (text) => outbox.hint(text), end: () => {} });
    });
  },
};

function serveWs(port: number, onSocket: (socket: ReasonedSocket) => (text: string) => void): void {
  const server = createServer();
  const wss = new WebSocketServer({
    server,
    perMessageDeflate: false,
    maxPayload: 256 * 1024,
    WebSocket: ReasonedSocket,
  });
  wss.on("connection", (socket: ReasonedSocket) => {
    const onText = onSocket(socket);
    socket.on("error", () => {});
    socket.on("message", (data: { toString(): string }) => onText(data.toString()));
  });
  server.listen(port, "127.0.0.1");
}

/** In a child: does as its peers say: `round` sends to all, `stall` floods the one who said it. */
function serve(way: Way, port: number): void {
  const peers = new Set<Peer>();
  way(port, (peer) => {
    peers.add(peer);
    return async (text) => {
      if (text === "stall") {
        peers.delete(peer);
        return flood(peer);
      }
      for (let i = 0; i < ROUND_FRAMES; i++) {
        for (const one of peers) one.push(TEXT);
        await setImmediate();
      }
    };
  });
}

async function flood(peer: Peer): Promise<void> {
  const from = performance.now();
  let ended = false;
  while (performance.now() - from < WATCH_MS) {
    if (!ended && performance.now() - from > 10_000) (ended = true, peer.end());
    try {
      // Another text each time, since a text that is the same is held once.
      peer.push(`${performance.now()}`.padEnd(STALL_LENGTH));
    } catch {
      return; // It is closed.
    }
    await delay(10);
  }
}

/**
 * The figures of all ways: `nativeSendsPerSecond` (the median of three, taken in turns), `wsStallCutS` (-1: not
 * within 20 s), `oursStallGrowthMiB` and so on.
 */
export async function websocket(): Promise<Record<string, number>> {
  const names = Object.keys(WAYS);
  const sends = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let run = 0; run < 3; run++) {
    for (const name of names) sends.get(name)!.push(await withServer(name, fanOut));
  }
  const figures: Record<string, number> = {};
  for (const name of names) {
    const { cutS, grownMiB } = await withServer(name, stall);
    figures[`${name}SendsPerSecond`] = median(sends.get(name)!);
    figures[`${name}StallCutS`] = cutS;
    figures[`${name}StallGrowthMiB`] = grownMiB;
  }
  return figures;
}

async function withServer<T>(name: string, use: (url: string, pid: number) => Promise<T>): Promise<T> {
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ["run", "--allow-all", new URL(import.meta.url).pathname, name, `${port}`];
  const child = new Deno.Command(Deno.execPath(), { args, stdout: "inherit", stderr: "inherit" }).spawn();
  try {
    await untilListening(url);
    return await use(url, child.pid);
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

async function untilListening(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const line = await Line.open(url).catch(() => null);
    if (line) return line[Symbol.dispose]();
    await delay(100);
  }
  throw new Error("the server does not listen");
}

/** Bytes are only counted, so that the readers cost as little as they can. */
async function fanOut(url: string): Promise<number> {
  const sockets: RawSocket[] = [];
  while (sockets.length < SOCKETS) sockets.push(await RawSocket.upgrade(url, PLAIN));
  const frameBytes = TEXT.length + 4;
  let bytes = 0;
  let changed = () => {};
  const read = async ({ line: { connection } }: RawSocket) => {
    const chunk = new Uint8Array(16 * 1024);
    for (let n = await connection.read(chunk); n; n = await connection.read(chunk).catch(() => null)) {
      bytes += n;
      changed();
    }
  };
  sockets.forEach((socket) => void read(socket).catch(() => {}));
  const from = performance.now();
  for (let round = 1; round <= ROUNDS; round++) {
    const all = round * SOCKETS * ROUND_FRAMES * frameBytes;
    const done = new Promise<void>((resolve) => changed = () => void (bytes >= all && resolve()));
    await sockets[0].send("round");
    await done;
  }
  const seconds = (performance.now() - from) / 1000;
  sockets.forEach((socket) => socket[Symbol.dispose]());
  return Math.round(ROUNDS * ROUND_FRAMES * SOCKETS / seconds);
}

/** Until a write of the peer is refused, which is how one sees the end without reading. */
async function stall(url: string, pid: number): Promise<{ cutS: number; grownMiB: number }> {
  using socket = await RawSocket.upgrade(url, PLAIN);
  const before = await residentBytes(pid);
  await socket.send("stall");
  const from = performance.now();
  const elapsed = () => performance.now() - from;
  let most = before;
  let open = true;
  while (open && elapsed() < WATCH_MS) {
    await delay(250);
    most = Math.max(most, await residentBytes(pid));
    open = await socket.send("", { opcode: OPCODE.pong });
  }
  return {
    cutS: open ? -1 : Math.round(elapsed() / 100) / 10,
    grownMiB: Math.round((most - before) / 2 ** 20),
  };
}

/** The native server agrees to no subprotocol; leaving out the header keeps the three alike. */
const PLAIN = {};

if (import.meta.main) serve(WAYS[Deno.args[0]], Number(Deno.args[1]));
