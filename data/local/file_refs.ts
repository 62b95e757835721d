import { fileIdOf } from "../../wire/content.ts";
import { ImError } from "../../wire/errors.ts";
import type { Reads, Row, Tx } from "../sql/driver.ts";

/**
 * Which entries refer to which files. Kept in the transaction that stores, edits or takes back the message, so that a
 * file is there exactly as long as something refers to it, and whoever may see the entry may read the file.
 *
 * Locks are taken in the order heads, files, blobs. Who adds a reference holds the file's row, and so does who
 * deletes the file: a message never gets a file that is just being swept away.
 */

/** As it stands in every body that refers to one of our files: bodies are written by JSON.stringify. */
const MARK = '"/api/v1/files/';
const REF_COLUMNS = ["conversation_id", "seq", "entry_seq", "file_id"];

/** Who wants to use the files of a body. */
interface Use {
  userId: number;
  body: string;
}

interface FileRow extends Row {
  id: number;
  owner_id: number;
  blob_id: number;
  size: number;
  mime: string;
}

/** What a batch of bodies may refer to, and what they then do. */
export interface FileUses {
  /** Why this user may not send this body: a file they do not see, or that is not what it is said to be; null: they may. */
  refuse(use: Use): ImError | null;
  /** The message `seq` refers to the files of this body since `entrySeq`. */
  note(conversationId: number, seq: number, entrySeq: number, body: string): void;
  /** Writes what was noted. */
  flush(tx: Tx): Promise<void>;
}

const NOTHING: FileUses = { refuse: () => null, note: () => {}, flush: () => Promise.resolve() };

/** Looks at bodies before they are stored. A text that names no file costs one search for a word. */
export async function readFileUses(tx: Tx, uses: readonly Use[]): Promise<FileUses> {
  const referring = uses.filter(({ body }) => body.includes(MARK));
  if (referring.length === 0) return NOTHING;
  const contents = new Map(referring.map(({ body }) => [body, JSON.parse(body) as Referring]));
  const idsOf = new Map([...contents].map(([body, content]) => [body, fileIdsIn(content)]));
  const rows = await lockFiles(tx, [...idsOf.values()].flat());
  const fileOf = new Map(rows.map((row) => [row.id, row]));
  const allowed = new Set<string>();
  for (const { userId, body } of referring) {
    for (const id of idsOf.get(body)!) {
      const row = fileOf.get(id);
      const key = `${userId}:${id}`;
      if (!row || row.blob_id === 0 || allowed.has(key)) continue;
      if (row.owner_id === userId || await seesEntryWith(tx, id, userId)) allowed.add(key);
    }
  }
  const refs = new Map<string, number[]>();
  return {
    refuse({ userId, body }) {
      const missing = idsOf.get(body)?.find((id) => !allowed.has(`${userId}:${id}`));
      if (missing !== undefined) {
        const why = `There is no file ${missing}, or you may not see it`;
        return new ImError("file_not_found", why, { field: "content" });
      }
      const content = contents.get(body);
      return content ? misstated(content, fileOf) : null;
    },
    note(conversationId, seq, entrySeq, body) {
      for (const id of idsOf.get(body) ?? []) {
        const row = [conversationId, seq, entrySeq, id];
        refs.set(row.join(":"), row);
      }
    },
    async flush(tx) {
      if (refs.size === 0) return;
      const rows = [...refs.values()];
      await tx.insert("file_refs", REF_COLUMNS, rows);
      for (const id of new Set(rows.map(([, , , id]) => id))) {
        await tx.run("UPDATE files SET idle_at = 0 WHERE id = ? AND idle_at > 0", [id]);
      }
    },
  };
}

/** These messages refer to nothing any more, because their contents are gone. */
export async function releaseFiles(
  tx: Tx,
  conversationId: number,
  seqs: readonly number[],
  now: number,
): Promise<void> {
  const refs = await tx.allIn<Row & { file_id: number }>(
    "SELECT file_id FROM file_refs WHERE (conversation_id, seq) IN {keys}",
    seqs.map((seq) => [conversationId, seq]),
  );
  if (refs.length === 0) return;
  const ids = [...new Set(refs.map((row) => row.file_id))];
  await lockFiles(tx, ids);
  for (const seq of seqs) {
    await tx.run("DELETE FROM file_refs WHERE conversation_id = ? AND seq = ?", [conversationId, seq]);
  }
  await markIdle(tx, ids, now);
}

/** The place in file_refs of whoever has a picture: no entry has seq 0. */
const AVATAR_SEQ = 0;

/**
 * Makes `url` the picture of a user or a group (`holderId`) in place of the one before; empty: no picture. What is no
 * file of ours is nobody's business here. Errors and guarantees: setAvatarFile.
 */
export async function setAvatarUrl(
  tx: Tx,
  { url, ...who }: { holderId: number; actorId: number; url: string },
  now: number,
): Promise<void> {
  const id = fileIdOf(url);
  await setAvatarFile(tx, { ...who, fileId: id === null ? null : Number(id) }, now);
}

