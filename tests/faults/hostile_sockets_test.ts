import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { register, rest } from "../support/people.ts";
import { frame, Line, OPCODE, RawSocket, upgradeRequest } from "../support/raw.ts";
import { residentBytes, type Server, startServer, tempFolder } from "../support/server.ts";

/** What somebody with a socket and bad intentions can do: each ends, and what it costs the server is bounded. */

const MIB = 1024 * 1024;

Deno.test("endless fragmented messages are cut at the size limit", async () => {
  await withServer(async (server, accessToken) => {
    const piece = "x".repeat(32 * 1024);
    const endless = async () => {
      using socket = await RawSocket.open(server.url, accessToken);
      const close = socket.untilClose();
      let sentBytes = 0;
      let open = await socket.send(piece, { fin: false });
      for (; open && sentBytes < 64 * MIB; sentBytes += piece.length) {
        open = await socket.send(piece, { opcode: OPCODE.continuation, fin: false });
        // The close frame can only be read between the writes.
        await delay(1);
      }
      assert.equal((await close)?.code, 1009);
      assert.ok(!open, "nobody takes it for ever");
    };
    await Promise.all(Array.from({ length: 50 }, endless));
    // Held together they would be 3 GiB; what is not collected yet depends on the machine.
  }, { growthMiB: 750 });
});

Deno.test("frames without a mask end the socket with 1002, whoever sends them and however many", async () => {
  await withServer(async (server, accessToken) => {
    await Promise.all(Array.from({ length: 100 }, async () => {
      using socket = await RawSocket.open(server.url, accessToken);
      await socket.send('{"jsonrpc":"2.0","id":1,"method":"user.me"}', { masked: false });
      assert.equal((await socket.untilClose())?.code, 1002);
    }));
  }, { growthMiB: 100 });
});

Deno.test("who does not speak, or dawdles, is ended in time", async () => {
  await withServer(async (server, accessToken) => {
    const head = "GET /api/v1/users/me HTTP/1.1\r\nhost: x\r\n";
    const upload = "POST /api/v1/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" +
      "content-length: 1000\r\n\r\n";
    const many = (count: number, one: () => Promise<number>) =>
      Promise.all(Array.from({ length: count }, one));
    const [silent, slowHead, slowBody, deaf] = await Promise.all([
      many(100, () => endOf(server.url, "")),
      many(100, () => endOf(server.url, head, "a: b\r\n")),
      many(20, () => endOf(server.url, upload, " ")),
      many(100, async () => {
        const socket = await RawSocket.open(server.url, accessToken);
        return await endOfLine(socket.line, performance.now());
      }),
    ]);
    // The limits are 10 s, 60 s and twice 30 s; they are looked at every few seconds.
    const inTime = (what: string, tookMs: number[], limitMs: number) =>
      assert.ok(Math.max(...tookMs) < limitMs, `${what}: ${Math.max(...tookMs)} ms`);
    inTime("silent", silent, 30_000);
    inTime("slow headers", slowHead, 30_000);
    inTime("slow body", slowBody, 120_000);
    inTime("no pong", deaf, 120_000);
    assert.ok(Math.min(...deaf) > 25_000, "but not before it was asked");
  }, { growthMiB: 100 });
});

Deno.test("10,000 who connect and go at once leave nothing behind", async () => {
  await withServer(async (server, accessToken) => {
    const headers = { authorization: `Bearer ${accessToken}` };
    const ways = [
      (_: Line) => Promise.resolve(true),
      (line: Line) => line.write("GET /api/v1/ws HTTP/1.1\r\nhost"),
      (line: Line) => line.write(upgradeRequest(server.url, headers)),
      async (line: Line) => {
        await line.write(upgradeRequest(server.url, headers));
        await line.readHead();
        return await line.write(frame('{"jsonrpc":"2.0","id":1,"method":"conversation.list"}'));
      },
    ];
    const once = async (n: number) => {
      using line = await Line.open(server.url);
      await ways[n % ways.length](line);
    };
    for (let batch = 0; batch < 100; batch++) {
      await Promise.all(Array.from({ length: 100 }, (_, n) => once(n)));
    }
    // Of it about 40 MiB are the thread that searches, which starts meanwhile.
  }, { growthMiB: 200, args: ["--max-connects-per-second", "0"] });
});

/** What bounds memory must hold without the limits on how often one may ask. */
const UNLIMITED = "--rate-limit-scale=0";

/** The attack must end by itself, the server must answer during and after it, and hold little more than before. */
async function withServer(
  attack: (server: Server, accessToken: string) => Promise<void>,
  { growthMiB, args = [] }: { growthMiB: number; args?: string[] },
): Promise<void> {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, flavour: "dist", args: [...args, UNLIMITED] });
  const { accessToken } = await register(server.url);
  const before = await residentBytes(server.pid);
  const watch = watchAnswers(server.url, accessToken);
  await attack(server, accessToken);
  await watch.stop();
  const grownMiB = (await residentBytes(server.pid) - before) / MIB;
  assert.ok(grownMiB < growthMiB, `it grew by ${grownMiB} MiB`);
}

/** Calls the server all the time; `stop` rejects if it ever failed to answer. */
function watchAnswers(url: string, accessToken: string): { stop(): Promise<void> } {
  let over = false;
  const watching = (async () => {
    while (!over) {
      await rest(url, "user.me", {}, accessToken);
      await delay(200);
    }
    await rest(url, "user.me", {}, accessToken);
  })();
  watching.catch(() => {});
  return { stop: () => (over = true, watching) };
}

/** How long it takes until the server ends a connection on which this is sent, and then the drip every second. */
async function endOf(url: string, first: string, drip = ""): Promise<number> {
  const from = performance.now();
  const line = await Line.open(url);
  await line.write(first);
  const dripping = setInterval(() => drip !== "" && line.write(drip), 1_000);
  try {
    return await endOfLine(line, from);
  } finally {
    clearInterval(dripping);
  }
}

/** Fails after two minutes, when nothing has ended it. */
async function endOfLine(line: Line, from: number): Promise<number> {
  using _ = line;
  const late = setTimeout(() => line[Symbol.dispose](), 125_000);
  await line.readRest();
  clearTimeout(late);
  return performance.now() - from;
}
