import { LRUCache } from "lru-cache";
import type { Row, Storage, Value } from "../../sql/driver.ts";
import type { FoundPage, Place, SearchIndex, Wanted } from "./index.ts";
import { written } from "./mysql_words.ts";

export interface MysqlFindOptions {
  /** Up to so many entries in the asker's conversations it is cheaper to begin with these than with the word. */
  fewEntries?: number;
  /** So many of the newest messages are looked through before FULLTEXT is asked, and so many at a time instead of it. */
  atATime?: number;
  manyAtATime?: number;
  /** Where so many are found by looking through, that is the quicker way. */
  enough?: number;
}

const MAX_CONVERSATIONS = 500;
/** What FULLTEXT did not find in its time it is not asked for again so soon. */
const TOO_FREQUENT = { max: 100, ttl: 600_000 };

/**
 * FULLTEXT gathers all that has a word before the newest are taken. Where the asker has few entries, it is asked for
 * the word in these. Where they have many, a frequent word is among the newest messages, and of a rare one there is
 * little to gather. What is neither and takes it too long is looked for by going through the messages, page by page.
 */
export function createFind(
  db: Storage,
  { fewEntries = 50_000, atATime = 5_000, manyAtATime = 50_000, enough = 10 }: MysqlFindOptions = {},
): SearchIndex["find"] {
  const tooFrequent = new LRUCache<string, true>(TOO_FREQUENT);
  return async (wanted, before, count) => {
    const { conversationIds, size } = wanted;
    const begin = conversationIds.length === 1 ||
      (conversationIds.length <= MAX_CONVERSATIONS && size <= fewEntries);
    let first: FoundPage = { places: [], next: before };
    if (!begin) {
      first = await lookThrough(db, wanted, { before, count, within: atATime });
      if (!first.next || first.places.length >= Math.min(enough, count)) return first;
    }
    const rest = { before: first.next, count: count - first.places.length };
    const words = expression(wanted, begin ? conversationIds : []);
    const found = tooFrequent.has(words) ? null : await inTime(() => ask(db, wanted, { ...rest, words }));
    if (!found) tooFrequent.set(words, true);
    const { places, next } = found ?? await lookThrough(db, wanted, { ...rest, within: manyAtATime });
    return { places: [...first.places, ...places], next };
  };
}

interface PlaceRow extends Row {
  at: number;
  conversation_id: number;
  seq: number;
}

const toPlace = (row: PlaceRow): Place => ({ at: row.at, conversationId: row.conversation_id, seq: row.seq });

type Condition = [sql: string, ...values: Value[]];

const sqlOf = (conditions: readonly Condition[]) => conditions.map(([sql]) => sql).join(" AND ");
const valuesOf = (conditions: readonly Condition[]) => conditions.flatMap(([, ...values]) => values);

interface Part {
  before: Place | undefined;
  count: number;
}

/** By FULLTEXT. */
async function ask(
  db: Storage,
  wanted: Wanted,
  { before, count, words }: Part & { words: string },
): Promise<FoundPage> {
  const conditions: Condition[] = [
    ["MATCH (d.words) AGAINST (? IN BOOLEAN MODE)", words],
    ...inRange(wanted, before),
    ...filters(wanted),
  ];
  const rows = await db.all<PlaceRow>(
    `SELECT d.at, d.conversation_id, d.seq FROM search_docs d
     JOIN members m ON m.conversation_id = d.conversation_id AND m.user_id = ?
     WHERE ${sqlOf(conditions)} ORDER BY d.at DESC, d.conversation_id DESC, d.seq DESC LIMIT ?`,
    [wanted.userId, ...valuesOf(conditions), count],
  );
  const places = rows.map(toPlace);
  return { places, next: rows.length === count ? places.at(-1) : undefined };
}

/**
 * Among the next `within` messages of all. The index by time has these without their words, which are read only of
 * those in the asker's conversations; the joins go as they are written, so that it ends with the last that is wanted.
 * Left alone, MariaDB goes through all of the asker's conversations for each message.
 */
async function lookThrough(
  db: Storage,
  wanted: Wanted,
  { before, count, within }: Part & { within: number },
): Promise<FoundPage> {
  const range = inRange(wanted, before);
  const newest = "search_docs d FORCE INDEX (search_by_time)";
  const order = "ORDER BY d.at DESC, d.conversation_id DESC, d.seq DESC";
  const [last] = (await db.all<PlaceRow>(
    `SELECT d.at, d.conversation_id, d.seq FROM ${newest} WHERE ${sqlOf(range)} ${order} LIMIT 1 OFFSET ?`,
    [...valuesOf(range), within - 1],
  )).map(toPlace);
  const conditions: Condition[] = [
    ...range,
    ...(last ? placed(">=", last) : []),
    ...filters(wanted, "w"),
    // Every word has a space before it: the first one is the conversation's.
    ...wanted.words.map((word): Condition => ["w.words LIKE ?", `% ${written(word)}%`]),
  ];
  const rows = await db.all<PlaceRow>(
    `SELECT STRAIGHT_JOIN d.at, d.conversation_id, d.seq FROM ${newest}
     JOIN members m FORCE INDEX (PRIMARY) ON m.conversation_id = d.conversation_id AND m.user_id = ?
     JOIN search_docs w ON w.conversation_id = d.conversation_id AND w.seq = d.seq
     WHERE ${sqlOf(conditions)} ${order} LIMIT ?`,
    [wanted.userId, ...valuesOf(conditions), count],
  );
  const places = rows.map(toPlace);
  return { places, next: rows.length === count ? places.at(-1) : last };
}

function inRange({ from, to, conversationIds }: Wanted, before: Place | undefined): Condition[] {
  const one: Condition[] = conversationIds.length === 1
    ? [["d.conversation_id = ?", conversationIds[0]]]
    : [];
  return [["d.at >= ?", from], ["d.at < ?", to], ...one, ...(before ? placed("<", before) : [])];
}

/** Before a place, or from it on. Said twice: no index is used for three columns at once. */
function placed(how: "<" | ">=", { at, conversationId, seq }: Place): Condition[] {
  const loose = how === "<" ? "<=" : ">=";
  return [
    [`d.at ${loose} ?`, at],
    [`(d.at, d.conversation_id, d.seq) ${how} (?, ?, ?)`, at, conversationId, seq],
  ];
}

/** Of the table that has them. */
function filters({ senderId, types }: Wanted, table = "d"): Condition[] {
  return [
    ...(senderId === undefined ? [] : [[`${table}.sender_id = ?`, senderId] satisfies Condition]),
    ...(types.length === 0
      ? []
      : [[`${table}.type IN (${types.map(() => "?")})`, ...types] satisfies Condition]),
  ];
}

/** Null where it took too long. */
async function inTime<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (/statement.time|statement execution time/.test((error as Error).message)) return null;
    throw error;
  }
}

/**
 * In the language of boolean mode. It gathers all that has the first part and then looks which of that has the others:
 * so the conversations stand first, and then the longest word, which mostly is the rarest.
 */
function expression({ words }: Wanted, conversationIds: readonly number[]): string {
  const conversations = conversationIds.length === 0
    ? []
    : [`+(${conversationIds.map((id) => `zc${id}`).join(" ")})`];
  const longestFirst = words.toSorted((a, b) => b.length - a.length);
  return [...conversations, ...longestFirst.map((word) => `+${written(word)}`)].join(" ");
}