/**
 * Makes a file the picture of a user or a group (`holderId`) in place of the one before; null: none. It must be an avatar
 * that the actor has uploaded, and stays as long as it is somebody's picture. The holder's head is held.
 * Errors: file_not_found.
 */
export async function setAvatarFile(
  tx: Tx,
  { holderId, actorId, fileId }: { holderId: number; actorId: number; fileId: number | null },
  now: number,
): Promise<void> {
  const [old] = await tx.all<Row & { file_id: number }>(
    "SELECT file_id FROM file_refs WHERE conversation_id = ? AND seq = ?",
    [holderId, AVATAR_SEQ],
  );
  const [oldId, newId] = [old?.file_id, fileId ?? undefined];
  if (oldId === newId) return;
  await lockFiles(tx, [oldId, newId].filter((one) => one !== undefined));
  if (newId !== undefined) await requireAvatar(tx, newId, actorId);
  if (oldId !== undefined) await releaseFiles(tx, holderId, [AVATAR_SEQ], now);
  if (newId === undefined) return;
  await tx.insert("file_refs", REF_COLUMNS, [[holderId, AVATAR_SEQ, AVATAR_SEQ, newId]]);
  await tx.run("UPDATE files SET idle_at = 0 WHERE id = ?", [newId]);
}

async function requireAvatar(tx: Tx, id: number, ownerId: number): Promise<void> {
  const usable = await tx.all(
    "SELECT id FROM files WHERE id = ? AND owner_id = ? AND purpose = 1 AND blob_id <> 0",
    [id, ownerId],
  );
  if (usable.length === 0) throw new ImError("file_not_found", undefined, { field: "avatar" });
}

/** Whether an entry that this user may see refers to the file: in their part of the log, and not hidden by them. */
export async function seesEntryWith(db: Reads, fileId: number, userId: number): Promise<boolean> {
  const rows = await db.all(
    `SELECT r.seq FROM file_refs r
     JOIN members m ON m.conversation_id = r.conversation_id AND m.user_id = ?
     WHERE r.file_id = ? AND r.entry_seq >= m.first_seq AND (m.left_seq IS NULL OR r.entry_seq <= m.left_seq)
       AND NOT EXISTS (
         SELECT 1 FROM hidden h WHERE h.conversation_id = r.conversation_id AND h.user_id = m.user_id
         AND h.seq = r.seq)
     LIMIT 1`,
    [userId, fileId],
  );
  return rows.length > 0;
}

export function lockFiles(tx: Tx, ids: readonly number[]): Promise<FileRow[]> {
  return tx.lock<FileRow>("files", ["id", "owner_id", "blob_id", "size", "mime"], "id", [...new Set(ids)]);
}

/** Those of these files to which nothing refers wait from now on to be swept away; their rows are held. */
async function markIdle(tx: Tx, ids: readonly number[], now: number): Promise<void> {
  const used = await tx.allIn<Row & { file_id: number }>(
    "SELECT DISTINCT file_id FROM file_refs WHERE file_id IN {keys}",
    ids.map((id) => [id]),
  );
  const usedIds = new Set(used.map((row) => row.file_id));
  for (const id of ids.filter((id) => !usedIds.has(id))) {
    await tx.run("UPDATE files SET idle_at = ? WHERE id = ?", [now, id]);
  }
}

/**
 * Why a content may not say of its file what it says: we have the bytes and know better. Its name is the sender's to
 * choose. What is merged was looked at when it was said.
 */
function misstated({ type = "", file }: Referring, fileOf: ReadonlyMap<number, FileRow>): ImError | null {
  if (!FILE_TYPES.includes(type) || typeof file?.url !== "string") return null;
  const row = fileOf.get(Number(fileIdOf(file.url)));
  if (!row) return null;
  if (file.size !== row.size) return wrong("size", `The file has ${row.size} bytes`);
  return String(file.mime).toLowerCase() === row.mime ? null : wrong("mime", `The file is ${row.mime}`);
}

const wrong = (field: string, why: string) =>
  new ImError("invalid_params", why, { field: `content.file.${field}` });

/** What a content may refer to files by: its file, its thumbnail, and those of what is merged in it. */
interface Referring {
  type?: string;
  file?: { url?: unknown; size?: unknown; mime?: unknown };
  thumbnail?: unknown;
  items?: { content?: Referring }[];
}

const FILE_TYPES = ["image", "file", "voice", "video"];

function fileIdsIn(content: Referring): number[] {
  const ids = new Set<number>();
  const visit = ({ type = "", file, thumbnail, items }: Referring) => {
    if (FILE_TYPES.includes(type)) {
      for (const url of [file?.url, thumbnail]) {
        const id = typeof url === "string" ? fileIdOf(url) : null;
        if (id !== null) ids.add(Number(id));
      }
    }
    if (type === "merged") items?.forEach(({ content }) => content && visit(content));
  };
  visit(content);
  return [...ids];
}
