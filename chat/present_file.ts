import { type File, FilePurpose } from "../data/service.ts";
import { API_PREFIX, type Output } from "../wire/mod.ts";

/** A file as clients see it. */
export function presentFile(file: File): Output<"file.info"> {
  const { id, name, size, mime, complete, sha256, width, height, thumbnailMime, createdAt } = file;
  const url = `${API_PREFIX}/files/${id}`;
  return {
    id: String(id),
    url,
    name,
    size,
    mime,
    purpose: file.purpose === FilePurpose.FILE_AVATAR ? "avatar" : "message",
    complete,
    ...(complete && { sha256 }),
    ...(width > 0 && { width, height }),
    ...(thumbnailMime !== "" && { thumbnail: `${url}/thumbnail` }),
    createdAt,
  };
}
