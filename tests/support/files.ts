import type { Content } from "../../wire/content.ts";
import type { Output } from "../../wire/operations.ts";
import { ImError } from "../../wire/errors.ts";
import { type Person, rest } from "./people.ts";

/** Files by hand, so that the SDK's cleverness hides nothing. */

export type FileOf = Output<"file.info">;

/** A picture of one red pixel. */
export const PIXEL = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC",
);

export async function createFile(
  url: string,
  { accessToken }: Person,
  size: number,
  options: { name?: string; mime?: string; purpose?: "message" | "avatar" } = {},
): Promise<FileOf> {
  const { file } = await rest(url, "file.create", { name: "a.bin", size, ...options }, accessToken);
  return file;
}

/** Sends bytes from an offset on; answers where the upload stands. */
export async function putBytes(
  url: string,
  { accessToken }: Person,
  fileId: string,
  offset: number,
  body: BodyInit,
  signal?: AbortSignal,
): Promise<number> {
  const response = await fetch(`${url}/api/v1/files/${fileId}/content?offset=${offset}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${accessToken}`, "content-type": "application/octet-stream" },
    body,
    signal,
  });
  const answer = await response.json();
  if (!response.ok) throw new ImError(answer.code, answer.detail);
  return answer.offset;
}

/** The whole of it, from nothing to complete. */
export async function uploadFile(
  url: string,
  person: Person,
  bytes: Uint8Array,
  options: { name?: string; mime?: string; purpose?: "message" | "avatar" } = {},
): Promise<FileOf> {
  const { id } = await createFile(url, person, bytes.length, options);
  if (bytes.length > 0) await putBytes(url, person, id, 0, bytes as Uint8Array<ArrayBuffer>);
  return await rest(url, "file.complete", { fileId: id }, person.accessToken);
}

export function getFile(
  url: string,
  { accessToken }: Person,
  path: string,
  init: RequestInit & { headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(`${url}${path}`, {
    redirect: "manual",
    ...init,
    headers: { authorization: `Bearer ${accessToken}`, ...init.headers },
  });
}

export function imageContent({ url, name, size, mime, width = 1, height = 1, thumbnail }: FileOf): Content {
  return { type: "image", file: { url, name, size, mime }, width, height, ...(thumbnail && { thumbnail }) };
}

export function fileContent({ url, name, size, mime }: FileOf): Content {
  return { type: "file", file: { url, name, size, mime } };
}
