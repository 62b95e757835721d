import type { IncomingMessage } from "node:http";
import { ImError } from "../wire/errors.ts";

/**
 * How long a client may take over its body. node:http has one limit for all requests, which either cuts long uploads
 * off or lets every dawdler stay; so it is switched off and these two hold.
 */

/** A body of JSON must be here within this. */
const JSON_WITHIN_MS = 60_000;
/** A stream must bring so much within each of these; less than that is nobody's network but a slowloris'. */
const STREAM_STEP_MS = 30_000;
const STREAM_STEP_BYTES = 16 * 1024;

/** Cuts the connection off when the body is not there in time, unless disposed of before. */
export function limitBodyTime(incoming: IncomingMessage, withinMs = JSON_WITHIN_MS): Disposable {
  const timer = setTimeout(() => incoming.destroy(), withinMs);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/**
 * The body as it comes, no faster than it is asked for: the client waits meanwhile, and that time is not counted
 * against it. Errors: invalid_request, when the client goes away or dawdles.
 */
export async function* streamBody(
  incoming: IncomingMessage,
  { stepMs = STREAM_STEP_MS, stepBytes = STREAM_STEP_BYTES } = {},
): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = incoming[Symbol.asyncIterator]();
  let [leftMs, bytes] = [stepMs, 0];
  for (;;) {
    const since = performance.now();
    const { done, value } = await within(incoming, leftMs, chunks);
    if (done) return;
    leftMs -= performance.now() - since;
    bytes += value.length;
    if (bytes >= stepBytes) [leftMs, bytes] = [stepMs, 0];
    yield value;
  }
}

async function within(
  incoming: IncomingMessage,
  leftMs: number,
  chunks: AsyncIterator<Uint8Array>,
): Promise<IteratorResult<Uint8Array>> {
  using _ = limitBodyTime(incoming, leftMs);
  try {
    return await chunks.next();
  } catch {
    throw new ImError("invalid_request", "The body ended early");
  }
}
