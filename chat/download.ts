/**
 * Bytes for a client, before HTTP: the gateway makes of it the ranges, conditions and headers
 * (gateway/download.ts). Nothing is read before `read` is called, and no further than is asked for.
 */
export interface Download {
  /** The media type to name. What a browser could run is saved by it and not shown, whatever `inline` says. */
  type: string;
  /** What to call it when it is saved. */
  name?: string;
  /** Whether a browser may show it in its place; else it saves it. */
  inline?: boolean;
  /** In bytes. Undefined: not known before the end, and then there are no ranges. */
  size?: number;
  /** Names the bytes: the same tag, the same bytes. Of letters, digits, `-` and `_`. */
  tag?: string;
  /** An address that gives the same bytes for a while, with these headers: the client is sent there, if there is one. */
  link?: (headers: { contentType: string; contentDisposition: string }) => Promise<string | undefined>;
  /** The bytes from one place to before another; the gateway stops reading when its client goes. */
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}
