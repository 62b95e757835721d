import type { Row, Storage, Tx } from "../../sql/driver.ts";
import type { Batch, Doc, FoundPage, Place, SearchIndex, Wanted } from "./index.ts";
import { advance, readPositions } from "./positions.ts";

/** Raised when the words of texts change: an index of another version is made anew. */
const VERSION = 2;

/**
 * The words lie in FTS5 without the texts, and without places in them: what matches is looked at anyway. Texts are cut
 * up by us, so `ascii` only has to part at spaces: all beyond ASCII is letters to it. Besides words a row has marks
 * for its conversation, sender and type, which no word can look like (§ is in none). Merging eight parts of the index
 * at a time, and not four, makes writing cheaper.
 *
 * A row's id is its message's place in time, so that the newest are simply the last ones.
 */
const SCHEMA = [
  "DROP TABLE IF EXISTS search_words",
  "DROP TABLE IF EXISTS search_docs",
  "DROP TABLE IF EXISTS search_positions",
  "DROP TABLE IF EXISTS search_store",
  `CREATE VIRTUAL TABLE search_words USING fts5(
     words, content='', contentless_delete=1, detail=none, tokenize='ascii'
   )`,
  "INSERT INTO search_words (search_words, rank) VALUES ('automerge', 8)",
  `CREATE TABLE search_docs (
     id INTEGER PRIMARY KEY, conversation_id INTEGER NOT NULL, seq INTEGER NOT NULL, UNIQUE (conversation_id, seq)
   ) STRICT`,
  "CREATE TABLE search_positions (conversation_id INTEGER PRIMARY KEY, seq INTEGER NOT NULL) STRICT",
  "CREATE TABLE search_store (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, epoch INTEGER NOT NULL) STRICT",
];

export interface SqliteIndexOptions {
  /** FTS5 takes about 25 ns for each conversation at each message of one: up to here it is the quicker way. */
  maxSteps?: number;
  /** So many messages that have the words are looked at for whose they are: in a first page, and in a later one. */
  atATime?: number;
  manyAtATime?: number;
}

/** An index on SQLite, in a file of its own or, where there is no file, beside the rest. */
export function sqliteIndex(db: Storage, options: SqliteIndexOptions = {}): SearchIndex {
  const { maxSteps = 2_000_000, atATime = 2_000, manyAtATime = 100_000 } = options;
  return {
    open: async (epoch) => {
      const tables = await db.all("SELECT name FROM sqlite_schema WHERE name = 'search_store'");
      const rows = tables.length === 0 ? [] : await db.all("SELECT version, epoch FROM search_store");
      if (rows[0]?.version === VERSION && rows[0].epoch === epoch) return;
      await db.schemaChange(async (tx) => {
        for (const statement of SCHEMA) await tx.run(statement);
        await tx.insert("search_store", ["id", "version", "epoch"], [[1, VERSION, epoch]]);
      });
    },
    positions: (ids) => readPositions(db, ids),
    write: (batch) => db.transaction((tx) => write(tx, batch)),
    find: (wanted, before, count) =>
      find(db, wanted, { before, count, maxSteps, within: before ? manyAtATime : atATime }),
    leads: () => Promise.resolve(true),
  };
}

async function write(tx: Tx, batch: Batch): Promise<void> {
  const mine = await advance(tx, batch.positions);
  const docs = batch.docs.filter((doc) => mine.has(doc.conversationId));
  const gone = batch.gone.filter((one) => mine.has(one.conversationId));
  // Of messages after what was known before, the index has nothing.
  const known = ({ conversationId, seq }: { conversationId: number; seq: number }) =>
    seq <= batch.positions.get(conversationId)!.from;
  const ids = await idsOf(tx, [...docs, ...gone].filter(known));
  for (const { conversationId, seq } of gone) {
    const id = ids.get(`${conversationId}:${seq}`);
    if (id === undefined) continue;
    await tx.run("DELETE FROM search_words WHERE rowid = ?", [id]);
    await tx.run("DELETE FROM search_docs WHERE id = ?", [id]);
  }
  const fresh: [id: number, doc: Doc][] = [];
  for (const doc of docs) {
    const id = ids.get(`${doc.conversationId}:${doc.seq}`);
    if (id === undefined) fresh.push([0, doc]);
    else await tx.run("UPDATE search_words SET words = ? WHERE rowid = ?", [wordsOf(doc), id]);
  }
  await number(tx, fresh);
  await tx.insert(
    "search_docs",
    ["id", "conversation_id", "seq"],
    fresh.map(([id, d]) => [id, d.conversationId, d.seq]),
  );
  // Ascending: FTS5 writes what it has gathered whenever an id is smaller than the one before.
  await tx.insert("search_words", ["rowid", "words"], fresh.map(([id, doc]) => [id, wordsOf(doc)]));
}

const wordsOf = ({ conversationId, senderId, type, words }: Doc) =>
  `§c${conversationId} §s${senderId} §t${type} ${words.join(" ")}`;

async function idsOf(
  tx: Tx,
  docs: readonly { conversationId: number; seq: number }[],
): Promise<Map<string, number>> {
  const rows = await tx.allIn<Row & { id: number; conversation_id: number; seq: number }>(
    "SELECT id, conversation_id, seq FROM search_docs WHERE (conversation_id, seq) IN {keys}",
    docs.map(({ conversationId, seq }) => [conversationId, seq]),
  );
  return new Map(rows.map((row) => [`${row.conversation_id}:${row.seq}`, row.id]));
}

