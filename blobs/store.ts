/**
 * Port 3: where the bytes of files lie. What is in it is known to Data (proto/file.proto), which gives out the keys;
 * a store knows keys and bytes only. Every implementation passes tests/contract/blob_cases.ts.
 *
 * A key is 1 to 64 of a-z, 0-9 and `-`. Bytes are durable when a call resolves, except parts before `finish`.
 * Failures below (a full disk, a store that is away) are ImError `unavailable`.
 */
export interface BlobStore {
  /** The bytes of a part: all but the last of an upload have exactly so many. */
  readonly partBytes: number;
  /** Stores a blob of at most one part at once: whole or not at all. Again replaces it. */
  write(key: string, bytes: Uint8Array): Promise<void>;
  /** Begins an upload in parts; answers the store's own name for it, or "" where the key is enough. */
  begin(key: string): Promise<string>;
  /**
   * Stores part `number` (1, 2, 3 …), which lies at `number - 1` times `partBytes`. Again replaces it. Answers what
   * `finish` must be told of it, or "".
   */
  put(upload: BlobUpload, number: number, bytes: Uint8Array): Promise<string>;
  /**
   * Makes the parts a blob of `size` bytes that can be read. May be repeated. Errors: file_damaged (a part is not the
   * one whose tag is given, or bytes are missing).
   */
  finish(upload: BlobUpload, parts: { size: number; tags: readonly string[] }): Promise<void>;
  /** Gives an upload up. Nothing there is no error. */
  abandon(upload: BlobUpload): Promise<void>;
  /** The bytes from one place to before another. Errors: file_not_found, before the first byte. */
  read(key: string, from: number, to: number): AsyncIterable<Uint8Array>;
  /** Deletes a blob. Nothing there is no error. */
  remove(key: string): Promise<void>;
  /** Everything that lies here, blobs and unfinished uploads, in no order; to find what nobody knows any more. */
  list(): AsyncIterable<StoredBlob>;
  /** An address that gives the bytes to whoever has it, for a while; undefined: this store has none. */
  link(key: string, options: LinkOptions): Promise<string | undefined>;
}

export interface BlobUpload {
  key: string;
  /** What `begin` answered. */
  storeId: string;
}

export interface StoredBlob {
  key: string;
  /** Of an unfinished upload, what `begin` answered; undefined: it is a blob. */
  storeId?: string;
  /** When it was written last, in milliseconds since 1970. */
  at: number;
}

export interface LinkOptions {
  seconds: number;
  /** Headers that the store is to send with it. */
  contentType: string;
  contentDisposition: string;
}

export function requireKey(key: string): string {
  if (!/^[a-z0-9-]{1,64}$/.test(key)) throw new TypeError(`${JSON.stringify(key)} is no key of a blob`);
  return key;
}
