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
const ARCHIVE_ENTRIES = 9;
const ARCHIVE_TEXT = "长".repeat(16_000);
const ARCHIVE_BYTES = ARCHIVE_ENTRIES * 3 * ARCHIVE_TEXT.length;

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
    private readonly archiveId: string,
    private readonly sent: number[],
    private readonly lasts: number[][],
    private readonly stallReads: number,
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
    const archiveId = await fillArchive(url, people);
    const zeros = () => conversations.map(() => 0);
    // More than the kernel holds for a socket, so that what comes then waits in the server.
    const reads = Math.ceil((await kernelBytes() + 256 * 1024) / ARCHIVE_BYTES);
    const lasts = conversations.map(() => []);
    const crowd = new Crowd(options, people, conversations, archiveId, zeros(), lasts, reads);
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

  /** A socket of this person that asks for a lot and never reads. */
  async stall(person: Person): Promise<{ ended: Stalled }> {
    const socket = await RawSocket.open(this.options.url, person.accessToken);
    const params = { conversationId: this.archiveId, after: 1 };
    for (let id = 0; id < this.stallReads; id++) {
      await socket.send(JSON.stringify({ jsonrpc: "2.0", id, method: "log.read", params }));
    }
    const from = performance.now();
    return { ended: untilRefused(socket, from) };
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

/** A group of all with a history of half a megabyte. */
async function fillArchive(url: string, [first, ...others]: Person[]): Promise<string> {
  const memberIds = others.map(({ id }) => id);
  const { id } = await rest(url, "group.create", { title: "archive", memberIds }, first.accessToken);
  for (let n = 0; n < ARCHIVE_ENTRIES; n++) {
    const content = { type: "text", text: ARCHIVE_TEXT } as const;
    await rest(url, "message.send", { conversationId: id, clientId: `a${n}`, content }, first.accessToken);
  }
  return id;
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