/** 2025-01-01. An id is the milliseconds since then, and a number among the messages of that millisecond. */
const EPOCH_MS = 1_735_689_600_000;
const IN_ONE_MS = 4096;
const idAt = (at: number) => Math.max(0, at - EPOCH_MS) * IN_ONE_MS;

/** Gives new docs their ids: the next free ones in their milliseconds. Sorts them. */
async function number(tx: Tx, fresh: [id: number, doc: Doc][]): Promise<void> {
  fresh.sort(([, a], [, b]) => a.at - b.at || a.conversationId - b.conversationId || a.seq - b.seq);
  let last = -1;
  for (const one of fresh) {
    const from = idAt(one[1].at);
    if (last < from) {
      const [row] = await tx.all<Row & { id: number | null }>(
        "SELECT MAX(id) AS id FROM search_docs WHERE id >= ? AND id < ?",
        [from, from + IN_ONE_MS],
      );
      last = row.id ?? from - 1;
    }
    let next = last + 1;
    // A millisecond that is full, or the clock of another log: the next free place after it.
    while ((await tx.all("SELECT id FROM search_docs WHERE id = ?", [next])).length > 0) next++;
    one[0] = last = next;
  }
}

interface Found extends Row {
  id: number;
  conversation_id: number;
  seq: number;
}

const toPlace = (row: Found): Place => ({
  at: Math.floor(row.id / IN_ONE_MS) + EPOCH_MS,
  conversationId: row.conversation_id,
  seq: row.seq,
});

/**
 * A word that is common in the asker's conversations is found at once by itself. One that is common elsewhere is asked
 * for together with their conversations, or, where these are too many and too long for that, what has it is looked
 * through.
 */
async function find(
  db: Storage,
  wanted: Wanted,
  { before, count, maxSteps, within }: { before?: Place; count: number; maxSteps: number; within: number },
): Promise<FoundPage> {
  const from = idAt(wanted.from);
  const to = Math.min(idAt(wanted.to), before ? await idOf(db, before) : Number.MAX_SAFE_INTEGER);
  const { conversationIds, size } = wanted;
  const page = (rows: readonly Found[], next?: Found): FoundPage => {
    const last = rows.length === count ? rows[count - 1] : next;
    return { places: rows.map(toPlace), next: last && toPlace(last) };
  };
  if (size * conversationIds.length <= maxSteps) {
    return page(await matches(db, expression(wanted, conversationIds), { from, to, count }));
  }
  const looked = { words: expression(wanted), from, to, within };
  const rows = await matchesOf(db, conversationIds, looked, count);
  return page(rows, rows.length === count ? undefined : await lastLookedAt(db, looked));
}

async function idOf(db: Storage, { at, conversationId, seq }: Place): Promise<number> {
  const [row] = await db.all<Found>("SELECT id FROM search_docs WHERE conversation_id = ? AND seq = ?", [
    conversationId,
    seq,
  ]);
  return row?.id ?? idAt(at);
}

interface Range {
  from: number;
  to: number;
}

function matches(
  db: Storage,
  words: string,
  { from, to, count }: Range & { count: number },
): Promise<Found[]> {
  return db.all<Found>(
    `SELECT d.id, d.conversation_id, d.seq FROM (${WITH_WORDS}) w CROSS JOIN search_docs d ON d.id = w.id`,
    [words, from, to, count],
  );
}

const WITH_WORDS = `SELECT rowid AS id FROM search_words
  WHERE search_words MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC LIMIT ?`;

interface Looked extends Range {
  words: string;
  /** So many that have the words are looked at. */
  within: number;
}

/** Those of these conversations. The loops go as they are written, so that it ends with the last that is wanted. */
function matchesOf(
  db: Storage,
  conversationIds: readonly number[],
  { words, from, to, within }: Looked,
  count: number,
): Promise<Found[]> {
  return db.all<Found>(
    `SELECT d.id, d.conversation_id, d.seq FROM (${WITH_WORDS}) w CROSS JOIN search_docs d ON d.id = w.id
     WHERE d.conversation_id IN (SELECT value FROM json_each(?)) LIMIT ?`,
    [words, from, to, within, JSON.stringify(conversationIds), count],
  );
}

/** The last that was looked at; none where there were no more. */
async function lastLookedAt(db: Storage, { words, from, to, within }: Looked): Promise<Found | undefined> {
  const rows = await db.all<Found>(
    `SELECT d.id, d.conversation_id, d.seq FROM (${WITH_WORDS} OFFSET ?) w CROSS JOIN search_docs d ON d.id = w.id`,
    [words, from, to, 1, within - 1],
  );
  return rows[0];
}

/** In FTS5's language (sqlite.org/fts5.html, section 3). Words hold no quotes. */
function expression(
  { words, senderId, types }: Wanted,
  conversationIds: readonly number[] = [],
): string {
  const any = (marks: readonly string[]) => marks.length === 0 ? [] : [`(${marks.join(" OR ")})`];
  return [
    ...words.map((word) => `"${word}"`),
    ...any(senderId === undefined ? [] : [`"§s${senderId}"`]),
    ...any(types.map((type) => `"§t${type}"`)),
    ...any(conversationIds.map((id) => `"§c${id}"`)),
  ].join(" AND ");
}
