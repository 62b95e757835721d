import { ImError } from "../../../wire/errors.ts";
import type { Row, Storage, Tx, Value } from "../../sql/driver.ts";
import type { Batch, Doc, FoundPage, Place, SearchIndex, Wanted } from "./index.ts";
import { advance, readPositions } from "./positions.ts";

/** So long the process that indexes does so, if it does not say again that it does. */
const LEASE_MS = 10_000;
/** Up to so many entries in the asker's conversations it is cheaper to begin with these than with the word. */
const FEW_ENTRIES = 50_000;
const MAX_CONVERSATIONS = 500;

/**
 * An index in the database itself, by InnoDB's FULLTEXT over words that we have cut up and written in ASCII. So it is
 * the same on MySQL and on MariaDB, which has no parser for Chinese, and needs no setting of the server: each word is
 * written with at least three letters, none is a stop word, none is longer than 84.
 */
export function mysqlIndex(db: Storage, name = crypto.randomUUID()): SearchIndex {
  return {
    // The tables are made by a migration, and what is restored is restored with them.
    open: () => Promise.resolve(),
    positions: (ids) => readPositions(db, ids),
    write: (batch) => db.transaction((tx) => write(tx, batch)),
    find: (wanted, before, count) => find(db, wanted, before, count),
    leads: (now) =>
      db.transaction(async (tx) => {
        const [row] = await tx.lock<Row & { holder: string; held_until: number }>(
          "search_lease",
          ["holder", "held_until"],
          "id",
          [1],
        );
        const isHeld = row.held_until > now && row.held_until <= now + LEASE_MS;
        if (row.holder !== name && isHeld) return false;
        // Said again in time, and not each time: it is a commit.
        if (isHeld && row.held_until - now > LEASE_MS / 2) return true;
        await tx.run("UPDATE search_lease SET holder = ?, held_until = ? WHERE id = 1", [
          name,
          now + LEASE_MS,
        ]);
        return true;
      }),
  };
}

async function write(tx: Tx, batch: Batch): Promise<void> {
  const mine = await advance(tx, batch.positions);
  const gone = batch.gone.filter((one) => mine.has(one.conversationId));
  for (const { conversationId, seq } of gone) {
    await tx.run("DELETE FROM search_docs WHERE conversation_id = ? AND seq = ?", [conversationId, seq]);
  }
  const docs = batch.docs.filter((doc) => mine.has(doc.conversationId)).map((doc) => [
    doc.conversationId,
    doc.seq,
    doc.senderId,
    doc.at,
    doc.type,
    wordsOf(doc),
  ]);
  const columns = ["conversation_id", "seq", "sender_id", "at", "type", "words"];
  await tx.upsert("search_docs", columns, 2, "set", docs);
}

const wordsOf = ({ conversationId, words }: Doc) => [`zc${conversationId}`, ...words.map(written)].join(" ");

/** FULLTEXT leaves out longer ones. What is cut off the end is cut off in texts and in queries. */
const MAX_WRITTEN = 84;

/** A word in letters and digits. */
function written(word: string): string {
  let text = "zw";
  for (const character of word) {
    const code = character.codePointAt(0)!;
    const next = /[a-z0-9]/.test(character)
      ? character
      : code < 0x10000
      ? `z${code.toString(16).padStart(4, "0")}`
      : `y${code.toString(16).padStart(6, "0")}`;
    if (text.length + next.length > MAX_WRITTEN) break;
    text += next;
  }
  return text;
}

async function find(
  db: Storage,
  wanted: Wanted,
  before: Place | undefined,
  count: number,
): Promise<FoundPage> {
  const { conversationIds, userId, size, senderId, types, from, to } = wanted;
  const begin = conversationIds.length === 1 ||
    (conversationIds.length <= MAX_CONVERSATIONS && size <= FEW_ENTRIES);
  const conditions = ["MATCH (d.words) AGAINST (? IN BOOLEAN MODE)", "d.at >= ?", "d.at < ?"];
  const values: Value[] = [expression(wanted, begin ? conversationIds : []), from, to];
  if (senderId !== undefined) conditions.push("d.sender_id = ?"), values.push(senderId);
  if (types.length > 0) conditions.push(`d.type IN (${types.map(() => "?")})`), values.push(...types);
  if (before) {
    conditions.push(
      "(d.at < ? OR (d.at = ? AND (d.conversation_id < ? OR (d.conversation_id = ? AND d.seq < ?))))",
    );
    values.push(before.at, before.at, before.conversationId, before.conversationId, before.seq);
  }
  const join = begin ? "" : "JOIN members m ON m.conversation_id = d.conversation_id AND m.user_id = ?";
  const rows = await inTime(() =>
    db.all<Row & { at: number; conversation_id: number; seq: number }>(
      `SELECT d.at, d.conversation_id, d.seq FROM search_docs d ${join} WHERE ${conditions.join(" AND ")}
     ORDER BY d.at DESC, d.conversation_id DESC, d.seq DESC LIMIT ?`,
      [...(begin ? [] : [userId]), ...values, count],
    )
  );
  const places = rows.map((row) => ({ at: row.at, conversationId: row.conversation_id, seq: row.seq }));
  return { places, next: rows.length === count ? places.at(-1) : undefined };
}

/** FULLTEXT gathers all that has a word before the newest are taken; of the most frequent words that is too much. */
async function inTime<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!/statement.time|statement execution time/.test((error as Error).message)) throw error;
    throw new ImError("too_large", "These words are too frequent; name a conversation", { field: "query" });
  }
}

/** In the language of boolean mode; it goes through its parts in their order, so the conversations stand first. */
function expression({ words }: Wanted, conversationIds: readonly number[]): string {
  const conversations = conversationIds.length === 0
    ? []
    : [`+(${conversationIds.map((id) => `zc${id}`).join(" ")})`];
  return [...conversations, ...words.map((word) => `+${written(word)}`)].join(" ");
}
