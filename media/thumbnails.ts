import type { MakeThumbnail, Thumbnail } from "./thumbnail.ts";
import type { ThumbnailReply, ThumbnailRequest } from "./thumbnail_worker.ts";

export interface ThumbnailOptions {
  /** Starts a worker that calls `serveThumbnailWorker`. */
  spawn: () => Worker;
  /** Pictures that may wait beside the one that is made small; one more gets no thumbnail. */
  maxQueue?: number;
  /** Bytes that may wait, all together. */
  maxQueueBytes?: number;
  /** The worker is ended after so long without work, to give its memory back. */
  idleMs?: number;
  /** A picture that takes longer gets no thumbnail, and its worker is ended. */
  timeoutMs?: number;
  onFailure?: (reason: string) => void;
}

export interface Thumbnails {
  make: MakeThumbnail;
  close(): void;
}

/** What can be decoded. */
const TYPES = /^image\/(?:png|jpeg|webp|gif)$/;
/** A decoded picture takes four bytes a pixel, and its header says how many there are: more is not even begun. */
export const MAX_PIXELS = 24_000_000;

interface Job {
  request: ThumbnailRequest;
  resolve(thumbnail: Thumbnail | null): void;
}

/**
 * Makes thumbnails one after the other on a thread of its own. Whatever goes wrong (a damaged picture, a decoder that
 * traps, a queue that is full) is no thumbnail, and nobody else's trouble: a worker that failed is not used again.
 */
export function openThumbnails(options: ThumbnailOptions): Thumbnails {
  const { spawn, maxQueue = 32, maxQueueBytes = 64 * 1024 * 1024, onFailure = () => {} } = options;
  const { idleMs = 30_000, timeoutMs = 15_000 } = options;
  const waiting: Job[] = [];
  let queuedBytes = 0;
  let worker: Worker | undefined;
  let ready = false;
  let job: Job | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function start(): Worker {
    const started = spawn();
    ready = false;
    started.onmessage = ({ data }: MessageEvent<ThumbnailReply>) => {
      if (started !== worker) return;
      if (data.kind === "thumbnail") return done({ mime: data.mime, bytes: data.bytes });
      if (data.kind === "failure") return fail(data.message);
      ready = true;
      if (job) started.postMessage(job.request);
    };
    started.onmessageerror = () => fail("a reply could not be read");
    started.onerror = (event) => {
      // Unless prevented, Deno rethrows it here and the whole server would die of one picture.
      event.preventDefault();
      fail(event.message);
    };
    return started;
  }

  function next(): void {
    if (job || closed) return;
    job = waiting.shift();
    clearTimeout(timer);
    if (!job) return rest();
    timer = setTimeout(() => fail("it took too long"), timeoutMs);
    try {
      worker ??= start();
    } catch (error) {
      return fail(String(error));
    }
    if (ready) worker.postMessage(job.request);
  }

  function rest(): void {
    timer = setTimeout(endWorker, idleMs);
    Deno.unrefTimer(timer);
  }

  function done(thumbnail: Thumbnail | null): void {
    queuedBytes -= job?.request.bytes.length ?? 0;
    job?.resolve(thumbnail);
    job = undefined;
    next();
  }

  function fail(reason: string): void {
    onFailure(reason);
    endWorker();
    done(null);
  }

  function endWorker(): void {
    clearTimeout(timer);
    worker?.terminate();
    worker = undefined;
  }

  return {
    make: (bytes, mime, { width, height, orientation }) => {
      const large = width * height > MAX_PIXELS || queuedBytes + bytes.length > maxQueueBytes;
      if (closed || !TYPES.test(mime) || large || waiting.length >= maxQueue) return Promise.resolve(null);
      queuedBytes += bytes.length;
      return new Promise((resolve) => {
        waiting.push({ request: { bytes, orientation }, resolve });
        next();
      });
    },
    close() {
      closed = true;
      endWorker();
      for (const { resolve } of [...(job ? [job] : []), ...waiting.splice(0)]) resolve(null);
      job = undefined;
    },
  };
}
