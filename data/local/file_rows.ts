import type { File } from "../service.ts";
import type { Row } from "../sql/driver.ts";

/** How a file lies in tables: its own row, and the blob's where it is complete. */
export interface FileRow extends Row {
  id: number;
  owner_id: number;
  purpose: number;
  name: string;
  mime: string;
  size: number;
  created_at: number;
  blob_id: number;
  sha256: string | null;
  store_key: string | null;
  width: number | null;
  height: number | null;
  thumbnail_mime: string | null;
  thumbnail_size: number | null;
}

export const FILE_SELECT =
  `SELECT f.id, f.owner_id, f.purpose, f.name, f.mime, f.size, f.created_at, f.blob_id,
    b.sha256, b.store_key, b.width, b.height, b.thumbnail_mime, b.thumbnail_size
  FROM files f LEFT JOIN blobs b ON b.id = f.blob_id`;

export function toFile(row: FileRow): File {
  return {
    id: row.id,
    ownerId: row.owner_id,
    purpose: row.purpose,
    name: row.name,
    mime: row.mime,
    size: row.size,
    createdAt: row.created_at,
    complete: row.blob_id !== 0,
    sha256: row.sha256 ?? "",
    key: row.store_key ?? "",
    width: row.width ?? 0,
    height: row.height ?? 0,
    thumbnailMime: row.thumbnail_mime ?? "",
    thumbnailSize: row.thumbnail_size ?? 0,
  };
}
