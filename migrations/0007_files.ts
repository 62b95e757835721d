import { type Migration, MYSQL_TABLE } from "./migration.ts";

/**
 * Files: a file is somebody's name for a blob; equal bytes are one blob. file_refs says which entries refer to a
 * file; `seq` is the message, `entry_seq` the entry that brought it (the message itself or an edit). An avatar's
 * holder (a user or a group) stands there with seq 0. Keys in the trash are bytes to be deleted.
 */
export const files: Migration = {
  name: "0007_files",
  sqlite: [
    `CREATE TABLE files (
      id INTEGER PRIMARY KEY,
      owner_id INTEGER NOT NULL,
      purpose INTEGER NOT NULL,
      name TEXT NOT NULL,
      mime TEXT NOT NULL,
      size INTEGER NOT NULL,
      created_at INTEGER NOT NULL,
      blob_id INTEGER NOT NULL DEFAULT 0,
      idle_at INTEGER NOT NULL
    ) STRICT`,
    "CREATE INDEX files_by_owner ON files (owner_id)",
    "CREATE INDEX files_by_blob ON files (blob_id)",
    // Only what nothing refers to is in it.
    "CREATE INDEX files_by_idle ON files (idle_at) WHERE idle_at > 0",
    `CREATE TABLE uploads (
      file_id INTEGER PRIMARY KEY,
      store_key TEXT NOT NULL UNIQUE,
      store_id TEXT NOT NULL DEFAULT '',
      position INTEGER NOT NULL DEFAULT 0,
      touched_at INTEGER NOT NULL
    ) STRICT`,
    "CREATE INDEX uploads_by_touched ON uploads (touched_at)",
    `CREATE TABLE upload_parts (
      file_id INTEGER NOT NULL,
      part INTEGER NOT NULL,
      tag TEXT NOT NULL,
      PRIMARY KEY (file_id, part)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE blobs (
      id INTEGER PRIMARY KEY,
      sha256 TEXT NOT NULL,
      size INTEGER NOT NULL,
      store_key TEXT NOT NULL UNIQUE,
      width INTEGER NOT NULL,
      height INTEGER NOT NULL,
      thumbnail_mime TEXT NOT NULL,
      thumbnail_size INTEGER NOT NULL
    ) STRICT`,
    "CREATE UNIQUE INDEX blobs_by_content ON blobs (sha256, size)",
    `CREATE TABLE file_refs (
      conversation_id INTEGER NOT NULL,
      seq INTEGER NOT NULL,
      entry_seq INTEGER NOT NULL,
      file_id INTEGER NOT NULL,
      PRIMARY KEY (conversation_id, seq, entry_seq, file_id)
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX file_refs_by_file ON file_refs (file_id)",
    `CREATE TABLE blob_trash (
      store_key TEXT PRIMARY KEY,
      store_id TEXT NOT NULL,
      due_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
    "CREATE INDEX blob_trash_by_due ON blob_trash (due_at)",
  ],

  mysql: [
    `CREATE TABLE files (
      id BIGINT PRIMARY KEY,
      owner_id BIGINT NOT NULL,
      purpose INT NOT NULL,
      name VARCHAR(255) NOT NULL,
      mime VARCHAR(127) NOT NULL,
      size BIGINT NOT NULL,
      created_at BIGINT NOT NULL,
      blob_id BIGINT NOT NULL DEFAULT 0,
      idle_at BIGINT NOT NULL,
      INDEX files_by_owner (owner_id),
      INDEX files_by_blob (blob_id),
      INDEX files_by_idle (idle_at)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE uploads (
      file_id BIGINT PRIMARY KEY,
      store_key VARCHAR(64) NOT NULL UNIQUE,
      store_id VARCHAR(1024) NOT NULL DEFAULT '',
      position BIGINT NOT NULL DEFAULT 0,
      touched_at BIGINT NOT NULL,
      INDEX uploads_by_touched (touched_at)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE upload_parts (
      file_id BIGINT NOT NULL,
      part INT NOT NULL,
      tag VARCHAR(128) NOT NULL,
      PRIMARY KEY (file_id, part)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE blobs (
      id BIGINT PRIMARY KEY,
      sha256 CHAR(64) NOT NULL,
      size BIGINT NOT NULL,
      store_key VARCHAR(64) NOT NULL UNIQUE,
      width INT NOT NULL,
      height INT NOT NULL,
      thumbnail_mime VARCHAR(127) NOT NULL,
      thumbnail_size BIGINT NOT NULL,
      UNIQUE INDEX blobs_by_content (sha256, size)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE file_refs (
      conversation_id BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      entry_seq BIGINT NOT NULL,
      file_id BIGINT NOT NULL,
      PRIMARY KEY (conversation_id, seq, entry_seq, file_id),
      INDEX file_refs_by_file (file_id)
    ) ${MYSQL_TABLE}`,
    `CREATE TABLE blob_trash (
      store_key VARCHAR(64) PRIMARY KEY,
      store_id VARCHAR(1024) NOT NULL,
      due_at BIGINT NOT NULL,
      INDEX blob_trash_by_due (due_at)
    ) ${MYSQL_TABLE}`,
  ],
};
