import type { Files, Trash } from "../service.ts";
import type { Row, Storage, Tx } from "../sql/driver.ts";
import type { Clock } from "./clock.ts";
import { lockFiles } from "./file_refs.ts";

export interface BlobRow extends Row {
  id: number;
  store_key: string;
}

interface DroppedRow extends Row {
  id: number;
  blob_id: number;
}

/** Nobody else is given the same trash for so long. */
const LEASE_MS = 10 * 60_000;

/**
 * Getting rid of files. The row says first that a blob's bytes are trash; then they are deleted; then the row goes.
 * A crash anywhere between leaves a row that is met again, and deleting what is gone is no error.
 */
export function createSweeping(db: Storage, { now }: Clock): Pick<Files, "sweep" | "swept" | "known"> {
  return {
    sweep: ({ uploadAgeMs, idleAgeMs, limit }) =>
      db.transaction(async (tx) => {
        const abandoned = await tx.all<Row & { id: number }>(
          "SELECT file_id AS id FROM uploads WHERE touched_at <= ? ORDER BY touched_at LIMIT ?",
          [now() - uploadAgeMs, limit],
        );
        const idle = await tx.all<Row & { id: number }>(
          "SELECT id FROM files WHERE idle_at > 0 AND idle_at <= ? ORDER BY idle_at LIMIT ?",
          [now() - idleAgeMs, limit],
        );
        const held = await lockFiles(tx, [...abandoned, ...idle].map((row) => row.id));
        const due = await stillDue(tx, held, now() - uploadAgeMs, now() - idleAgeMs);
        for (const file of due) await dropFile(tx, file);
        return { trash: await takeTrash(tx, now(), limit) };
      }),

    swept: ({ keys }) =>
      db.transaction(async (tx) => {
        for (const key of keys) await tx.run("DELETE FROM blob_trash WHERE store_key = ?", [key]);
        return {};
      }),

    async known({ keys }) {
      const wanted = keys.map((key) => [key]);
      const found: string[] = [];
      for (const table of ["uploads", "blobs", "blob_trash"]) {
        const rows = await db.allIn<Row & { store_key: string }>(
          `SELECT store_key FROM ${table} WHERE store_key IN {keys}`,
          wanted,
        );
        found.push(...rows.map((row) => row.store_key));
      }
      return { keys: found };
    },
  };
}

/** Of files whose rows are held now, those that nobody has touched since they were looked at. */
async function stillDue(
  tx: Tx,
  held: readonly DroppedRow[],
  uploadsBefore: number,
  idleBefore: number,
): Promise<DroppedRow[]> {
  const ids = held.map((file) => [file.id]);
  const rows = await tx.allIn<Row & { id: number }>(
    `SELECT f.id FROM files f LEFT JOIN uploads u ON u.file_id = f.id
     WHERE f.id IN {keys} AND ((u.touched_at IS NOT NULL AND u.touched_at <= ${uploadsBefore})
       OR (f.blob_id <> 0 AND f.idle_at > 0 AND f.idle_at <= ${idleBefore}))`,
    ids,
  );
  const due = new Set(rows.map((row) => row.id));
  return held.filter((file) => due.has(file.id));
}

/** Deletes a file whose row is held, and its bytes if they are nobody else's. */
export async function dropFile(tx: Tx, file: DroppedRow): Promise<void> {
  const [upload] = await tx.all<Row & { store_key: string; store_id: string }>(
    "SELECT store_key, store_id FROM uploads WHERE file_id = ?",
    [file.id],
  );
  if (upload) {
    await throwAway(tx, [{ key: upload.store_key, storeId: upload.store_id }]);
    await endUpload(tx, file.id);
  }
  await tx.run("DELETE FROM files WHERE id = ?", [file.id]);
  const [blob] = file.blob_id === 0
    ? []
    : await tx.lock<BlobRow>("blobs", ["id", "store_key"], "id", [file.blob_id]);
  if (!blob) return;
  const others = await tx.all("SELECT id FROM files WHERE blob_id = ? LIMIT 1", [blob.id]);
  if (others.length > 0) return;
  await tx.run("DELETE FROM blobs WHERE id = ?", [blob.id]);
  await throwAway(tx, [{ key: blob.store_key, storeId: "" }]);
}

export async function endUpload(tx: Tx, id: number): Promise<void> {
  await tx.run("DELETE FROM uploads WHERE file_id = ?", [id]);
  await tx.run("DELETE FROM upload_parts WHERE file_id = ?", [id]);
}

export async function throwAway(tx: Tx, trash: readonly Trash[]): Promise<void> {
  const rows = trash.map(({ key, storeId }) => [key, storeId, 0]);
  await tx.insertMissing("blob_trash", ["store_key", "store_id", "due_at"], rows);
}

async function takeTrash(tx: Tx, now: number, limit: number): Promise<Trash[]> {
  const rows = await tx.all<Row & { store_key: string; store_id: string; due_at: number }>(
    "SELECT store_key, store_id, due_at FROM blob_trash WHERE due_at <= ? ORDER BY due_at LIMIT ?",
    [now, limit],
  );
  const taken: Trash[] = [];
  for (const { store_key: key, store_id: storeId, due_at: dueAt } of rows) {
    // Who changes the row has it; another gateway may have read the same.
    const changed = await tx.run("UPDATE blob_trash SET due_at = ? WHERE store_key = ? AND due_at = ?", [
      now + LEASE_MS,
      key,
      dueAt,
    ]);
    if (changed === 1) taken.push({ key, storeId });
  }
  return taken;
}
