import type { Row, Storage, Tx } from "../../sql/driver.ts";
import type { Batch, Doc, SearchIndex } from "./index.ts";
import { createFind, type MysqlFindOptions } from "./mysql_find.ts";
import { written } from "./mysql_words.ts";
import { advance, readPositions } from "./positions.ts";

/** So long the process that indexes does so, if it does not say again that it does. */
const LEASE_MS = 10_000;

/**
 * An index in the database itself, by InnoDB's FULLTEXT over words that we have cut up and written in ASCII. So it is
 * the same on MySQL and on MariaDB, which has no parser for Chinese, and needs no setting of the server: each word is
 * written with at least three letters, none is a stop word, none is longer than 84.
 */
export function mysqlIndex(db: Storage, options?: MysqlFindOptions): SearchIndex {
  const name = crypto.randomUUID();
  return {
    // The tables are made by a migration, and what is restored is restored with them.
    open: () => Promise.resolve(),
    positions: (ids) => readPositions(db, ids),
    write: (batch) => db.transaction((tx) => write(tx, batch)),
    find: createFind(db, options),
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
