import type { IncomingMessage } from "node:http";
import type { Download } from "../chat/download.ts";
import type { Logger } from "../kit/log.ts";
import { ImError } from "../wire/errors.ts";
import { problemResponse } from "./problem.ts";
import { parseRange, type Range } from "./range.ts";

/** A client that takes nothing for so long is cut off. */
const STALLED_MS = 120_000;

/**
 * A Download over HTTP: whole, a part of it (RFC 9110, 14), not modified, or somewhere else. Whoever sent the bytes,
 * they are nobody's page: a browser takes them for what they are called, runs nothing, and lends them to no other site.
 */
export async function respond(
  download: Download,
  request: IncomingMessage,
  log: Logger,
): Promise<Response> {
  const { size, tag } = download;
  const headers = headersOf(download);
  const location = await download.link?.({
    contentType: headers["content-type"],
    contentDisposition: headers["content-disposition"],
  });
  if (location !== undefined) {
    return new Response(null, { status: 302, headers: { ...headers, location } });
  }
  const etag = tag === undefined ? undefined : `"${tag}"`;
  if (etag !== undefined && matches(request.headers["if-none-match"], etag)) {
    return new Response(null, { status: 304, headers });
  }
  if (size === undefined) return bytes(200, headers, { from: 0, to: Infinity });
  const range = rangeOf(request, size, etag);
  if (range === "beyond") {
    const error = new ImError("range_not_satisfiable", `There are ${size} bytes`);
    return problemResponse(error, { "content-range": `bytes */${size}` });
  }
  if (range === undefined) {
    return bytes(200, { ...headers, "content-length": String(size) }, { from: 0, to: size });
  }
  const { from, to } = range;
  return bytes(206, {
    ...headers,
    "content-length": String(to - from),
    "content-range": `bytes ${from}-${to - 1}/${size}`,
  }, range);

  function bytes(status: number, headers: Record<string, string>, { from, to }: Range): Response {
    const body = request.method === "HEAD" ? null : pour(download.read(from, to), request, log);
    return new Response(body, { status, headers });
  }
}

/** A range counts for a GET only, and with If-Range only while it is still of the same bytes (RFC 9110, 13.1.5). */
function rangeOf(request: IncomingMessage, size: number, etag?: string): Range | "beyond" | undefined {
  const { range, "if-range": ifRange } = request.headers;
  if (request.method !== "GET" || range === undefined) return undefined;
  if (ifRange !== undefined && ifRange !== etag) return undefined;
  return parseRange(range, size);
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = ifNoneMatch?.split(",").map((one) => one.trim().replace(/^W\//, "")) ?? [];
  return tags.includes(etag) || tags.includes("*");
}

/** What a browser shows without running anything in it. All else is saved. */
const SHOWN = /^(?:image\/(?:png|jpeg|gif|webp|avif|bmp)|audio\/[\w.+-]+|video\/[\w.+-]+)$/;

function headersOf({ type, name, inline, size, tag }: Download): Record<string, string> {
  const disposition = inline && SHOWN.test(type) ? "inline" : "attachment";
  return {
    "content-type": type,
    "content-disposition": name === undefined ? disposition : `${disposition}; ${fileName(name)}`,
    "content-security-policy": "sandbox; default-src 'none'",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    // Whether one may have it is asked each time: it may have been recalled since.
    "cache-control": tag === undefined ? "no-store" : "private, no-cache",
    vary: "authorization, cookie",
    ...(tag !== undefined && { etag: `"${tag}"` }),
    "accept-ranges": size === undefined ? "none" : "bytes",
  };
}

/** The name twice: for old programs in ASCII, and as it is (RFC 6266, RFC 8187). */
export function fileName(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]/gu, "_").replaceAll(/["\\%/]/g, "_");
  const whole = encodeURIComponent(name.toWellFormed())
    .replaceAll(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `filename="${plain}"; filename*=UTF-8''${whole}`;
}

/** As a stream that reads when the client takes, and stops when it goes or stalls. */
function pour(
  source: AsyncIterable<Uint8Array>,
  { socket }: IncomingMessage,
  log: Logger,
): ReadableStream<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  let stalled: ReturnType<typeof setTimeout> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      clearTimeout(stalled);
      try {
        const { done, value } = await chunks.next();
        if (done) return controller.close();
        controller.enqueue(value);
        stalled = setTimeout(() => socket.destroy(), STALLED_MS);
      } catch (error) {
        // The status is out already. Half a file must not look like a whole one.
        log.error("a download broke off", { error: String(error) });
        socket.destroy();
        controller.close();
      }
    },
    async cancel() {
      clearTimeout(stalled);
      await chunks.return?.();
    },
  }, { highWaterMark: 0 });
}
