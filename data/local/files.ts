import { ImError } from "../../wire/errors.ts";
import { FilePurpose, type Files } from "../service.ts";
import type { Reads, Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockHeads } from "./entries.ts";
import { lockFiles, seesEntryWith } from "./file_refs.ts";
import { type BlobRow, createSweeping, dropFile, endUpload, throwAway } from "./file_sweep.ts";
import { FILE_SELECT, type FileRow, toFile } from "./file_rows.ts";
import { retryOnce } from "./retry_once.ts";

export function createFiles(db: Storage, clock: Clock): Files {
  const { now, nextId } = clock;
  return {
    create: ({ ownerId, name, mime, size, purpose, quota, maxOpen }) =>
      retryOnce(() =>
        db.transaction(async (tx) => {
          await lockHeads(tx, [ownerId]);
          await requireRoom(tx, { ownerId, size, quota, maxOpen });
          const [id, createdAt] = [nextId(), now()];
          await tx.insert("files", FILE_COLUMNS, [[id, ownerId, purpose, name, mime, size, createdAt, 0]]);
          // Random, so that a key tells nothing and is never given out twice.
          const key = crypto.randomUUID();
          await tx.insert("uploads", ["file_id", "store_key", "touched_at"], [[id, key, createdAt]]);
          return toFile(await readFile(tx, id));
        })
      ),

    async get({ id, userId }) {
      const row = await readFile(db, id);
      const may = row.owner_id === userId ||
        (row.blob_id !== 0 &&
          (row.purpose === FilePurpose.FILE_AVATAR || await seesEntryWith(db, id, userId)));
      if (!may) throw new ImError("file_not_found");
      return toFile(row);
    },

    async listOf({ userId, afterId, limit }) {
      const rows = await db.all<FileRow>(
        `${FILE_SELECT} WHERE f.owner_id = ? AND f.id > ? AND f.blob_id <> 0 ORDER BY f.id LIMIT ?`,
        [userId, afterId, limit],
      );
      return { files: rows.map(toFile) };
    },

    upload: ({ id, userId }) => readUpload(db, id, userId),

    advance: ({ id, userId, fromOffset, toOffset, storeId, part }) =>
      db.transaction(async (tx) => {
        await lockFiles(tx, [id]);
        const upload = await readUpload(tx, id, userId);
        const isOther = storeId !== "" && upload.storeId !== "" && storeId !== upload.storeId;
        if (upload.offset !== fromOffset || isOther || toOffset > upload.size || toOffset < fromOffset) {
          throw new ImError("conflict", `The upload stands at ${upload.offset}`, { field: "offset" });
        }
        await tx.run(
          `UPDATE uploads SET position = ?, touched_at = ?, store_id = CASE WHEN store_id = '' THEN ? ELSE store_id END
           WHERE file_id = ?`,
          [toOffset, now(), storeId, id],
        );
        if (part !== "") {
          await tx.insert("upload_parts", ["file_id", "part", "tag"], [[id, upload.parts.length + 1, part]]);
        }
        return await readUpload(tx, id, userId);
      }),

    complete: (request) =>
      retryOnce(() =>
        db.transaction(async (tx) => {
          const { id, userId, sha256, mime } = request;
          await lockFiles(tx, [id]);
          const file = await readFile(tx, id);
          if (file.owner_id !== userId) throw new ImError("file_not_found");
          if (file.blob_id !== 0) return toFile(file);
          const upload = await readUpload(tx, id, userId);
          if (upload.offset !== upload.size) {
            throw new ImError("conflict", `The upload stands at ${upload.offset}`, { field: "offset" });
          }
          const [same] = await tx.all<BlobRow>("SELECT id FROM blobs WHERE sha256 = ? AND size = ?", [
            sha256,
            file.size,
          ]);
          // Held, so that nobody sweeps it away before this file has it. Gone already: this one takes its place.
          const [held] = same ? await tx.lock("blobs", ["id"], "id", [same.id]) : [];
          const blobId = held ? Number(held.id) : nextId();
          if (held) await throwAway(tx, [{ key: upload.key, storeId: "" }]);
          else {
            const { width, height, thumbnailMime, thumbnailSize } = request;
            await tx.insert("blobs", BLOB_COLUMNS, [
              [blobId, sha256, file.size, upload.key, width, height, thumbnailMime, thumbnailSize],
            ]);
          }
          await endUpload(tx, id);
          await tx.run("UPDATE files SET blob_id = ?, mime = ?, idle_at = ? WHERE id = ?", [
            blobId,
            mime,
            now(),
            id,
          ]);
          return toFile(await readFile(tx, id));
        })
      ),

    remove: ({ id, userId }) =>
      db.transaction(async (tx) => {
        const [file] = await lockFiles(tx, [id]);
        if (file?.owner_id !== userId) return {};
        const refs = await tx.all("SELECT seq FROM file_refs WHERE file_id = ? LIMIT 1", [id]);
        if (refs.length > 0) throw new ImError("conflict", "A message or an avatar refers to it");
        await dropFile(tx, file);
        return {};
      }),

    removeOf: ({ userId, limit }) =>
      db.transaction(async (tx) => {
        const rows = await tx.all<Row & { id: number }>(
          "SELECT id FROM files WHERE owner_id = ? ORDER BY id LIMIT ?",
          [userId, limit + 1],
        );
        for (const file of await lockFiles(tx, rows.slice(0, limit).map((row) => row.id))) {
          await tx.run("DELETE FROM file_refs WHERE file_id = ?", [file.id]);
          await dropFile(tx, file);
        }
        return { more: rows.length > limit };
      }),

    ...createSweeping(db, clock),
  };
}

