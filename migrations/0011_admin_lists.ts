import type { Migration } from "./migration.ts";

/**
 * What admins look through: groups by the beginning of their title, and the audit log by who, what, whom and when.
 * A group of before is found by its title in small letters until it is next renamed.
 */
export const adminLists: Migration = {
  name: "0011_admin_lists",
  sqlite: [
    // The folded title of a group; empty for direct conversations.
    "ALTER TABLE conversations ADD COLUMN title_key TEXT NOT NULL DEFAULT ''",
    "UPDATE conversations SET title_key = lower(title) WHERE title <> ''",
    // The key's rows lie in the order of their ids, so that a page of groups is a range.
    "CREATE INDEX conversations_by_type ON conversations (type)",
    "CREATE INDEX conversations_by_title ON conversations (title_key) WHERE title_key <> ''",
    "CREATE INDEX audit_by_admin ON audit (admin_id)",
    "CREATE INDEX audit_by_act ON audit (act)",
    "CREATE INDEX audit_by_target ON audit (target_id) WHERE target_id > 0",
    "CREATE INDEX audit_by_at ON audit (at)",
  ],

  mysql: [
    "ALTER TABLE conversations ADD COLUMN title_key VARCHAR(2000) NOT NULL DEFAULT ''",
    "UPDATE conversations SET title_key = LOWER(title) WHERE title <> '' AND title_key = ''",
    "CREATE INDEX conversations_by_type ON conversations (type)",
    "CREATE INDEX conversations_by_title ON conversations (title_key(191))",
    "CREATE INDEX audit_by_admin ON audit (admin_id)",
    "CREATE INDEX audit_by_act ON audit (act)",
    "CREATE INDEX audit_by_target ON audit (target_id)",
    "CREATE INDEX audit_by_at ON audit (at)",
  ],
};
