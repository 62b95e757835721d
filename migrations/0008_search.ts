import { type Migration, MYSQL_TABLE } from "./migration.ts";

/** The words of messages (data/local/search/). On SQLite they lie in a file of their own, which may be lost. */
export const search: Migration = {
  name: "0008_search",
  sqlite: [],

  mysql: [
    // `words` is ASCII made of each message's words; see data/local/search/mysql_index.ts.
    `CREATE TABLE search_docs (
      conversation_id BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      sender_id BIGINT NOT NULL,
      at BIGINT NOT NULL,
      type VARCHAR(64) NOT NULL,
      words MEDIUMTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      PRIMARY KEY (conversation_id, seq),
      KEY search_by_time (at, conversation_id, seq),
      FULLTEXT KEY search_by_words (words)
    ) ${MYSQL_TABLE}`,
    // How far each log is in it.
    `CREATE TABLE search_positions (
      conversation_id BIGINT PRIMARY KEY,
      seq BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    // Which process indexes, and until when if it says nothing.
    `CREATE TABLE search_lease (
      id BIGINT PRIMARY KEY,
      holder VARCHAR(64) NOT NULL,
      held_until BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    "INSERT IGNORE INTO search_lease (id, holder, held_until) VALUES (1, '', 0)",
  ],
};
