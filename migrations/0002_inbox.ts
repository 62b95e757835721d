import { type Migration, MYSQL_TABLE } from "./migration.ts";

/**
 * An inbox for each user (a log whose id is the user's), the list of logs that moved lately, and the epoch.
 */
export const inbox: Migration = {
  name: "0002_inbox",
  sqlite: [
    `INSERT INTO heads (conversation_id, last_seq, last_message_no, last_message_seq, last_at)
     SELECT id, 0, 0, 0, 0 FROM users`,

    // Which logs got an entry, by five seconds: what a gateway's sweep looks at. A row for a log's first entry in
    // a slot and none for the next ones; slots that no sweep asks for any more are deleted.
    `CREATE TABLE moved (
      slot INTEGER NOT NULL,
      log_id INTEGER NOT NULL,
      PRIMARY KEY (slot, log_id)
    ) STRICT, WITHOUT ROWID`,

    // One row: what is true of the store as a whole.
    `CREATE TABLE store (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      epoch INTEGER NOT NULL
    ) STRICT`,
    "INSERT INTO store (id, epoch) VALUES (1, 1)",
  ],

  mysql: [
    `INSERT IGNORE INTO heads (conversation_id, last_seq, last_message_no, last_message_seq, last_at)
     SELECT id, 0, 0, 0, 0 FROM users`,
    `CREATE TABLE moved (
      slot INT NOT NULL,
      log_id BIGINT NOT NULL,
      PRIMARY KEY (slot, log_id)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE store (
      id BIGINT PRIMARY KEY,
      epoch INT NOT NULL
    ) ${MYSQL_TABLE}`,
    "INSERT IGNORE INTO store (id, epoch) VALUES (1, 1)",
  ],
};
