import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { type Person, register, rest } from "./people.ts";
import { OPCODE, RawSocket } from "./raw.ts";

/** Many sockets that hear a steady flow, and some among them that stop reading. */

export interface CrowdOptions {
  url: string;
  /** Pairs of people who write to each other. */
  pairs: number;
  /** Sockets of each of them that read; every one hears all their pair says. */
  socketsEach: number;
}

/** What somebody sees who stalls: how long the server kept the connection, in milliseconds. */
export type Stalled = Promise<number>;

const MESSAGE_BYTES = 1024;
/** A long message of one-byte characters, which is the cheapest to send. */
const LONG_TEXT = "x".repeat(16_000);
/** In milliseconds; spread, so that filling the stalled sockets is no load of its own. */
const FILL_MS = 8_000;

export class Crowd {
  /** How long each delivery took, from the send to the reader, in milliseconds, since `startMeasuring`. */
  #latencies: number[] = [];
  #broken = "";
  #content = 0;
  readonly #sockets: WebSocket[] = [];

  private constructor(
    private readonly options: CrowdOptions,
    readonly people: Person[],
    private readonly conversations: string[],
    private readonly sent: number[],
    private readonly lasts: number[][],
  ) {}

  static async gather(options: CrowdOptions): Promise<Crowd> {
    const { url, pairs } = options;
    const people: Person[] = [];
    for (let i = 0; i < 2 * pairs; i++) people.push(await register(url));
    const conversations: string[] = [];
    for (let i = 0; i < pairs; i++) {
      const [one, other] = [people[2 * i], people[2 * i + 1]];
      const { id } = await rest(url, "conversation.openDirect", { userId: other.id }, one.accessToken);
      conversations.push(id);
    }
    const zeros = conversations.map(() => 0);
    const crowd = new Crowd(options, people, conversations, zeros, conversations.map(() => []));
    await crowd.#connect();
    return crowd;
  }

  get broken(): string {
    return this.#broken;
  }

  /** Lets so many messages a second flow for so long, from one pair after the other. */
  async flow(perSecond: number, seconds: number): Promise<void> {
    const from = performance.now();
    const total = perSecond * seconds;
    for (let n = 0; n < total;) {
      const due = Math.min(total, Math.floor((performance.now() - from) * perSecond / 1000));
      for (; n < due; n++) this.#say(n % this.options.pairs);
      await delay(5);
    }
  }

  startMeasuring(): void {
    this.#latencies = [];
  }

  /** Milliseconds below which so much (0 to 1) of the deliveries stayed. */
  latencyMs(share: number): number {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length * share)];
  }

  /**
   * So many sockets of one more person, who never read though they are sent more than the kernel holds for them.
   * Answers when that has left; from then on a message of 1 KiB follows every 200 ms until all have ended.
   */
  async stall(count: number): Promise<Stalled[]> {
    const { url } = this.options;
    const [busy, writer] = [await register(url), await register(url)];
    const { id } = await rest(url, "conversation.openDirect", { userId: busy.id }, writer.accessToken);
    const sockets: RawSocket[] = [];
    while (sockets.length < count) sockets.push(await RawSocket.open(url, busy.accessToken));
    let n = 0;
    const say = (text: string) => {
      const content = { type: "text", text } as const;
      const params = { conversationId: id, clientId: `s${n++}`, content };
      return rest(url, "message.send", params, writer.accessToken);
    };
    const messages = Math.ceil((await kernelBytes() + 512 * 1024) / LONG_TEXT.length);
    await Promise.all(Array.from({ length: messages }, async (_, i) => {
      await delay(i * FILL_MS / messages);
      await say(LONG_TEXT);
    }));
    const ended = sockets.map((socket) => untilRefused(socket, performance.now()));
    let over = false;
    Promise.all(ended).then(() => over = true);
    const trickle = async () => {
      for (; !over; await delay(200)) await say(LONG_TEXT.slice(0, MESSAGE_BYTES));
    };
    void trickle();
    return ended;
  }

  /** Throws when a reader has missed something, or got it twice or out of order. */
  async check(): Promise<void> {
    const end = performance.now() + 30_000;
    const late = () => this.lasts.some((lasts, i) => lasts.some((last) => last < this.sent[i]));
    while (late() && performance.now() < end) await delay(50);
    if (this.#broken) throw new Error(this.#broken);
    if (late()) throw new Error("a reader has not got everything");
  }

  leave(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async #connect(): Promise<void> {
    const { socketsEach } = this.options;
    for (const [i, person] of this.people.entries()) {
      await Promise.all(Array.from({ length: socketsEach }, () => this.#listen(person, i >> 1)));
    }
  }

  async #listen(person: Person, pair: number): Promise<void> {
    const socket = new WebSocket(`${this.options.url.replace("http", "ws")}/api/v1/ws`, {
      headers: { authorization: `Bearer ${person.accessToken}` },
    });
    this.#sockets.push(socket);
    const reader = this.lasts[pair].push(0) - 1;
    const ready = Promise.withResolvers<void>();
    socket.on("error", ready.reject);
    socket.on("close", () => this.#broken ||= `a reader of pair ${pair} was cut off`);
    socket.on("message", (data: Uint8Array) => {
      for (const { method, params, error } of [JSON.parse(data.toString())].flat()) {
        if (error) this.#broken ||= error.message;
        if (method === "session.ready") ready.resolve();
        if (method === "log.append") this.#take(pair, reader, params.entries);
      }
    });
    await ready.promise;
  }

  #take(pair: number, reader: number, entries: { seq: number; content: { text: string } }[]): void {
    for (const { seq, content } of entries) {
      const last = this.lasts[pair][reader];
      if (seq !== last + 1) this.#broken ||= `pair ${pair}: seq ${seq} after ${last}`;
      this.lasts[pair][reader] = seq;
      this.#latencies.push(performance.now() - Number.parseFloat(content.text));
    }
  }

  #say(pair: number): void {
    this.sent[pair] += 1;
    const text = `${performance.now()} `.padEnd(MESSAGE_BYTES, "x");
    const params = {
      conversationId: this.conversations[pair],
      clientId: `c${this.#content++}`,
      content: { type: "text", text },
    };
    const socket = this.#sockets[2 * pair * this.options.socketsEach];
    socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "message.send", params }));
  }
}

/** What the two ends of a socket hold at most while nobody reads (tcp(7): the sender's grows, the reader's does not). */
async function kernelBytes(): Promise<number> {
  const names = ["tcp_wmem", "tcp_rmem"].map((name) => `/proc/sys/net/ipv4/${name}`);
  const { stdout } = await new Deno.Command("cat", { args: names }).output();
  const [[, , write], [, read]] = new TextDecoder().decode(stdout).trim().split("\n")
    .map((line) => line.split("\t").map(Number));
  return write + read;
}

/** Without reading, the end is seen by writing: what the server has closed answers with a reset. */
async function untilRefused(socket: RawSocket, from: number): Promise<number> {
  using _ = socket;
  while (performance.now() - from < 60_000 && await socket.send("", { opcode: OPCODE.pong })) {
    await delay(250);
  }
  return performance.now() - from;
}
