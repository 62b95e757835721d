import { servePasswordWorker } from "../auth/password_worker.ts";

/**
 * The program's own threads. A worker starts from the program's main file, because the compiled program is
 * one file; main.ts finds by the worker's name what it is to be.
 */
export const PASSWORD_WORKER = "imserver:passwords";
export const THUMBNAIL_WORKER = "imserver:thumbnails";
export const SEARCH_WORKER = "imserver:search";

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
export async function serveWorker(scope: WorkerScope): Promise<void> {
  if (scope.name === SEARCH_WORKER) return (await import("./search_worker.ts")).startSearchWorker(scope);
  if (scope.name === THUMBNAIL_WORKER) {
    return (await import("../media/thumbnail_worker.ts")).serveThumbnailWorker(scope);
  }
  if (scope.name !== PASSWORD_WORKER) throw new Error(`No worker is called ${scope.name}`);
  servePasswordWorker(scope);
}
