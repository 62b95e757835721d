import { servePasswordWorker } from "../auth/password_worker.ts";
import { createLocalData } from "../data/local/mod.ts";
import { servePortData } from "../data/remote/port.ts";
import { migrate } from "../data/sql/migrate.ts";
import { openSqlite } from "../data/sql/sqlite.ts";
import { createIds } from "../kit/ids.ts";

/**
 * The program's own threads. A worker starts from the program's main file, because the compiled program is
 * one file; main.ts finds by the worker's name what it is to be.
 */
export const DATA_WORKER = "imserver:data";
export const PASSWORD_WORKER = "imserver:passwords";

/** What a data worker is told first, and what it says back. */
export interface DataWorkerStart {
  path: string;
  port: MessagePort;
}
export type DataWorkerNews =
  | { kind: "open"; applied: string[] }
  | { kind: "failed"; message: string }
  | { kind: "fault"; message: string }
  | { kind: "closed" };

export function spawnWorker(name: string): Worker {
  return new Worker(Deno.mainModule, { type: "module", name });
}

/** What is used of a worker's global scope, for which this project loads no types. */
export interface WorkerScope {
  name: string;
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** The scope of this thread if it is a worker, else null. */
export function workerScope(): WorkerScope | null {
  return "WorkerGlobalScope" in globalThis ? globalThis as unknown as WorkerScope : null;
}

/** The whole life of a worker, by its name. */
export function serveWorker(scope: WorkerScope): void {
  if (scope.name === DATA_WORKER) serveData(scope);
  else if (scope.name === PASSWORD_WORKER) servePasswordWorker(scope);
  else throw new Error(`No worker is called ${scope.name}`);
}

function serveData(scope: WorkerScope): void {
  const tell = (news: DataWorkerNews) => scope.postMessage(news);
  let close = () => Promise.resolve();
  scope.onmessage = async ({ data }: MessageEvent<DataWorkerStart | "close">) => {
    if (data === "close") {
      await close();
      tell({ kind: "closed" });
      return scope.close();
    }
    try {
      const storage = openSqlite(data.path);
      close = () => storage.close();
      const { applied } = await migrate(storage);
      const local = createLocalData(storage, { now: Date.now, nextId: createIds(Date.now) });
      servePortData(data.port, local, (error) => tell({ kind: "fault", message: describe(error) }));
      data.port.start();
      tell({ kind: "open", applied });
    } catch (error) {
      tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
    }
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
