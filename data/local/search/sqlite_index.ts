import type { Row, Storage, Tx } from "../../sql/driver.ts";
import type { Batch, Doc, Place, SearchIndex, Wanted } from "./index.ts";
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

/** So many messages are taken by the words alone; if they are mostly others', the conversations are asked for. */
const ANYWHERE = 2_000;
/** So many are asked for at once. */
const FEW_CONVERSATIONS = 16;

/** An index on SQLite, in a file of its own or, where there is no file, beside the rest. */
export function sqliteIndex(db: Storage): SearchIndex {
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
    find: (wanted, before, count) => find(db, wanted, before, count),
    leads: () => Promise.resolve(true),
  };
}

async function write(tx: Tx, batch: Batch): Promise<void> {
  const mine = await advance(tx, batch.positions);
  const docs = batch.docs.filter((doc) => mine.has(doc.conversationId));
  const gone = batch.gone.filter((one) => mine.has(one.conversationId));
  const ids = await idsOf(tx, [...docs, ...gone]);
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

const places = (rows: readonly Found[]): Place[] =>
  rows.map((row) => ({
    at: Math.floor(row.id / IN_ONE_MS) + EPOCH_MS,
    conversationId: row.conversation_id,
    seq: row.seq,
  }));

/**
 * A word that is common in the asker's conversations is found at once by itself; one that is common elsewhere only,
 * by asking for it together with their conversations.
 */
async function find(db: Storage, wanted: Wanted, before: Place | undefined, count: number): Promise<Place[]> {
  const from = idAt(wanted.from);
  const to = Math.min(idAt(wanted.to), before ? await idOf(db, before) : Number.MAX_SAFE_INTEGER);
  const { conversationIds } = wanted;
  if (conversationIds.length <= FEW_CONVERSATIONS) {
    return places(await matches(db, expression(wanted, conversationIds), { from, to }, count));
  }
  const anywhere = await matches(db, expression(wanted), { from, to }, ANYWHERE);
  const mine = new Set(conversationIds);
  const rows = anywhere.filter((row) => mine.has(row.conversation_id)).slice(0, count);
  if (rows.length < count && anywhere.length === ANYWHERE) {
    const older = { from, to: anywhere[ANYWHERE - 1].id };
    rows.push(...await matches(db, expression(wanted, conversationIds), older, count - rows.length));
  }
  return places(rows);
}

async function idOf(db: Storage, { at, conversationId, seq }: Place): Promise<number> {
  const [row] = await db.all<Found>("SELECT id FROM search_docs WHERE conversation_id = ? AND seq = ?", [
    conversationId,
    seq,
  ]);
  return row?.id ?? idAt(at);
}

function matches(
  db: Storage,
  words: string,
  { from, to }: { from: number; to: number },
  count: number,
): Promise<Found[]> {
  return db.all<Found>(
    `SELECT d.id, d.conversation_id, d.seq FROM search_words w CROSS JOIN search_docs d ON d.id = w.rowid
     WHERE search_words MATCH ? AND w.rowid >= ? AND w.rowid < ? ORDER BY w.rowid DESC LIMIT ?`,
    [words, from, to, count],
  );
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
