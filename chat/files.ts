import { createHash } from "node:crypto";
import type { BlobStore } from "../blobs/store.ts";
import { type Data, type File, FilePurpose } from "../data/service.ts";
import { type Dimensions, dimensionsOf } from "../media/dimensions.ts";
import { sniffType } from "../media/sniff.ts";
import type { MakeThumbnail, Thumbnail } from "../media/thumbnail.ts";
import { ImError } from "../wire/mod.ts";
import type { Download } from "./download.ts";
import type { Caller, HandlersOf } from "./handlers.ts";
import { presentFile } from "./present_file.ts";
import { createUploads, UPLOAD_LIMITS } from "./uploads.ts";

export interface FileParts {
  data: Data;
  /** Null: this server keeps no files. */
  blobs: BlobStore | null;
  makeThumbnail: MakeThumbnail;
  /** Bytes of one file, at most. */
  maxFileBytes: number;
  /** Bytes of all files of one user, at most; 0: any number. */
  fileQuotaBytes: number;
  /** So long a link straight to the blob store works; 0: downloads go through here. */
  fileLinkSeconds: number;
}

export const MAX_AVATAR_BYTES = 1024 * 1024;
/** What an avatar may be. */
const AVATAR = /^image\/(?:png|jpeg|gif|webp)$/;
/** So much of a file is looked at to find its type. */
const HEAD_BYTES = 4096;
/** A larger picture gets no thumbnail, and no dimensions unless they stand in its head. */
const MAX_PICTURE_BYTES = 32 * 1024 * 1024;

/** Files: uploads in parts, and downloads of what one may see. */
export function createFiles(parts: FileParts): HandlersOf<"file"> {
  return parts.blobs ? filesIn(parts.blobs, parts) : FILES_OFF;
}

