import { type Migration, MYSQL_TABLE } from "./migration.ts";

/** The second factor of a login. */
export const secondFactor: Migration = {
  name: "0012_second_factor",
  sqlite: [
    // Since when it is on; 0: it is off.
    "ALTER TABLE profiles ADD COLUMN factor_at INTEGER NOT NULL DEFAULT 0",
    `CREATE TABLE factors (
      user_id INTEGER PRIMARY KEY,
      secret TEXT NOT NULL,
      -- 0: the secret waits to be confirmed.
      confirmed_at INTEGER NOT NULL,
      -- Codes up to this time step are used up.
      last_step INTEGER NOT NULL,
      -- Tries since a time, which the next after the window sets anew.
      tries INTEGER NOT NULL,
      tries_since INTEGER NOT NULL
    ) STRICT`,
    // Those that are not used yet.
    `CREATE TABLE recovery_codes (
      user_id INTEGER NOT NULL,
      code_hash TEXT NOT NULL,
      PRIMARY KEY (user_id, code_hash)
    ) STRICT, WITHOUT ROWID`,
  ],

  mysql: [
    "ALTER TABLE profiles ADD COLUMN factor_at BIGINT NOT NULL DEFAULT 0",
    `CREATE TABLE factors (
      user_id BIGINT PRIMARY KEY,
      secret VARCHAR(64) NOT NULL,
      confirmed_at BIGINT NOT NULL,
      last_step BIGINT NOT NULL,
      tries INT NOT NULL,
      tries_since BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE recovery_codes (
      user_id BIGINT NOT NULL,
      code_hash VARCHAR(64) NOT NULL,
      PRIMARY KEY (user_id, code_hash)
    ) ${MYSQL_TABLE}`,
  ],
};
