import { type Migration, MYSQL_TABLE } from "./migration.ts";

/**
 * What tells a cache which users are not what they were: each change of what others see of a user has the next
 * number of the store, so that the numbers after a known one name all users who were changed since.
 */
export const revisions: Migration = {
  name: "0010_revisions",
  sqlite: [
    "ALTER TABLE store ADD COLUMN revision INTEGER NOT NULL DEFAULT 0",
    // What tells this store from another one behind the same Redis.
    "ALTER TABLE store ADD COLUMN name TEXT NOT NULL DEFAULT ''",
    "UPDATE store SET name = lower(hex(randomblob(8)))",
    `CREATE TABLE revised (
      user_id INTEGER PRIMARY KEY,
      revision INTEGER NOT NULL
    ) STRICT`,
    "CREATE INDEX revised_by_revision ON revised (revision)",
  ],

  mysql: [
    "ALTER TABLE store ADD COLUMN revision BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE store ADD COLUMN name VARCHAR(32) NOT NULL DEFAULT ''",
    "UPDATE store SET name = LEFT(MD5(CONCAT(UUID(), RAND())), 16) WHERE name = ''",
    `CREATE TABLE revised (
      user_id BIGINT PRIMARY KEY,
      revision BIGINT NOT NULL,
      KEY revised_by_revision (revision)
    ) ${MYSQL_TABLE}`,
  ],
};
