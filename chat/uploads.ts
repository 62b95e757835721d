import type { BlobStore } from "../blobs/store.ts";
import type { Data, FileUpload } from "../data/service.ts";
import { ImError } from "../wire/mod.ts";
import type { Upload } from "./handlers.ts";

/** Each upload that is received holds one part in memory. */
export const UPLOAD_LIMITS = {
  /** Received at once by this process, and of them by one user. */
  receiving: 64,
  receivingOfUser: 4,
  /** Begun and not complete, of one user. */
  open: 100,
};

interface Request {
  id: number;
  userId: number;
}

export interface Uploads {
  /**
   * Stores what comes, part by part, each noted before the next is read: whatever cuts it off, all but the last part
   * stays. Answers where the upload stands then. Errors: conflict, too_large, overloaded and those of `upload`.
   */
  receive(request: Request, offset: number, body: Upload): Promise<{ offset: number; size: number }>;
  /** Runs `work` while nobody else here writes to this upload. Errors: conflict, if somebody does. */
  alone<T>(id: number, work: () => Promise<T>): Promise<T>;
}

export function createUploads(data: Data, blobs: BlobStore): Uploads {
  const busy = new Set<number>();
  const receivingOf = new Map<number, number>();

  async function alone<T>(id: number, work: () => Promise<T>): Promise<T> {
    if (busy.has(id)) {
      throw new ImError("conflict", "Another request is at this upload", { retryAfterMs: 1000 });
    }
    busy.add(id);
    try {
      return await work();
    } finally {
      busy.delete(id);
    }
  }

  async function counted<T>(userId: number, work: () => Promise<T>): Promise<T> {
    const own = receivingOf.get(userId) ?? 0;
    if (own >= UPLOAD_LIMITS.receivingOfUser || busy.size >= UPLOAD_LIMITS.receiving) {
      throw new ImError("overloaded", "Too many uploads at once", { retryAfterMs: 2000 });
    }
    receivingOf.set(userId, own + 1);
    try {
      return await work();
    } finally {
      const left = receivingOf.get(userId)! - 1;
      if (left === 0) receivingOf.delete(userId);
      else receivingOf.set(userId, left);
    }
  }

  async function receive(request: Request, offset: number, body: Upload) {
    let upload = await data.files.upload(request);
    if (upload.offset !== offset) {
      throw new ImError("conflict", `The upload stands at ${upload.offset}`, { field: "offset" });
    }
    if (upload.size > blobs.partBytes && upload.storeId === "") {
      upload = await beginAt(request, upload, blobs);
    }
    const left = upload.size - offset;
    for await (const bytes of inParts(body, blobs.partBytes, left)) {
      const part = await store(upload, bytes);
      const toOffset = upload.offset + bytes.length;
      upload = await data.files.advance({
        ...request,
        fromOffset: upload.offset,
        toOffset,
        storeId: upload.storeId,
        part,
      });
    }
    return { offset: upload.offset, size: upload.size };
  }

  async function store({ key, storeId, offset, size }: FileUpload, bytes: Uint8Array): Promise<string> {
    if (size > blobs.partBytes) {
      return await blobs.put({ key, storeId }, offset / blobs.partBytes + 1, bytes);
    }
    await blobs.write(key, bytes);
    return "";
  }

  async function beginAt(request: Request, upload: FileUpload, store: BlobStore): Promise<FileUpload> {
    const storeId = await store.begin(upload.key);
    if (storeId === "") return upload;
    const place = { fromOffset: upload.offset, toOffset: upload.offset };
    return await data.files.advance({ ...request, ...place, storeId, part: "" });
  }

  return {
    alone,
    receive: (request, offset, body) =>
      counted(request.userId, () => alone(request.id, () => receive(request, offset, body))),
  };
}

/**
 * What comes, in parts of `partBytes`; the last of the `left` bytes may be shorter. What is too little for a part is
 * dropped: the client sends it again. The last part is given only when nothing comes after it, so that a body that is
 * longer than the file never leaves one that looks whole. Errors: too_large, for more than is left.
 */
async function* inParts(body: Upload, partBytes: number, left: number): AsyncGenerator<Uint8Array> {
  let part = new Uint8Array(Math.min(partBytes, left));
  let filled = 0;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length;) {
      const piece = chunk.subarray(at, at + part.length - filled);
      if (piece.length === 0) throw new ImError("too_large", "There are more bytes than the file has");
      part.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled < part.length || filled === left) continue;
      yield part;
      left -= filled;
      [part, filled] = [new Uint8Array(Math.min(partBytes, left)), 0];
    }
  }
  if (filled === left && filled > 0) yield part;
}
