import { setTimeout as delay } from "node:timers/promises";
import { WebSocket } from "ws";
import { type ClientOptions, createClient, type Output } from "../sdk/mod.ts";
import { type Person, register, rest, Wire } from "../tests/support/people.ts";
import { startServer, tempFolder } from "../tests/support/server.ts";
import { median } from "./proc.ts";

const CONVERSATIONS = 100;
const MISSED_EACH = 100;
const RESTING = 400;
const RUNS = 5;

/**
 * 10,000 messages missed over 100 groups of somebody who is in 500: how long and how many bytes it takes a
 * client with a token of before to hold every entry (`all…`), and to show the list and one conversation
 * (`seen…`), which is what a person waits for; and the latter for a device without a token (`new…`). Bytes are
 * those of the server's frames, as text. Time counts from opening the socket. A run that ends without an entry is void.
 */
export async function catchup(): Promise<Record<string, number>> {
  using data = tempFolder();
  await using server = await startServer({
    dataDir: data.path,
    flavour: "dist",
    args: ["--rate-limit-scale=0"],
  });
  const { url } = server;
  const [me, writer] = [await register(url), await register(url)];
  const all = await makeConversations(url, me, writer);
  // A token looks back a minute further than it must (chat/sync.ts): by then they rest.
  await delay(65_000);
  const earlier = await connect(url, me);
  const before = await readHeads(earlier, undefined);
  earlier.client.close();
  await sendAll(url, writer, all.slice(0, CONVERSATIONS));
  const figures: Record<string, number> = {};
  const kinds: Record<string, (device: Device) => Promise<void>> = {
    all: (device) => holdAll(device, before),
    seen: (device) => seeList(device, before.token, CONVERSATIONS),
    new: (device) => seeList(device, undefined, CONVERSATIONS + RESTING),
  };
  for (const [kind, work] of Object.entries(kinds)) {
    const runs = [];
    for (let run = 0; run < RUNS; run++) {
      const from = performance.now();
      const device = await connect(url, me);
      await work(device);
      runs.push({ ms: performance.now() - from, bytes: device.counted.bytes, calls: device.counted.calls });
      device.client.close();
    }
    figures[`${kind}Ms`] = Math.round(median(runs.map(({ ms }) => ms)));
    figures[`${kind}KiB`] = Math.round(median(runs.map(({ bytes }) => bytes)) / 1024);
    figures[`${kind}Calls`] = median(runs.map(({ calls }) => calls));
  }
  return figures;
}

/** A connected client that counts what it receives and asks. */
interface Device {
  client: ReturnType<typeof createClient>;
  counted: { bytes: number; calls: number };
}

async function connect(baseUrl: string, { accessToken }: Person): Promise<Device> {
  const counted = { bytes: 0, calls: 0 };
  class Counting extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      this.on("message", (data) => counted.bytes += (data as { length: number }).length);
    }
    override send(data: never): void {
      counted.calls += 1;
      super.send(data);
    }
  }
  const client = createClient({
    baseUrl,
    accessToken,
    WebSocket: Counting as unknown as ClientOptions["WebSocket"],
  });
  await client.online();
  return { client, counted };
}

interface Heads {
  token: string;
  lastSeqs: Map<string, number>;
}

async function readHeads({ client }: Device, token: string | undefined): Promise<Heads> {
  const lastSeqs = new Map<string, number>();
  let cursor: string | null = null;
  for (;;) {
    const page: Output<"sync.heads"> = await client.call("sync.heads", {
      limit: 200,
      ...(token && { token }),
      ...(cursor && { cursor }),
    });
    for (const { id, lastSeq } of page.conversations) lastSeqs.set(id, lastSeq);
    cursor = page.nextCursor;
    if (cursor === null) return { token: page.token, lastSeqs };
  }
}

/** Everything that was missed, ten conversations at a time. */
async function holdAll(device: Device, before: Heads): Promise<void> {
  const { lastSeqs } = await readHeads(device, before.token);
  const behind = [...lastSeqs].filter(([id, lastSeq]) => lastSeq > before.lastSeqs.get(id)!);
  let held = 0;
  const lane = async () => {
    for (let next = behind.pop(); next; next = behind.pop()) {
      const [conversationId, lastSeq] = next;
      let after = before.lastSeqs.get(conversationId)!;
      while (after < lastSeq) {
        const { entries } = await device.client.call("log.read", { conversationId, after, limit: 1000 });
        if (entries[0]?.seq !== after + 1) throw new Error("void: the log has a hole");
        held += entries.length;
        after = entries[entries.length - 1].seq;
      }
    }
  };
  await Promise.all(Array.from({ length: 10 }, lane));
  if (held !== CONVERSATIONS * MISSED_EACH) throw new Error(`void: ${held} entries came`);
}

/** The list as it is now, and the newest page of one conversation. */
async function seeList(device: Device, token: string | undefined, atLeast: number): Promise<void> {
  const { lastSeqs } = await readHeads(device, token);
  if (lastSeqs.size < atLeast) throw new Error(`void: ${lastSeqs.size} conversations came`);
  const conversationId = [...lastSeqs.keys()][0];
  const { messages } = await device.client.call("message.history", { conversationId, limit: 50 });
  if (messages.length === 0) throw new Error("void: an empty page");
}

/** Groups of the two, with a message in each. */
async function makeConversations(url: string, me: Person, writer: Person): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < CONVERSATIONS + RESTING; i++) {
    const input = { title: `Group ${i}`, memberIds: [me.id] };
    ids.push((await rest(url, "group.create", input, writer.accessToken)).id);
  }
  const wire = await Wire.open(url, writer.accessToken);
  await Promise.all(ids.map((conversationId) => send(wire, conversationId, "first")));
  wire.close();
  return ids;
}

async function sendAll(url: string, writer: Person, ids: readonly string[]): Promise<void> {
  const wire = await Wire.open(url, writer.accessToken);
  for (let n = 0; n < MISSED_EACH; n++) {
    await Promise.all(ids.map((conversationId) => send(wire, conversationId, `missed-${n}`)));
  }
  wire.close();
}

function send(wire: Wire, conversationId: string, clientId: string): Promise<unknown> {
  const content = { type: "text" as const, text: `A message of usual length, named ${clientId}` };
  return wire.call("message.send", { conversationId, clientId, content });
}
