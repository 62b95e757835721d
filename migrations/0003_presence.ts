import type { Migration } from "./migration.ts";

/** When a user was last connected. */
export const presence: Migration = {
  name: "0003_presence",
  sqlite: ["ALTER TABLE users ADD COLUMN last_seen_at INTEGER NOT NULL DEFAULT 0"],

  mysql: [
    "ALTER TABLE users ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0",
  ],
};
