import * as z from "zod";
import { Id, line, Time } from "../schemas.ts";
import { Bytes, Ok, type Operation } from "./operation.ts";

const Size = z.int().nonnegative().meta({ description: "Bytes" });
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hexadecimal");
const fileId = { fileId: Id };

/** A file of ours. `url` and `thumbnail` are what a message refers to it by. */
export const File = z.object({
  id: Id,
  url: z.string(),
  name: z.string(),
  size: Size,
  mime: z.string().meta({ description: "As the bytes say; before they are there, as their owner says" }),
  purpose: z.enum(["message", "avatar"]),
  complete: z.boolean(),
  sha256: z.string().optional(),
  width: z.int().positive().optional().meta({ description: "Of a picture as it is shown, in pixels" }),
  height: z.int().positive().optional(),
  thumbnail: z.string().optional(),
  createdAt: Time,
});
z.globalRegistry.add(File, { id: "File" });
export type File = z.infer<typeof File>;

const Upload = z.object({
  offset: Size.meta({ description: "So many bytes are stored; the next one to send" }),
  size: Size,
  partBytes: z.int().positive().meta({
    description: "What is kept of an upload that is cut is a multiple of it",
  }),
});

export const files = {
  "file.create": {
    method: "POST",
    path: "/files",
    access: "user",
    summary: "Begin an upload. The bytes follow with file.put; an upload not continued for a day is dropped",
    input: z.strictObject({
      name: line(255),
      size: Size,
      mime: z.string().max(127).regex(/^[\w.+-]+\/[\w.+-]+$/, "must be a media type").default(
        "application/octet-stream",
      ),
      purpose: z.enum(["message", "avatar"]).default("message"),
    }),
    output: z.object({ file: File, upload: Upload }),
  },
  "file.put": {
    method: "PUT",
    idempotent: "done: conflict",
    path: "/files/{fileId}/content",
    access: "user",
    summary:
      "Send bytes, from `offset` on, all that are left or some of them. The answer says how many are stored; " +
      "conflict: the upload stands elsewhere, ask file.upload",
    input: z.strictObject({ ...fileId, offset: Size }),
    output: Upload,
    stream: { body: "application/octet-stream" },
  },
  "file.upload": {
    method: "GET",
    path: "/files/{fileId}/upload",
    access: "user",
    summary: "How far an upload of one's own has come; from there it is continued, on any connection",
    input: z.strictObject(fileId),
    output: Upload,
  },
  "file.complete": {
    method: "POST",
    idempotent: "same",
    path: "/files/{fileId}/complete",
    access: "user",
    summary: "End an upload: its bytes are checked, their type is found, a picture gets its thumbnail. " +
      "file_damaged: they are not those of the checksum, and the upload is dropped",
    input: z.strictObject({ ...fileId, sha256: Sha256.optional() }),
    output: File,
  },
  "file.info": {
    method: "GET",
    path: "/files/{fileId}/info",
    access: "user",
    summary: "What is known of a file that one may read",
    input: z.strictObject(fileId),
    output: File,
  },
  "file.get": {
    method: "GET",
    path: "/files/{fileId}",
    access: "user",
    summary:
      "The bytes of a file: one's own, an avatar, or one to which a message refers that one may see. " +
      "Ranges, ETag and HEAD work; `save` has a browser save it",
    input: z.strictObject({ ...fileId, save: z.enum(["true", "false"]).default("false") }),
    output: Bytes,
    stream: { answer: "*/*" },
  },
  "file.thumbnail": {
    method: "GET",
    path: "/files/{fileId}/thumbnail",
    access: "user",
    summary: "A small JPEG or PNG of a picture, at most 320 pixels wide and high",
    input: z.strictObject(fileId),
    output: Bytes,
    stream: { answer: "image/*" },
  },
  "file.delete": {
    method: "DELETE",
    path: "/files/{fileId}",
    access: "user",
    summary:
      "Drop a file or an upload of one's own. conflict: something refers to it (recall the message instead)",
    input: z.strictObject(fileId),
    output: Ok,
  },
} as const satisfies Record<string, Operation>;
