import { type Migration, MYSQL_TABLE } from "./migration.ts";

/** Who people are for another server that vouches for them (OpenID Connect). */
export const identities: Migration = {
  name: "0013_identities",
  sqlite: [
    `CREATE TABLE identities (
      -- Of the issuer and its name for the person.
      hash TEXT PRIMARY KEY,
      user_id INTEGER NOT NULL,
      issuer TEXT NOT NULL,
      linked_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX identities_by_user ON identities (user_id)",
  ],

  mysql: [
    `CREATE TABLE identities (
      hash VARCHAR(64) PRIMARY KEY,
      user_id BIGINT NOT NULL,
      issuer VARCHAR(500) NOT NULL,
      linked_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    "CREATE INDEX identities_by_user ON identities (user_id)",
  ],
};
