import { createLocalData } from "../data/local/mod.ts";
import { createPortData } from "../data/remote/port.ts";
import type { Data } from "../data/service.ts";
import { migrate } from "../data/sql/migrate.ts";
import { openSqlite } from "../data/sql/sqlite.ts";
import { createIds } from "../kit/ids.ts";
import type { Logger } from "../kit/log.ts";
import { ImError } from "../wire/errors.ts";
import { type Config, UsageError } from "./config.ts";
import { DATA_WORKER, type DataWorkerNews, type DataWorkerStart, spawnWorker } from "./workers.ts";

/** A part that was opened, and how to close it. */
export interface Opened<T> {
  part: T;
  close(): Promise<void>;
}

/** The switch from Config to a Data. `onDeath` hears when it is gone for good. */
export async function openData(
  config: Pick<Config, "database" | "storageThread">,
  log: Logger,
  onDeath: (reason: string) => void,
): Promise<Opened<Data>> {
  const path = config.database.target;
  return config.storageThread === "main" ? await openHere(path, log) : await openInWorker(path, log, onDeath);
}

async function openHere(path: string, log: Logger): Promise<Opened<Data>> {
  try {
    const storage = openSqlite(path);
    logMigrations((await migrate(storage)).applied, log);
    const part = createLocalData(storage, { now: Date.now, nextId: createIds(Date.now) });
    return { part, close: () => storage.close() };
  } catch (error) {
    throw cannotOpen(path, error instanceof Error ? error.message : String(error));
  }
}

async function openInWorker(
  path: string,
  log: Logger,
  onDeath: (reason: string) => void,
): Promise<Opened<Data>> {
  const worker = spawnWorker(DATA_WORKER);
  const { port1, port2 } = new MessageChannel();
  const { data, fail } = createPortData(port1);
  port1.start();
  let closing = false;
  const closed = Promise.withResolvers<void>();
  const opened = new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data: news }: MessageEvent<DataWorkerNews>) => {
      if (news.kind === "open") resolve(logMigrations(news.applied, log));
      if (news.kind === "failed") reject(cannotOpen(path, news.message));
      if (news.kind === "fault") log.error("unexpected error in the data thread", { error: news.message });
      if (news.kind === "closed") closed.resolve();
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(new ImError("unavailable"));
      closed.resolve();
      reject(cannotOpen(path, event.message));
      if (!closing) onDeath(`the data thread died: ${event.message}`);
    };
  });
  worker.postMessage({ path, port: port2 } satisfies DataWorkerStart, [port2]);
  const close = async () => {
    closing = true;
    worker.postMessage("close");
    await closed.promise;
    worker.terminate();
    port1.close();
  };
  try {
    await opened;
  } catch (error) {
    worker.terminate();
    port1.close();
    throw error;
  }
  return { part: data, close };
}

function logMigrations(applied: readonly string[], log: Logger): void {
  for (const name of applied) log.info("database migrated", { to: name });
}

function cannotOpen(path: string, reason: string): UsageError {
  return new UsageError(
    `--database cannot open ${path} (${reason}); name another file or make this one readable and writable`,
  );
}
