import { type Migration, MYSQL_TABLE } from "./migration.ts";

/**
 * What groups allow, and the ways in and out of them. What every message asks lies in the rows of conversations and
 * members that it reads already: who_writes (0: owner and admins only; 1: members), muted_until (of everyone but
 * owner and admins; of one member) and dissolved_seq (the last entry of a group that is no more, else 0).
 *
 * members.first_seq to members.left_seq stays all that somebody may read; joined_seq is the entry that let them in,
 * which is another where the group shows new members what came before.
 */
export const groups: Migration = {
  name: "0006_groups",
  sqlite: [
    "ALTER TABLE conversations ADD COLUMN who_writes INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE conversations ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN dissolved_seq INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN who_invites INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN who_changes_info INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN approval INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN history INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN avatar TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE members ADD COLUMN muted_until INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN joined_seq INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN nickname TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE members ADD COLUMN nickname_key TEXT NOT NULL DEFAULT ''",
    "UPDATE members SET joined_seq = first_seq",
    "CREATE INDEX members_by_role ON members (conversation_id, role, user_id)",

    // The long texts of a group, apart from what messages read. No row: none.
    `CREATE TABLE group_texts (
      conversation_id INTEGER PRIMARY KEY,
      description TEXT NOT NULL DEFAULT '',
      announcement TEXT NOT NULL DEFAULT '',
      announced_by INTEGER NOT NULL DEFAULT 0,
      announced_at INTEGER NOT NULL DEFAULT 0
    ) STRICT`,
    `CREATE TABLE group_bans (
      conversation_id INTEGER NOT NULL,
      user_id INTEGER NOT NULL,
      banned_by INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, user_id)
    ) STRICT, WITHOUT ROWID`,
    // Codes that let people in; one that is revoked has no row. 0: never expires, any number of uses.
    `CREATE TABLE group_links (
      code TEXT PRIMARY KEY,
      conversation_id INTEGER NOT NULL,
      created_by INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      max_uses INTEGER NOT NULL,
      uses INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX group_links_by_conversation ON group_links (conversation_id)",
    // Who waits to be let in.
    `CREATE TABLE group_requests (
      conversation_id INTEGER NOT NULL,
      user_id INTEGER NOT NULL,
      note TEXT NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, user_id)
    ) STRICT, WITHOUT ROWID`,
  ],

  mysql: [
    "ALTER TABLE conversations ADD COLUMN who_writes TINYINT NOT NULL DEFAULT 1",
    "ALTER TABLE conversations ADD COLUMN muted_until BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN dissolved_seq BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN who_invites TINYINT NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN who_changes_info TINYINT NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN approval TINYINT NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN history TINYINT NOT NULL DEFAULT 0",
    "ALTER TABLE conversations ADD COLUMN avatar VARCHAR(2048) NOT NULL DEFAULT ''",
    "ALTER TABLE members ADD COLUMN muted_until BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN joined_seq BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE members ADD COLUMN nickname VARCHAR(256) NOT NULL DEFAULT ''",
    "ALTER TABLE members ADD COLUMN nickname_key VARCHAR(2000) NOT NULL DEFAULT ''",
    "UPDATE members SET joined_seq = first_seq WHERE joined_seq = 0",
    "CREATE INDEX members_by_role ON members (conversation_id, role, user_id)",
    `CREATE TABLE group_texts (
      conversation_id BIGINT PRIMARY KEY,
      description VARCHAR(2000) NOT NULL DEFAULT '',
      announcement VARCHAR(8000) NOT NULL DEFAULT '',
      announced_by BIGINT NOT NULL DEFAULT 0,
      announced_at BIGINT NOT NULL DEFAULT 0
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE group_bans (
      conversation_id BIGINT NOT NULL,
      user_id BIGINT NOT NULL,
      banned_by BIGINT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, user_id)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE group_links (
      code VARCHAR(64) PRIMARY KEY,
      conversation_id BIGINT NOT NULL,
      created_by BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      max_uses INT NOT NULL,
      uses INT NOT NULL
    ) ${MYSQL_TABLE}`,
    "CREATE INDEX group_links_by_conversation ON group_links (conversation_id)",
    `CREATE TABLE group_requests (
      conversation_id BIGINT NOT NULL,
      user_id BIGINT NOT NULL,
      note VARCHAR(1000) NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, user_id)
    ) ${MYSQL_TABLE}`,
  ],
};
