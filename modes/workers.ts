import { servePasswordWorker } from "../auth/password_worker.ts";
import { serveThumbnailWorker } from "../media/thumbnail_worker.ts";

/**
 * The program's own threads. A worker starts from the program's main file, because the compiled program is
 * one file; main.ts finds by the worker's name what it is to be.
 */
export const PASSWORD_WORKER = "imserver:passwords";
export const THUMBNAIL_WORKER = "imserver:thumbnails";

/** What is used of a worker's global scope, for which this project loads no types. */
export interface WorkerScope {
  name: string;
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
}

export function spawnWorker(name: string): Worker {
  return new Worker(Deno.mainModule, { type: "module", name });
}

/** The scope of this thread if it is a worker, else null. */
export function workerScope(): WorkerScope | null {
  return "WorkerGlobalScope" in globalThis ? globalThis as unknown as WorkerScope : null;
}

/** The whole life of a worker, by its name. */
export function serveWorker(scope: WorkerScope): void {
  if (scope.name === PASSWORD_WORKER) servePasswordWorker(scope);
  else if (scope.name === THUMBNAIL_WORKER) serveThumbnailWorker(scope);
  else throw new Error(`No worker is called ${scope.name}`);
}
