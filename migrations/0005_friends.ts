import { type Migration, MYSQL_TABLE } from "./migration.ts";

/** Members of direct conversations who are no friends: they may write only where strangers may (`can_send`). */
const STRANGERS = `UPDATE members SET can_send = 2 WHERE is_group = 0 AND can_send = 1 AND NOT EXISTS (
    SELECT 1 FROM conversations c JOIN relations r ON r.user_id = members.user_id AND r.state = 3
      AND r.other_id = c.low_user_id + c.high_user_id - members.user_id
    WHERE c.id = members.conversation_id)`;

/**
 * Remarks, tags and versions of relations. A relation that has ended stays a while as a row of state 0, so that
 * devices learn of it. `version` is the entry of the user's inbox that says of the last change; what was before
 * there were versions gets one below zero of its own.
 */
export const friends: Migration = {
  name: "0005_friends",
  sqlite: [
    "ALTER TABLE relations ADD COLUMN remark TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE relations ADD COLUMN tags TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE relations ADD COLUMN version INTEGER NOT NULL DEFAULT 0",
    "UPDATE relations SET version = -other_id WHERE version = 0",
    "CREATE INDEX relations_by_version ON relations (user_id, version)",
    "CREATE INDEX relations_by_state ON relations (user_id, state, other_id)",
    `CREATE TABLE relation_tags (
      user_id INTEGER NOT NULL,
      tag TEXT NOT NULL,
      other_id INTEGER NOT NULL,
      PRIMARY KEY (user_id, tag, other_id)
    ) STRICT, WITHOUT ROWID`,
    STRANGERS,
  ],

  mysql: [
    "ALTER TABLE relations ADD COLUMN remark VARCHAR(256) NOT NULL DEFAULT ''",
    "ALTER TABLE relations ADD COLUMN tags VARCHAR(1000) NOT NULL DEFAULT ''",
    "ALTER TABLE relations ADD COLUMN version BIGINT NOT NULL DEFAULT 0",
    "UPDATE relations SET version = -other_id WHERE version = 0",
    "CREATE INDEX relations_by_version ON relations (user_id, version)",
    "CREATE INDEX relations_by_state ON relations (user_id, state, other_id)",
    `CREATE TABLE relation_tags (
      user_id BIGINT NOT NULL,
      tag VARCHAR(128) NOT NULL,
      other_id BIGINT NOT NULL,
      PRIMARY KEY (user_id, tag, other_id)
    ) ${MYSQL_TABLE}`,
    STRANGERS,
  ],
};
