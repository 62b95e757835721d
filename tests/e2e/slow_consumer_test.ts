import assert from "node:assert/strict";
import { heard, register, rest, Wire } from "../support/people.ts";
import { OPCODE, RawSocket } from "../support/raw.ts";
import { residentBytes, startServer, tempFolder } from "../support/server.ts";

const text = "长文本 ".repeat(2_000);

Deno.test("who stops reading is cut off within 15 s, with bounded memory, and nobody else notices", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const conversation = await rest(server.url, "conversation.openDirect", { userId: bob.id }, ann.accessToken);
  const [annWire, bobWire] = [
    await Wire.open(server.url, ann.accessToken),
    await Wire.open(server.url, bob.accessToken),
  ];
  // Sockets of bob's that never read: the same pushes go to them as to his good one.
  const stalled = await Promise.all(
    Array.from({ length: 20 }, () => RawSocket.open(server.url, bob.accessToken)),
  );
  const before = await residentBytes(server.pid);
  // 10 s without progress, looked at every 2 s, and a second to close.
  const end = performance.now() + 15_000;
  let sent = 0;
  while (performance.now() < end) {
    const content = { type: "text", text } as const;
    await annWire.call("message.send", { conversationId: conversation.id, clientId: `c${sent++}`, content });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const grownMiB = ((await residentBytes(server.pid)) - before) / 1024 / 1024;
  assert.ok(grownMiB < 250, `it grew by ${grownMiB} MiB`);
  // What the kernel still holds for them can be read; then there is an end, where others would wait for more.
  let ended = 0;
  const ends = Promise.all(stalled.map((socket) => socket.line.readRest().then(() => ended += 1)));
  const late = AbortSignal.timeout(5_000);
  await Promise.race([ends, new Promise((resolve) => late.addEventListener("abort", resolve))]);
  assert.equal(ended, stalled.length, "all were cut off");
  for (const socket of stalled) socket[Symbol.dispose]();
  await bobWire.until(() => heard(bobWire, conversation.id).length === sent);
  assert.deepEqual(
    heard(bobWire, conversation.id).map(({ seq }) => seq),
    Array.from({ length: sent }, (_, i) => i + 1),
  );
  for (const wire of [annWire, bobWire]) await wire.close();
});

Deno.test("who reads slowly but steadily keeps the connection, is told to sync, and misses nothing", async () => {
  using data = tempFolder();
  await using server = await startServer({ dataDir: data.path, args: ["--rate-limit-scale=0"] });
  const [ann, bob] = [await register(server.url), await register(server.url)];
  const { id } = await rest(server.url, "conversation.openDirect", { userId: bob.id }, ann.accessToken);
  const annWire = await Wire.open(server.url, ann.accessToken);
  let sent = 0;
  const send = (text: string) => {
    const params = { conversationId: id, clientId: `c${sent++}`, content: { type: "text", text } } as const;
    return annWire.call("message.send", params);
  };
  using slow = new SlowReader(await RawSocket.open(server.url, bob.accessToken), id);
  const reading = slow.readUntil(() => slow.told("sync.needed"));
  // Far more than the kernel holds for a socket, and faster than it is read.
  const flood = Array.from({ length: 4 }, async () => {
    while (sent < 2_000 && !slow.told("sync.needed")) await send("x".repeat(16_000));
  });
  await slow.ask(1, "user.me", {});
  await Promise.all([...flood, reading]);
  assert.ok(slow.answers.has(1), "what it asked was answered all the same");
  const missed = sent - slow.seqs.size;
  assert.ok(missed > 0, "pushes were left out");
  const live = await send("live again");
  await slow.readUntil(() => slow.seqs.has(live.seq));
  for (let n = 2; slow.last() < live.seq; n++) {
    await slow.ask(n, "log.read", { conversationId: id, after: slow.last(), limit: 50 });
    await slow.readUntil(() => slow.answers.has(n));
  }
  assert.equal(slow.seqs.size, sent, "after the sync it has everything");
  await annWire.close();
});

interface Heard {
  id?: number;
  method?: string;
  params?: { entries?: { seq: number }[] };
  result?: { entries?: { seq: number }[] };
}

/** Reads one frame after the other with a pause after each: about 2 MB a second. */
class SlowReader {
  readonly seqs = new Set<number>();
  readonly answers = new Set<number>();
  readonly #notified: string[] = [];

  constructor(private readonly socket: RawSocket, readonly conversationId: string) {}

  async readUntil(done: () => boolean): Promise<void> {
    while (!done()) {
      const next = await this.socket.receive();
      assert.ok(next, "the server closed");
      if (next.opcode === OPCODE.text) this.#take(JSON.parse(new TextDecoder().decode(next.payload)));
      await new Promise((resolve) => setTimeout(resolve, next.payload.length / 2_000));
    }
  }

  async ask(id: number, method: string, params: object): Promise<void> {
    assert.ok(await this.socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params })));
  }

  told(method: string): boolean {
    return this.#notified.includes(method);
  }

  /** Up to where it has everything. */
  last(): number {
    let seq = 0;
    while (this.seqs.has(seq + 1)) seq += 1;
    return seq;
  }

  #take(frame: Heard | Heard[]): void {
    for (const { id, method, params, result } of [frame].flat()) {
      if (method) this.#notified.push(method);
      if (id !== undefined) this.answers.add(id);
      for (const { seq } of params?.entries ?? result?.entries ?? []) this.seqs.add(seq);
    }
  }

  [Symbol.dispose](): void {
    this.socket[Symbol.dispose]();
  }
}
