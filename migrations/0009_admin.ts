import { type Migration, MYSQL_TABLE } from "./migration.ts";

/** What admins do, and accounts that programs use. */
export const admin: Migration = {
  name: "0009_admin",
  sqlite: [
    // 0: it is not disabled.
    "ALTER TABLE users ADD COLUMN disabled_at INTEGER NOT NULL DEFAULT 0",
    // Of a bot: the person who made it. 0: a person.
    "ALTER TABLE users ADD COLUMN owner_id INTEGER NOT NULL DEFAULT 0",
    // Of a bot: when its owner deleted it. Its row stays, because what it wrote does.
    "ALTER TABLE users ADD COLUMN closed_at INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX users_by_owner ON users (owner_id) WHERE owner_id > 0",

    // What a bot's token may be used for, with commas between; empty: a person's session, which may all.
    "ALTER TABLE sessions ADD COLUMN scopes TEXT NOT NULL DEFAULT ''",

    // What every admin did. Lines are added, and never changed or deleted.
    `CREATE TABLE audit (
      id INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      admin_id INTEGER NOT NULL,
      act TEXT NOT NULL,
      target_id INTEGER NOT NULL,
      detail TEXT NOT NULL,
      address TEXT NOT NULL
    ) STRICT`,

    // One-time tokens to set a password with.
    `CREATE TABLE password_resets (
      user_id INTEGER PRIMARY KEY,
      token_hash TEXT NOT NULL UNIQUE,
      expires_at INTEGER NOT NULL
    ) STRICT`,

    // What admins tell everyone, and how far that has come.
    `CREATE TABLE broadcasts (
      id INTEGER PRIMARY KEY,
      admin_id INTEGER NOT NULL,
      text TEXT NOT NULL,
      -- A list as JSON; empty: everyone.
      user_ids TEXT NOT NULL,
      at INTEGER NOT NULL,
      -- Users up to this id have been told.
      told_to INTEGER NOT NULL,
      told INTEGER NOT NULL,
      total INTEGER NOT NULL,
      stepped_at INTEGER NOT NULL,
      done_at INTEGER NOT NULL
    ) STRICT`,
    "CREATE INDEX broadcasts_by_done ON broadcasts (done_at, stepped_at)",
  ],

  mysql: [
    "ALTER TABLE users ADD COLUMN disabled_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE users ADD COLUMN owner_id BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE users ADD COLUMN closed_at BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX users_by_owner ON users (owner_id)",
    "ALTER TABLE sessions ADD COLUMN scopes VARCHAR(500) NOT NULL DEFAULT ''",
    `CREATE TABLE audit (
      id BIGINT PRIMARY KEY,
      at BIGINT NOT NULL,
      admin_id BIGINT NOT NULL,
      act VARCHAR(64) NOT NULL,
      target_id BIGINT NOT NULL,
      detail TEXT NOT NULL,
      address VARCHAR(64) NOT NULL
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE password_resets (
      user_id BIGINT PRIMARY KEY,
      token_hash VARCHAR(64) NOT NULL UNIQUE,
      expires_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE broadcasts (
      id BIGINT PRIMARY KEY,
      admin_id BIGINT NOT NULL,
      text TEXT NOT NULL,
      user_ids MEDIUMTEXT NOT NULL,
      at BIGINT NOT NULL,
      told_to BIGINT NOT NULL,
      told INT NOT NULL,
      total INT NOT NULL,
      stepped_at BIGINT NOT NULL,
      done_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    "CREATE INDEX broadcasts_by_done ON broadcasts (done_at, stepped_at)",
  ],
};
