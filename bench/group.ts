import { join } from "node:path";
import { openMysql } from "../data/sql/mysql.ts";
import { openSqlite } from "../data/sql/sqlite.ts";
import { createIds } from "../kit/ids.ts";
import { Mariadb } from "../tests/support/mariadb.ts";
import { heard, type Person, register, Wire } from "../tests/support/people.ts";
import { type Server, startServer, tempFolder } from "../tests/support/server.ts";
import { median } from "./proc.ts";

const MEMBERS = 10_000;
const CHUNK = 999;
/** People with a socket of their own; the other members are names in the database. */
const PEOPLE = 50;
const SENDS = 400;
const PAGES = 200;

/**
 * What a group of 10,000 costs, on SQLite and on MariaDB (both with fsync), beside one of 50: joining by a code,
 * sending (to the ack, 50 members listening), a page of 100 members, leaving; medians of single calls, one at a time.
 * A run in which a member lacks a message is void.
 */
export async function group(): Promise<Record<string, number>> {
  using sqliteFolder = tempFolder();
  const onSqlite = await measure(`sqlite:${join(sqliteFolder.path, "imserver.db")}`, sqliteFolder.path);
  const mariadb = await Mariadb.start();
  using folder = tempFolder();
  try {
    const onMariadb = await measure(await mariadb.database(), folder.path);
    return { ...prefixed("sqlite", onSqlite), ...prefixed("mariadb", onMariadb) };
  } finally {
    await mariadb.remove();
  }
}

async function measure(database: string, dataDir: string): Promise<Record<string, number>> {
  const args = [`--database=${database}`, `--max-group-members=${MEMBERS}`, "--rate-limit-scale=0"];
  let server: Server = await startServer({ dataDir, flavour: "dist", args });
  const people: Person[] = [];
  while (people.length < PEOPLE) people.push(await register(server.url));
  await server.stop();
  const strangers = await fill(database, MEMBERS - PEOPLE);
  server = await startServer({ dataDir, flavour: "dist", args });
  const wires = await Promise.all(people.map((one) => Wire.open(server.url, one.accessToken)));
  const small = await live(wires, []);
  const large = await live(wires, strangers);
  await Promise.all(wires.map((wire) => wire.close()));
  await server.stop();
  return { ...prefixed("small", small), ...large };
}

/** A group's life: filled by its owner, then joined, used and left by the others, one after the other. */
async function live(wires: readonly Wire[], strangers: readonly string[]): Promise<Record<string, number>> {
  const [owner, ...others] = wires;
  const { id: conversationId } = await owner.call("group.create", { title: "big", memberIds: [] });
  const adding: number[] = [];
  for (let at = 0; at < strangers.length; at += CHUNK) {
    const memberIds = strangers.slice(at, at + CHUNK);
    adding.push(await timed(() => owner.call("group.addMembers", { conversationId, memberIds })));
  }
  const { code } = await owner.call("group.createLink", { conversationId });
  const joining = await each(others, (wire) => wire.call("group.join", { code }));

  const texts = Array.from({ length: SENDS }, (_, i) => `message ${i}`);
  const sending: number[] = [];
  for (const [i, text] of texts.entries()) {
    const content = { type: "text", text } as const;
    const send = () => wires[i % PEOPLE].call("message.send", { conversationId, clientId: `c${i}`, content });
    sending.push(await timed(send));
  }
  for (const wire of wires) {
    const got = () => heard(wire, conversationId).flatMap(({ content: { text } }) => text ?? []);
    await wire.until(() => got().length >= SENDS);
    if (got().join() !== texts.join()) throw new Error("void: a message was lost, doubled or out of order");
  }

  const paging: number[] = [];
  let cursor: string | undefined;
  while (paging.length < PAGES) {
    const page = { conversationId, limit: 100, ...(cursor ? { cursor } : {}) };
    paging.push(
      await timed(async () => {
        const { nextCursor } = await wires[paging.length % PEOPLE].call("conversation.members", page);
        cursor = nextCursor ?? undefined;
      }),
    );
  }
  const finding = await each(
    others,
    (wire) => wire.call("conversation.members", { conversationId, query: "nobody is called so" }),
  );
  const leaving = await each(others, (wire) => wire.call("group.leave", { conversationId }));
  const dissolving = await timed(() => owner.call("group.dissolve", { conversationId }));
  return {
    ...(adding.length > 0 ? { add999Ms: round(median(adding)) } : {}),
    joinMs: round(median(joining)),
    sendMs: round(median(sending)),
    memberPageMs: round(median(paging)),
    findMemberMs: round(median(finding)),
    leaveMs: round(median(leaving)),
    dissolveMs: round(dissolving),
  };
}

async function each(wires: readonly Wire[], call: (wire: Wire) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const wire of wires) times.push(await timed(() => call(wire)));
  return times;
}

async function timed(call: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await call();
  return performance.now() - from;
}

/** Accounts that nobody logs in to; a real one would cost a password's hash each. */
async function fill(database: string, count: number): Promise<string[]> {
  const storage = database.startsWith("sqlite:") ? openSqlite(database.slice(7)) : openMysql(database);
  const nextId = createIds(Date.now);
  const ids = Array.from({ length: count }, () => nextId());
  const columns = ["id", "username", "username_key", "display_name", "display_key", "password_hash", "role"];
  const heads = ["conversation_id", "last_seq", "last_message_no", "last_message_seq", "last_at"];
  await storage.transaction(async (tx) => {
    const users = ids.map((id, i) => {
      const [name, display] = [`someone${i}`, `someone ${i}`];
      return [id, name, name, display, display, "", 0, Date.now()];
    });
    await tx.insert("users", [...columns, "created_at"], users);
    await tx.insert("heads", heads, ids.map((id) => [id, 0, 0, 0, 0]));
  });
  await storage.close();
  return ids.map(String);
}

function prefixed(prefix: string, figures: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).map((
      [name, value],
    ) => [`${prefix}${name[0].toUpperCase()}${name.slice(1)}`, value]),
  );
}

const round = (value: number) => Math.round(value * 100) / 100;
