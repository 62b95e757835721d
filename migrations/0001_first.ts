import { type Migration, MYSQL_TABLE } from "./migration.ts";

/**
 * Accounts, sessions, relations, conversations and the log.
 *
 * Each table of the log leads its primary key with the conversation, so that one conversation lies together
 * and can be sharded by it. The hot path (one message) touches heads, members, sends, entries and marks by
 * primary key and nothing else; there is no secondary index on a table that grows with messages.
 */
export const first: Migration = {
  name: "0001_first",
  sqlite: [
    `CREATE TABLE users (
      id INTEGER PRIMARY KEY,
      username TEXT NOT NULL,
      username_key TEXT NOT NULL UNIQUE,
      display_name TEXT NOT NULL,
      display_key TEXT NOT NULL,
      password_hash TEXT NOT NULL,
      role INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL
    ) STRICT`,
    "CREATE INDEX users_by_display ON users (display_key)",

    // The hash of the one token that makes the first admin; at most one row.
    `CREATE TABLE setup_tokens (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      token_hash TEXT NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT`,

    `CREATE TABLE sessions (
      id INTEGER PRIMARY KEY,
      user_id INTEGER NOT NULL,
      device_name TEXT NOT NULL,
      device_kind TEXT NOT NULL,
      family_hash TEXT NOT NULL,
      refresh_hash TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      used_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      revoked_at INTEGER
    ) STRICT`,
    "CREATE INDEX sessions_by_user ON sessions (user_id)",

    // One row for each side: a friendship is two rows that change together.
    `CREATE TABLE relations (
      user_id INTEGER NOT NULL,
      other_id INTEGER NOT NULL,
      state INTEGER NOT NULL,
      note TEXT NOT NULL DEFAULT '',
      at INTEGER NOT NULL,
      PRIMARY KEY (user_id, other_id)
    ) STRICT, WITHOUT ROWID`,

    // What never changes while messages flow. low/high: the two of a direct conversation, else 0.
    `CREATE TABLE conversations (
      id INTEGER PRIMARY KEY,
      type INTEGER NOT NULL,
      title TEXT NOT NULL,
      low_user_id INTEGER NOT NULL,
      high_user_id INTEGER NOT NULL,
      member_count INTEGER NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT`,
    `CREATE TABLE directs (
      low_user_id INTEGER NOT NULL,
      high_user_id INTEGER NOT NULL,
      conversation_id INTEGER NOT NULL,
      PRIMARY KEY (low_user_id, high_user_id)
    ) STRICT, WITHOUT ROWID`,

    // The counters of a log: the row every append locks and bumps.
    `CREATE TABLE heads (
      conversation_id INTEGER PRIMARY KEY,
      last_seq INTEGER NOT NULL,
      last_message_no INTEGER NOT NULL,
      last_message_seq INTEGER NOT NULL,
      last_at INTEGER NOT NULL
    ) STRICT`,

    // Readable: first_seq to the end, or to left_seq for who has left. can_send is 0 where the other of a
    // direct conversation has blocked this member.
    `CREATE TABLE members (
      conversation_id INTEGER NOT NULL,
      user_id INTEGER NOT NULL,
      role INTEGER NOT NULL,
      can_send INTEGER NOT NULL,
      joined_at INTEGER NOT NULL,
      first_seq INTEGER NOT NULL,
      left_seq INTEGER,
      is_group INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, user_id)
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX members_by_user ON members (user_id, is_group)",

    // Which conversations something happened in, by user and hour: what a device that was away must look at.
    // Direct conversations get a row when their log or a marker moves for the first time in an hour, groups
    // only for who leaves: the groups a user is in are few, and a row for each member is what this avoids.
    `CREATE TABLE touched (
      user_id INTEGER NOT NULL,
      hour INTEGER NOT NULL,
      conversation_id INTEGER NOT NULL,
      PRIMARY KEY (user_id, hour, conversation_id)
    ) STRICT, WITHOUT ROWID`,

    // Read state, apart from members because it changes often. own_unread: the member's own messages after
    // read_seq, which do not count as unread. delivered_seq counts where it is above read_seq. moved_at: when read_seq or what the
    // member set for themselves (muted … draft) last did. No row: nothing yet.
    `CREATE TABLE marks (
      conversation_id INTEGER NOT NULL,
      user_id INTEGER NOT NULL,
      read_seq INTEGER NOT NULL,
      read_no INTEGER NOT NULL,
      own_unread INTEGER NOT NULL,
      delivered_seq INTEGER NOT NULL DEFAULT 0,
      moved_at INTEGER NOT NULL DEFAULT 0,
      muted INTEGER NOT NULL DEFAULT 0,
      pinned_at INTEGER NOT NULL DEFAULT 0,
      archived INTEGER NOT NULL DEFAULT 0,
      draft TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (conversation_id, user_id)
    ) STRICT, WITHOUT ROWID`,

    `CREATE TABLE entries (
      conversation_id INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      kind TEXT NOT NULL,
      sender_id INTEGER NOT NULL,
      at INTEGER NOT NULL,
      message_no INTEGER NOT NULL,
      client_id TEXT NOT NULL,
      body TEXT NOT NULL,
      state TEXT NOT NULL DEFAULT '',
      PRIMARY KEY (conversation_id, seq)
    ) STRICT, WITHOUT ROWID`,

    // Who reacted with what; the counts are in the message's state.
    `CREATE TABLE reactions (
      conversation_id INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      user_id INTEGER NOT NULL,
      emoji TEXT NOT NULL,
      PRIMARY KEY (conversation_id, seq, user_id, emoji)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE pins (
      conversation_id INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, seq)
    ) STRICT, WITHOUT ROWID`,
    // Messages a member has deleted for themselves.
    `CREATE TABLE hidden (
      conversation_id INTEGER NOT NULL,
      user_id INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, user_id, seq)
    ) STRICT, WITHOUT ROWID`,

    // What was sent under which client id (P3). fingerprint: a hash of the body, to tell a retry from a
    // conflict after the message was edited.
    `CREATE TABLE sends (
      conversation_id INTEGER NOT NULL,
      sender_id INTEGER NOT NULL,
      client_id TEXT NOT NULL,
      seq INTEGER NOT NULL,
      fingerprint TEXT NOT NULL,
      PRIMARY KEY (conversation_id, sender_id, client_id)
    ) STRICT, WITHOUT ROWID`,
  ],

  mysql: [
    `CREATE TABLE users (
      id BIGINT PRIMARY KEY,
      username VARCHAR(64) NOT NULL,
      username_key VARCHAR(600) NOT NULL UNIQUE,
      display_name VARCHAR(256) NOT NULL,
      display_key VARCHAR(2000) NOT NULL,
      password_hash VARCHAR(256) NOT NULL,
      role TINYINT NOT NULL DEFAULT 0,
      created_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    "CREATE INDEX users_by_display ON users (display_key(191))",
    `CREATE TABLE setup_tokens (
      id BIGINT PRIMARY KEY,
      token_hash VARCHAR(100) NOT NULL,
      expires_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE sessions (
      id BIGINT PRIMARY KEY,
      user_id BIGINT NOT NULL,
      device_name VARCHAR(256) NOT NULL,
      device_kind VARCHAR(64) NOT NULL,
      family_hash VARCHAR(100) NOT NULL,
      refresh_hash VARCHAR(100) NOT NULL,
      created_at BIGINT NOT NULL,
      used_at BIGINT NOT NULL,
      expires_at BIGINT NOT NULL,
      revoked_at BIGINT
    ) ${MYSQL_TABLE}`,
    "CREATE INDEX sessions_by_user ON sessions (user_id)",
    `CREATE TABLE relations (
      user_id BIGINT NOT NULL,
      other_id BIGINT NOT NULL,
      state TINYINT NOT NULL,
      note VARCHAR(1000) NOT NULL DEFAULT '',
      at BIGINT NOT NULL,
      PRIMARY KEY (user_id, other_id)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE conversations (
      id BIGINT PRIMARY KEY,
      type TINYINT NOT NULL,
      title VARCHAR(400) NOT NULL,
      low_user_id BIGINT NOT NULL,
      high_user_id BIGINT NOT NULL,
      member_count INT NOT NULL,
      created_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE directs (
      low_user_id BIGINT NOT NULL,
      high_user_id BIGINT NOT NULL,
      conversation_id BIGINT NOT NULL,
      PRIMARY KEY (low_user_id, high_user_id)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE heads (
      conversation_id BIGINT PRIMARY KEY,
      last_seq BIGINT NOT NULL,
      last_message_no BIGINT NOT NULL,
      last_message_seq BIGINT NOT NULL,
      last_at BIGINT NOT NULL
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE members (
      conversation_id BIGINT NOT NULL,
      user_id BIGINT NOT NULL,
      role TINYINT NOT NULL,
      can_send TINYINT NOT NULL,
      joined_at BIGINT NOT NULL,
      first_seq BIGINT NOT NULL,
      left_seq BIGINT,
      is_group TINYINT NOT NULL,
      PRIMARY KEY (conversation_id, user_id)
    ) ${MYSQL_TABLE}`,
    "CREATE INDEX members_by_user ON members (user_id, is_group)",
    `CREATE TABLE touched (
      user_id BIGINT NOT NULL,
      hour INT NOT NULL,
      conversation_id BIGINT NOT NULL,
      PRIMARY KEY (user_id, hour, conversation_id)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE marks (
      conversation_id BIGINT NOT NULL,
      user_id BIGINT NOT NULL,
      read_seq BIGINT NOT NULL,
      read_no BIGINT NOT NULL,
      own_unread BIGINT NOT NULL,
      delivered_seq BIGINT NOT NULL DEFAULT 0,
      moved_at BIGINT NOT NULL DEFAULT 0,
      muted TINYINT NOT NULL DEFAULT 0,
      pinned_at BIGINT NOT NULL DEFAULT 0,
      archived TINYINT NOT NULL DEFAULT 0,
      draft MEDIUMTEXT NOT NULL DEFAULT (''),
      PRIMARY KEY (conversation_id, user_id)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE entries (
      conversation_id BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      kind VARCHAR(32) NOT NULL,
      sender_id BIGINT NOT NULL,
      at BIGINT NOT NULL,
      message_no BIGINT NOT NULL,
      client_id VARCHAR(64) NOT NULL,
      body MEDIUMTEXT NOT NULL,
      state MEDIUMTEXT NOT NULL DEFAULT (''),
      PRIMARY KEY (conversation_id, seq)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE reactions (
      conversation_id BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      user_id BIGINT NOT NULL,
      emoji VARCHAR(32) NOT NULL,
      PRIMARY KEY (conversation_id, seq, user_id, emoji)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE pins (
      conversation_id BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, seq)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE hidden (
      conversation_id BIGINT NOT NULL,
      user_id BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, user_id, seq)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE sends (
      conversation_id BIGINT NOT NULL,
      sender_id BIGINT NOT NULL,
      client_id VARCHAR(64) NOT NULL,
      seq BIGINT NOT NULL,
      fingerprint VARCHAR(32) NOT NULL,
      PRIMARY KEY (conversation_id, sender_id, client_id)
    ) ${MYSQL_TABLE}`,
  ],
};