function filesIn(blobs: BlobStore, parts: FileParts): HandlersOf<"file"> {
  const { data, maxFileBytes, fileQuotaBytes: quota, fileLinkSeconds } = parts;
  const uploads = createUploads(data, blobs);

  return {
    "file.create": async ({ userId }, { name, size, mime, purpose }) => {
      const max = purpose === "avatar" ? Math.min(MAX_AVATAR_BYTES, maxFileBytes) : maxFileBytes;
      if (size > max) throw new ImError("too_large", `It may have at most ${max} bytes`, { field: "size" });
      const { partBytes } = blobs;
      const file = await data.files.create({
        ownerId: userId,
        name,
        size,
        mime: mime.toLowerCase(),
        purpose: purpose === "avatar" ? FilePurpose.FILE_AVATAR : FilePurpose.FILE_MESSAGE,
        quota,
        maxOpen: UPLOAD_LIMITS.open,
      });
      return { file: presentFile(file), upload: { offset: 0, size, partBytes } };
    },

    "file.upload": async (caller, { fileId }) => {
      const { offset, size } = await data.files.upload(asked(caller, fileId));
      return { offset, size, partBytes: blobs.partBytes };
    },

    "file.put": async (caller, { fileId, offset }, body) => {
      const upload = await uploads.receive(asked(caller, fileId), offset, body);
      return { ...upload, partBytes: blobs.partBytes };
    },

    "file.complete": async (caller, { fileId, sha256 }) => {
      const request = asked(caller, fileId);
      const file = await data.files.get(request);
      if (file.ownerId !== caller.userId) throw new ImError("file_not_found");
      if (!file.complete) {
        return presentFile(await uploads.alone(request.id, () => complete(request, sha256)));
      }
      if (sha256 !== undefined && sha256 !== file.sha256) throw new ImError("file_damaged");
      return presentFile(file);
    },

    "file.info": async (caller, { fileId }) => presentFile(await readable(caller, fileId)),

    "file.get": async (caller, { fileId, save }): Promise<Download> => {
      const { key, size, mime, name, sha256 } = await readable(caller, fileId);
      const inline = save !== "true" && /^(?:image|audio|video)\//.test(mime);
      return {
        type: mime,
        name,
        inline,
        size,
        tag: sha256.slice(0, 32),
        // What a page shows comes from the page's own server, as its Content-Security-Policy wants.
        link: inline || fileLinkSeconds === 0
          ? undefined
          : (headers) => blobs.link(key, { ...headers, seconds: fileLinkSeconds }),
        read: (from, to) => blobs.read(key, from, to),
      };
    },

    "file.thumbnail": async (caller, { fileId }): Promise<Download> => {
      const { key, thumbnailMime, thumbnailSize, sha256 } = await readable(caller, fileId);
      if (thumbnailMime === "") throw new ImError("file_not_found", "It has no thumbnail");
      return {
        type: thumbnailMime,
        inline: true,
        size: thumbnailSize,
        tag: `${sha256.slice(0, 32)}-t`,
        read: (from, to) => blobs.read(thumbnailKey(key), from, to),
      };
    },

    "file.delete": async (caller, { fileId }) => {
      await data.files.remove(asked(caller, fileId));
      return {};
    },
  };

  async function readable(caller: Caller, fileId: string): Promise<File> {
    const file = await data.files.get(asked(caller, fileId));
    if (!file.complete) throw new ImError("file_not_found", "Its upload is not complete");
    return file;
  }

  /** The bytes first, the row after them: what a crash leaves between is met again by a repeat, or swept away. */
  async function complete(request: { id: number; userId: number }, expected?: string): Promise<File> {
    const { key, storeId, size, offset, parts: tags, mime: claimed, purpose } = await data.files.upload(
      request,
    );
    if (offset !== size) {
      throw new ImError("conflict", `The upload stands at ${offset}`, { field: "offset" });
    }
    if (size === 0) await blobs.write(key, new Uint8Array());
    else if (size > blobs.partBytes) await blobs.finish({ key, storeId }, { size, tags });
    const { sha256, head } = await digest(key, size);
    if (expected !== undefined && expected !== sha256) {
      await data.files.remove(request);
      throw new ImError("file_damaged");
    }
    const mime = sniffType(head, claimed);
    if (purpose === FilePurpose.FILE_AVATAR && !AVATAR.test(mime)) {
      await data.files.remove(request);
      throw new ImError("unsupported_media_type", "An avatar must be a PNG, JPEG, GIF or WebP");
    }
    const { dimensions, thumbnail } = await picture(key, size, mime);
    if (thumbnail) await blobs.write(thumbnailKey(key), thumbnail.bytes);
    return await data.files.complete({
      ...request,
      sha256,
      mime,
      width: dimensions?.width ?? 0,
      height: dimensions?.height ?? 0,
      thumbnailMime: thumbnail?.mime ?? "",
      thumbnailSize: thumbnail?.bytes.length ?? 0,
    });
  }

  /**
   * Over what the store gives back, not over what came in: parts come on several connections and to several
   * gateways, and whoever is told that two files are equal must be told the truth.
   */
  async function digest(key: string, size: number): Promise<{ sha256: string; head: Uint8Array }> {
    const hash = createHash("sha256");
    const head = new Uint8Array(Math.min(HEAD_BYTES, size));
    let at = 0;
    for await (const chunk of blobs.read(key, 0, size)) {
      hash.update(chunk);
      if (at < head.length) head.set(chunk.subarray(0, head.length - at), at);
      at += chunk.length;
    }
    return { sha256: hash.digest("hex"), head };
  }

  async function picture(
    key: string,
    size: number,
    mime: string,
  ): Promise<{ dimensions: Dimensions | null; thumbnail: Thumbnail | null }> {
    if (!mime.startsWith("image/") || size > MAX_PICTURE_BYTES) return { dimensions: null, thumbnail: null };
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of blobs.read(key, 0, size)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const dimensions = dimensionsOf(bytes);
    const thumbnail = dimensions && await parts.makeThumbnail(bytes, mime, dimensions);
    return { dimensions, thumbnail };
  }
}

const off = () => Promise.reject(new ImError("files_off"));

/** The answer to all of it where the operator has named no place: also to what asks of a file made elsewhere. */
const FILES_OFF: HandlersOf<"file"> = {
  "file.create": off,
  "file.upload": off,
  "file.put": off,
  "file.complete": off,
  "file.info": off,
  "file.get": off,
  "file.thumbnail": off,
  "file.delete": off,
};

const asked = ({ userId }: Caller, fileId: string) => ({ id: Number(fileId), userId });

export const thumbnailKey = (key: string) => `${key}-t`;
