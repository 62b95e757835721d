import { ERRORS, ImError } from "../wire/errors.ts";
import type { Input, Output } from "../wire/operations.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import type { CallOptions } from "./rpc_line.ts";

export interface UploadOptions {
  /** What to call it; default: the name of a File, or "file". */
  name?: string;
  purpose?: Input<"file.create">["purpose"];
  /** SHA-256 in lower-case hexadecimal: the server then refuses what is not these bytes. */
  sha256?: string;
  /** After each piece, and at the beginning: so many of all bytes are stored. */
  onProgress?: (stored: number, size: number) => void;
  signal?: AbortSignal;
}

export interface UploadSource {
  call<N extends "file.create" | "file.upload" | "file.complete">(
    name: N,
    input: Input<N>,
    options: CallOptions,
  ): Promise<Output<N>>;
  put(path: string, bytes: Blob, signal?: AbortSignal): Promise<Output<"file.upload">>;
  backoff: Backoff;
}

/** A piece is several of the server's parts, and few enough bytes to show progress on a phone. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** So many times in a row without a byte stored, and it is given up. */
const MAX_TRIES = 12;
/** A checksum over gigabytes takes its time. */
const COMPLETE_MS = 300_000;

/**
 * Sends a file in pieces, and goes on from where the server has it whenever a piece fails: on a lost connection, a server
 * that restarts, one that is busy. Answers the file, to be named in a message. Rejects with what repeating cannot help
 * (too_large, quota_exceeded, file_damaged), with the last error after many tries, or with the signal's reason.
 */
export async function uploadFile(
  source: UploadSource,
  bytes: Blob,
  options: UploadOptions = {},
): Promise<Output<"file.complete">> {
  const { onProgress = () => {}, signal, purpose, sha256 } = options;
  const name = options.name ?? (bytes instanceof File && bytes.name !== "" ? bytes.name : "file");
  const mime = bytes.type.split(";")[0] || "application/octet-stream";
  const created = await persist(() =>
    source.call("file.create", { name, size: bytes.size, mime, purpose }, { signal })
  );
  const fileId = created.file.id;
  const piece = Math.max(created.upload.partBytes, PIECE_BYTES - PIECE_BYTES % created.upload.partBytes);
  let { offset } = created.upload;
  onProgress(offset, bytes.size);
  for (let tries = 0; offset < bytes.size;) {
    const before = offset;
    try {
      const path = `/files/${fileId}/content?offset=${offset}`;
      ({ offset } = await source.put(path, bytes.slice(offset, offset + piece), signal));
    } catch (error) {
      await pause(error, tries);
      ({ offset } = await persist(() => source.call("file.upload", { fileId }, { signal })));
    }
    tries = offset > before ? 0 : tries + 1;
    onProgress(offset, bytes.size);
  }
  const input = { fileId, ...(sha256 !== undefined && { sha256 }) };
  return await persist(() => source.call("file.complete", input, { signal, timeoutMs: COMPLETE_MS }));

  async function persist<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0;; tries++) {
      try {
        return await work();
      } catch (error) {
        await pause(error, tries);
      }
    }
  }

  /** Waits before another try; throws what another try cannot help. */
  async function pause(error: unknown, tries: number): Promise<void> {
    if (signal?.aborted) throw signal.reason;
    if (!(error instanceof ImError) || tries >= MAX_TRIES || !mayPass(error)) throw error;
    const ms = Math.max(error.details.retryAfterMs ?? 0, backoffMs(tries, source.backoff));
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal?.addEventListener("abort", done);
    });
    if (signal?.aborted) throw signal.reason;
  }
}

/** `conflict`: another request of ours is still at it, or an answer was lost; `invalid_request`: the body was cut. */
function mayPass({ code }: ImError): boolean {
  return ERRORS[code].advice === "retry" || code === "conflict" || code === "invalid_request";
}
