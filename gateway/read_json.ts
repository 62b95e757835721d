import { ImError } from "../wire/errors.ts";

/** A request body at most. */
export const MAX_BODY_BYTES = 256 * 1024;

/**
 * The JSON object of a request's body; `{}` for an empty one. Read no further than the limit.
 * Errors: too_large, unsupported_media_type, parse_error (also for what is not UTF-8), invalid_request.
 */
export async function readJson(request: Request): Promise<Record<string, unknown>> {
  const bytes = await readBounded(request);
  if (bytes.length === 0) return {};
  const type = request.headers.get("content-type")?.split(";", 1)[0].trim().toLowerCase();
  if (type !== "application/json") throw new ImError("unsupported_media_type");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new ImError("parse_error");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ImError("invalid_request", "The body must be a JSON object");
  }
  return value as Record<string, unknown>;
}

async function readBounded(request: Request): Promise<Uint8Array> {
  const tooLarge = () => new ImError("too_large", `The body may have at most ${MAX_BODY_BYTES} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (!request.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    // A client that goes away in the middle is no failure of the server's.
    throw error instanceof ImError ? error : new ImError("invalid_request", "The body ended early");
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
