import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Storage } from "../data/sql/driver.ts";
import { openMysql } from "../data/sql/mysql.ts";
import { openSqlite } from "../data/sql/sqlite.ts";
import type { Input } from "../wire/operations.ts";
import { Mariadb } from "../tests/support/mariadb.ts";
import { register, Wire } from "../tests/support/people.ts";
import { startServer, tempFolder } from "../tests/support/server.ts";
import { median, rssMiB } from "./proc.ts";
import { createRandom, MARKS, textOf, WORDS } from "./search_texts.ts";

const MESSAGES = 1_000_000;
const CONVERSATIONS = 2_000;
const RUNS = 21;
/** As many searches as it takes. */
const NO_LIMITS = ["--rate-limit-scale", "0"];

/**
 * A million messages in 2,000 conversations, half Chinese and half English, a few conversations holding most of them;
 * the asker is in every seventh. How long a search takes over a WebSocket (the median of 21, `… ms`; `… n` is what the
 * page holds), how fast everything is indexed from nothing while searches wait for it, and what the index weighs.
 */
export async function search(): Promise<Record<string, number>> {
  using data = tempFolder();
  const database = join(data.path, "imserver.db");
  const figures = await measure(data.path, [], () => openSqlite(database, { synchronous: "NORMAL" }));
  figures["database MB"] = megabytes(Deno.statSync(database).size);
  figures["index MB"] = indexSize(join(data.path, "imserver-search.db"));
  return figures;
}

/** The same on MariaDB, with its fsync and a buffer pool of 512 MiB. */
export async function searchMariadb(): Promise<Record<string, number>> {
  using data = tempFolder();
  const mariadb = await Mariadb.start({ settings: ["--innodb-buffer-pool-size=512M"] });
  try {
    const url = await mariadb.database();
    return await measure(data.path, ["--database", url], () => openMysql(url));
  } finally {
    await mariadb.remove();
  }
}

async function measure(
  dataDir: string,
  args: string[],
  open: () => Storage,
): Promise<Record<string, number>> {
  args = [...args, ...NO_LIMITS];
  const first = await startServer({ dataDir, args, flavour: "dist" });
  const [asker, newcomer] = [await register(first.url), await register(first.url)];
  await first.stop();
  const storage = open();
  const conversationIds = await fill(storage, Number(asker.id), Number(newcomer.id));
  await storage.close();
  const from = performance.now();
  await using server = await startServer({ dataDir, args, flavour: "dist" });
  const wire = await Wire.open(server.url, asker.accessToken);
  const figures: Record<string, number> = {};
  while (!(await wire.call("message.search", { query: "nothing" })).complete) {
    await new Promise((go) => setTimeout(go, 50));
  }
  figures["indexed per s"] = Math.round(MESSAGES / (performance.now() - from) * 1000);
  const other = await Wire.open(server.url, newcomer.accessToken);
  for (const [name, query] of Object.entries(queries(conversationIds))) {
    figures[`${name} ms`] = await time(wire, query, figures, name);
  }
  figures["one small group, common elsewhere ms"] = await time(
    other,
    { query: WORDS.english(0) },
    figures,
    "one small group",
  );
  figures["rss MiB"] = rssMiB(server.pid);
  wire.close();
  other.close();
  return figures;
}

const queries = (conversationIds: number[]): Record<string, Input<"message.search">> => ({
  "english rare": { query: MARKS.englishRare },
  "english usual": { query: MARKS.englishUsual },
  "english commonest": { query: WORDS.english(0) },
  "english beginning": { query: "th" },
  "english two words": { query: `${WORDS.english(3)} ${WORDS.english(40)}` },
  "english none": { query: "qqqqqq" },
  "chinese rare": { query: MARKS.chineseRare },
  "chinese usual, 2 characters": { query: MARKS.chineseUsual },
  "chinese commonest, 2 characters": { query: WORDS.chinese(0) },
  "chinese 1 character": { query: WORDS.chinese(0)[0] },
  "chinese 4 characters": { query: WORDS.chinese(0) + WORDS.chinese(2) },
  "common where the asker is not": { query: MARKS.others },
  "one conversation, english": { query: MARKS.englishUsual, conversationId: String(conversationIds[70]) },
  "one conversation, chinese": { query: MARKS.chineseUsual, conversationId: String(conversationIds[70]) },
});

async function time(
  wire: Wire,
  query: Input<"message.search">,
  figures: Record<string, number>,
  name: string,
) {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const from = performance.now();
    const { hits } = await wire.call("message.search", query);
    times.push(performance.now() - from);
    figures[`${name} n`] = hits.length;
  }
  return Math.round(median(times) * 10) / 10;
}

/** Straight into the tables: what the server would take minutes for. */
async function fill(db: Storage, askerId: number, newcomerId: number): Promise<number[]> {
  const ids = Array.from({ length: CONVERSATIONS + 1 }, (_, i) => 1_000_000 + i);
  const isMine = (i: number) => i % 7 === 0;
  const random = createRandom(1);
  const last = new Int32Array(CONVERSATIONS + 1);
  const start = Date.now() - MESSAGES * 20_000;
  const ATS = new Float64Array(CONVERSATIONS + 1);
  const columns = ["conversation_id", "seq", "kind", "sender_id", "at", "message_no", "client_id", "body"];
  for (let done = 0; done < MESSAGES;) {
    const rows: (string | number)[][] = [];
    for (; rows.length < 4_096 && done < MESSAGES; done++) {
      const i = Math.floor(CONVERSATIONS * random() ** 3);
      const [seq, at] = [++last[i], ATS[i] = start + done * 20_000];
      const text = textOf(random, done, isMine(i));
      rows.push([
        ids[i],
        seq,
        "message",
        askerId + (seq % 3),
        at,
        seq,
        `c${seq}`,
        JSON.stringify({ type: "text", text }),
      ]);
    }
    await db.transaction((tx) => tx.insert("entries", columns, rows));
  }
  // And a small group of somebody else's.
  const own = CONVERSATIONS;
  const body = JSON.stringify({ type: "text", text: `${WORDS.english(0)} once` });
  await db.transaction(async (tx) => {
    await tx.insert("entries", columns, [[
      ids[own],
      last[own] = 1,
      "message",
      newcomerId,
      ATS[own] = start,
      1,
      "c1",
      body,
    ]]);
    const group = ["id", "type", "title", "low_user_id", "high_user_id", "member_count", "created_at"];
    await tx.insert("conversations", group, ids.map((id) => [id, 1, "bench", 0, 0, 1, start]));
    const head = ["conversation_id", "last_seq", "last_message_no", "last_message_seq", "last_at"];
    await tx.insert("heads", head, ids.map((id, i) => [id, last[i], last[i], last[i], ATS[i]]));
    const member = [
      "conversation_id",
      "user_id",
      "role",
      "can_send",
      "joined_at",
      "first_seq",
      "left_seq",
      "is_group",
    ];
    const mine = ids.flatMap((id, i) => i < own && isMine(i) ? [[id, askerId, 0, 1, start, 1, null, 1]] : []);
    await tx.insert("members", member, [...mine, [ids[own], newcomerId, 0, 1, start, 1, null, 1]]);
  });
  return ids;
}

function indexSize(path: string): number {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
  return megabytes(Deno.statSync(path).size);
}

const megabytes = (bytes: number) => Math.round(bytes / 1e6);
