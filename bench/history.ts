import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { type Person, register, rest, Wire } from "../tests/support/people.ts";
import { startServer, tempFolder } from "../tests/support/server.ts";
import { median } from "./proc.ts";

const SIZES = [1_000, 10_000_000];
const CALLS = 400;

/**
 * What the first page of a long conversation costs, against that of a short one: both are asked for in turns, in
 * one run, and only the ratio means something. `history` is `message.history` of 50, `log` the last 200 entries.
 */
export async function history(): Promise<Record<string, number>> {
  using data = tempFolder();
  let server = await startServer({ dataDir: data.path, flavour: "dist", args: ["--rate-limit-scale=0"] });
  const me = await register(server.url);
  const ids = await Promise.all(SIZES.map(() => converse(server.url, me)));
  await server.stop();
  SIZES.forEach((size, i) => fill(join(data.path, "imserver.db"), Number(ids[i]), Number(me.id), size));
  server = await startServer({ dataDir: data.path, flavour: "dist", args: ["--rate-limit-scale=0"] });
  const wire = await Wire.open(server.url, me.accessToken);
  const figures: Record<string, number> = {};
  for (const [name, read] of Object.entries(READS)) {
    const times = SIZES.map((): number[] => []);
    for (let call = 0; call < CALLS; call++) {
      for (const [i, conversationId] of ids.entries()) {
        const from = performance.now();
        if (await read(wire, conversationId) !== SIZES[i]) throw new Error("void: this is not the last page");
        times[i].push(performance.now() - from);
      }
    }
    const [short, long] = times.map(median);
    figures[`${name}ShortMs`] = round(short);
    figures[`${name}LongMs`] = round(long);
    figures[`${name}Ratio`] = round(long / short);
  }
  wire.close();
  await server.stop();
  return figures;
}

/** The last seq of a first page. */
const READS = {
  history: async (wire: Wire, conversationId: string) =>
    (await wire.call("message.history", { conversationId, limit: 50 })).messages.at(-1)!.seq,
  log: async (wire: Wire, conversationId: string) =>
    (await wire.call("log.read", { conversationId, before: Number.MAX_SAFE_INTEGER })).entries.at(-1)!.seq,
};

async function converse(url: string, me: Person): Promise<string> {
  const other = await register(url);
  return (await rest(url, "conversation.openDirect", { userId: other.id }, me.accessToken)).id;
}

/** So many messages of one sender, one in so many ms, straight into the database of a server that is not running. */
export function fill(path: string, id: number, senderId: number, size: number, everyMs = 0): void {
  const now = Date.now();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA synchronous = OFF; BEGIN");
  const insert = db.prepare(
    "INSERT INTO entries (conversation_id, seq, kind, sender_id, at, message_no, client_id, body) VALUES (?,?,?,?,?,?,?,?)",
  );
  for (let seq = 1; seq <= size; seq++) {
    const body = JSON.stringify({ type: "text", text: `message number ${seq} of a long conversation` });
    insert.run(id, seq, "message", senderId, now - (size - seq) * everyMs, seq, `c${seq}`, body);
  }
  db.prepare(
    "UPDATE heads SET last_seq = ?, last_message_no = ?, last_message_seq = ? WHERE conversation_id = ?",
  )
    .run(size, size, size, id);
  db.exec("COMMIT");
  db.close();
}

const round = (value: number) => Math.round(value * 100) / 100;
