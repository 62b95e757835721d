import { type Migration, MYSQL_TABLE } from "./migration.ts";

/**
 * What people say of themselves. What stands beside every name (avatar, status) lies with the user; what is longer or
 * private lies in profiles, where no row means nothing said. The names that were given up, and the accounts whose
 * erasing is under way.
 */
export const profiles: Migration = {
  name: "0004_profiles",
  sqlite: [
    "ALTER TABLE users ADD COLUMN avatar TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN status TEXT NOT NULL DEFAULT ''",
    // find_by, write_by, seen_by: 0 everyone, 1 friends, 2 nobody. renamed_at: 0 never.
    `CREATE TABLE profiles (
      user_id INTEGER PRIMARY KEY,
      bio TEXT NOT NULL DEFAULT '',
      custom TEXT NOT NULL DEFAULT '',
      email TEXT NOT NULL DEFAULT '',
      phone TEXT NOT NULL DEFAULT '',
      find_by INTEGER NOT NULL DEFAULT 0,
      write_by INTEGER NOT NULL DEFAULT 0,
      seen_by INTEGER NOT NULL DEFAULT 0,
      renamed_at INTEGER NOT NULL DEFAULT 0
    ) STRICT`,
    // Names that were given up, kept a while from others than user_id (0: from all). Only a hash: the name is erased.
    `CREATE TABLE kept_names (
      name_hash TEXT PRIMARY KEY,
      user_id INTEGER NOT NULL,
      until INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    // Accounts that are being erased, and how far that has come.
    `CREATE TABLE deletions (
      user_id INTEGER PRIMARY KEY,
      stage INTEGER NOT NULL,
      after_id INTEGER NOT NULL,
      stepped_at INTEGER NOT NULL
    ) STRICT`,
    "CREATE INDEX relations_by_other ON relations (other_id)",
  ],

  mysql: [
    "ALTER TABLE users ADD COLUMN avatar VARCHAR(2048) NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN status VARCHAR(400) NOT NULL DEFAULT ''",
    `CREATE TABLE profiles (
      user_id BIGINT PRIMARY KEY,
      bio VARCHAR(2000) NOT NULL DEFAULT '',
      custom MEDIUMTEXT NOT NULL DEFAULT (''),
      email VARCHAR(320) NOT NULL DEFAULT '',
      phone VARCHAR(32) NOT NULL DEFAULT '',
      find_by TINYINT NOT NULL DEFAULT 0,
      write_by TINYINT NOT NULL DEFAULT 0,
      seen_by TINYINT NOT NULL DEFAULT 0,
      renamed_at BIGINT NOT NULL DEFAULT 0
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE kept_names (
      name_hash VARCHAR(64) PRIMARY KEY,
      user_id BIGINT NOT NULL,
      until BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE deletions (
      user_id BIGINT PRIMARY KEY,
      stage INT NOT NULL,
      after_id BIGINT NOT NULL,
      stepped_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    "CREATE INDEX relations_by_other ON relations (other_id)",
  ],
};