const FILE_COLUMNS = ["id", "owner_id", "purpose", "name", "mime", "size", "created_at", "idle_at"];
const BLOB_COLUMNS = [
  "id",
  "sha256",
  "size",
  "store_key",
  "width",
  "height",
  "thumbnail_mime",
  "thumbnail_size",
];

/** Whoever holds the owner's head is the only one who adds to their files. */
async function requireRoom(
  tx: Tx,
  { ownerId, size, quota, maxOpen }: { ownerId: number; size: number; quota: number; maxOpen: number },
): Promise<void> {
  const [{ open }] = await tx.all<Row & { open: number }>(
    "SELECT COUNT(*) AS open FROM files f JOIN uploads u ON u.file_id = f.id WHERE f.owner_id = ?",
    [ownerId],
  );
  if (open >= maxOpen) throw new ImError("too_many", `${maxOpen} uploads are under way; end or drop some`);
  if (quota === 0) return;
  const [{ used }] = await tx.all<Row & { used: number }>(
    "SELECT COALESCE(SUM(size), 0) AS used FROM files WHERE owner_id = ?",
    [ownerId],
  );
  if (Number(used) + size > quota) throw new ImError("quota_exceeded");
}

async function readFile(db: Reads, id: number): Promise<FileRow> {
  const [row] = await db.all<FileRow>(`${FILE_SELECT} WHERE f.id = ?`, [id]);
  if (!row) throw new ImError("file_not_found");
  return row;
}

async function readUpload(db: Reads, id: number, userId: number) {
  const [row] = await db.all<
    Row & {
      size: number;
      position: number;
      store_key: string;
      store_id: string;
      purpose: number;
      name: string;
      mime: string;
    }
  >(
    `SELECT f.size, f.purpose, f.name, f.mime, u.position, u.store_key, u.store_id
     FROM files f JOIN uploads u ON u.file_id = f.id WHERE f.id = ? AND f.owner_id = ?`,
    [id, userId],
  );
  if (!row) throw new ImError("file_not_found", "There is no such upload");
  const parts = await db.all<Row & { tag: string }>(
    "SELECT tag FROM upload_parts WHERE file_id = ? ORDER BY part",
    [id],
  );
  const { size, purpose, name, mime, position: offset, store_key: key, store_id: storeId } = row;
  return { id, offset, size, key, storeId, purpose, name, mime, parts: parts.map(({ tag }) => tag) };
}
