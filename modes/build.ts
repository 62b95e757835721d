import { openFolderStore } from "../blobs/folder.ts";
import type { BlobStore } from "../blobs/store.ts";
import type { Bus } from "../bus/bus.ts";
import type { Directory } from "../bus/directory.ts";
import { createMemoryBus } from "../bus/memory.ts";
import { createMemoryDirectory } from "../bus/memory_directory.ts";
import { createLocalData } from "../data/local/mod.ts";
import { createReadLog } from "../data/local/read_log.ts";
import type { Data } from "../data/service.ts";
import type { Storage } from "../data/sql/driver.ts";
import { migrate } from "../data/sql/migrate.ts";
import { traced } from "../data/sql/traced.ts";
import { openSqlite } from "../data/sql/sqlite.ts";
import { createIds } from "../kit/ids.ts";
import type { Logger } from "../kit/log.ts";
import type { Metrics } from "../kit/metrics.ts";
import { parseRedisUrl } from "../kit/redis_url.ts";
import type { Tracer } from "../kit/tracer.ts";
import type { SharedRedis } from "../kit/shared_redis.ts";
import { ImError } from "../wire/errors.ts";
import { openCache } from "./cache.ts";
import { openSearch } from "./open_search.ts";
import { type Config, reasonOf, UsageError } from "./config.ts";
import { showBreaker, showQueue, showRedis, showReplica, tellBreaker } from "./states.ts";

/** A part that was opened, and how to close it. */
export interface Opened<T> {
  part: T;
  close(): Promise<void>;
}

/** A database server may start later than this process, as everything does after a power cut. */
const DATABASE_WITHIN_MS = 120_000;
const ASK_AGAIN_MS = 1_000;

const LAGS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
const SENDS_IN_ONE = [1, 2, 5, 10, 20, 50, 100, 200, 512];

/** Who is told of what goes on. */
export interface Watch {
  log: Logger;
  metrics: Metrics;
  /** Absent: nothing is traced. */
  tracer?: Tracer;
}

/** The switch from Config to a Data. */
export async function openData(
  config: Config,
  { log, metrics, tracer }: Watch,
  { waitMs = DATABASE_WITHIN_MS }: { waitMs?: number } = {},
): Promise<Opened<Data>> {
  const storage =
    await (config.database.kind === "sqlite"
      ? openFile(config)
      : openServer(config, { log, metrics, tracer }, waitMs));
  const replicas = await openReplicas(config);
  const states = replicas.map((): "used" | "lagging" | "away" => "used");
  states.forEach((_, index) => showReplica(metrics, index + 1, () => states[index]));
  const readLog = createReadLog(storage, replicas, {
    onChange: (index, state) => {
      states[index] = state;
      if (state === "away") log.warn("replica", { number: index + 1, state });
      else log.info("replica", { number: index + 1, state });
    },
  });
  const sends = metrics.histogram(
    "imserver_sends_in_transaction",
    "Sends that were stored in one transaction.",
    SENDS_IN_ONE,
  );
  const queues: (() => number)[] = [];
  showQueue(metrics, "append", () => queues.reduce((sum, waiting) => sum + waiting(), 0));
  const searches = await openSearch(config, storage, log);
  const local = createLocalData(storage, { now: Date.now, nextId: createIds(Date.now) }, {
    readLog,
    searches,
    onSends: (count) => sends.observe(count),
    onQueue: (waiting) => queues.push(waiting),
    tracer,
  });
  const cache = await openCache(config, { data: local, db: storage }, { log, metrics, tracer });
  return {
    part: cache.part,
    close: async () => {
      await searches.close();
      await Promise.all([cache, storage, ...replicas].map((one) => one.close()));
    },
  };

  async function openFile({ database: { target } }: Config): Promise<Storage> {
    try {
      if (target !== ":memory:") await createPrivately(target);
      // On the thread that serves sockets: measuring showed that one of its own costs more (docs/adr/0003).
      const storage = openSqlite(target);
      await bringUp(storage, log);
      return tracer ? traced(storage, tracer) : storage;
    } catch (error) {
      throw new UsageError(`--database cannot open ${target} (${reasonOf(error)}); ${remedyOf(error)}`);
    }
  }
}

async function openServer(
  config: Config,
  { log, metrics, tracer }: Watch,
  waitMs: number,
): Promise<Storage> {
  const { openMysql } = await import("../data/sql/mysql.ts");
  const { guarded } = await import("../data/sql/guarded.ts");
  const { host, pathname } = new URL(config.database.target);
  const storage = openMysql(config.database.target, { maxConnections: config.databaseConnections });
  const until = performance.now() + waitMs;
  for (let told = false;; told = true) {
    try {
      await bringUp(storage, log);
      let breaker: "closed" | "half-open" | "open" = "closed";
      showBreaker(metrics, "database", () => breaker);
      return guarded(tracer ? traced(storage, tracer) : storage, {
        onState: (state) => {
          breaker = state;
          // That it is away, and back, is said once by who watches it.
          log.debug("database breaker", { state });
        },
      });
    } catch (error) {
      const may = error instanceof ImError && error.code === "unavailable" && !isRefusal(error);
      if (!may || performance.now() > until) {
        await storage.close();
        throw new UsageError(
          `--database mysql://${host}${pathname} cannot be used (${reasonOf(error)}); ` +
            "start it, or correct the address, the user or the password",
        );
      }
      if (!told) log.warn("waiting for the database", { because: error.message });
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

async function openReplicas({ replica = [], databaseConnections }: Config): Promise<Storage[]> {
  const { openMysql } = await import("../data/sql/mysql.ts");
  // Nobody waits long for a replica: the primary answers, too.
  const options = { maxConnections: databaseConnections, acquireTimeoutMs: 200, connectTimeoutMs: 1_000 };
  return replica.map((url) => openMysql(url, { ...options, statementTimeoutMs: 3_000 }));
}

/** A wrong user, password or name: waiting does not mend it. */
const isRefusal = (error: Error) => /Access denied|Unknown database/.test(error.message);

async function bringUp(storage: Storage, log: Logger): Promise<void> {
  const { applied } = await migrate(storage);
  for (const name of applied) log.info("database migrated", { to: name });
}

/** What gateways tell each other by: Redis where one is named, else this process is alone. */
export async function openBus(
  config: Config,
  { log, metrics, tracer }: Watch,
): Promise<Opened<Bus>> {
  const url = config.redisBus ?? config.redis;
  const local = createMemoryBus();
  if (url === undefined) return { part: local, close: () => local.close() };
  const { RedisBus } = await import("../bus/redis.ts");
  const lag = metrics.histogram(
    "imserver_bus_lag_seconds",
    "How long an event takes over Redis, tried once a second.",
    LAGS_S,
  );
  const part = new RedisBus({ url, local, log, onLag: (ms) => lag.observe(ms / 1000), tracer });
  showRedis(metrics, "bus", () => part.connected);
  showQueue(metrics, "bus", () => part.stats.inFlight);
  metrics.counterOf("imserver_bus_messages_total", "Hints to and from other processes.", () => {
    const { published, dropped, received } = part.stats;
    return [[{ what: "published" }, published], [{ what: "dropped" }, dropped], [
      { what: "received" },
      received,
    ]];
  });
  metrics.counterOf(
    "imserver_bus_gaps_total",
    "Times that hints of others may have been lost.",
    () => part.stats.gaps,
  );
  return { part, close: () => part.close() };
}

/** The Redis that gateways count and meet in; undefined where none is named. */
export async function openSharedRedis(
  config: Config,
  { log, metrics, tracer }: Watch,
): Promise<SharedRedis | undefined> {
  const url = config.redisCache ?? config.redis;
  if (url === undefined) return undefined;
  const { SharedRedis } = await import("../kit/shared_redis.ts");
  const onState = tellBreaker(log, "shared");
  const redis = new SharedRedis({ place: parseRedisUrl(url), log, onState, tracer });
  showBreaker(metrics, "shared redis", () => redis.state);
  showRedis(metrics, "shared", () => redis.client.status === "ready");
  return redis;
}

/** Where the bytes of files lie; null: this server keeps none. */
export async function openBlobs({ files }: Config): Promise<BlobStore | null> {
  if (files === undefined) return null;
  if (files.kind === "s3") return (await import("../blobs/s3.ts")).openS3Store(files.target);
  try {
    return await openFolderStore(files.target);
  } catch (error) {
    throw new UsageError(
      `--files cannot use ${files.target} (${
        reasonOf(error)
      }); name another folder or make this one writable`,
    );
  }
}

/** Who is connected at which gateway. Where gateways share a Bus only, they ask each other. */
export async function openDirectory(
  config: Config,
  shared: SharedRedis | undefined,
  log: Logger,
): Promise<Directory> {
  if (!shared) return createMemoryDirectory({ alone: config.redisBus === undefined });
  const { RedisDirectory } = await import("../bus/redis_directory.ts");
  return new RedisDirectory({ redis: shared, log, now: Date.now });
}

function remedyOf(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  // SQLite's own words (sqlite.org/rescode.html), because Deno gives the number of some errors only.
  if (/not a database|malformed/.test(message ?? "")) return "restore it from a backup or name another file";
  // The migrations' own errors have no code.
  const isOurs = error instanceof Error && error.name === "Error" && code === undefined;
  return isOurs
    ? "run the imserver that wrote it or name another file"
    : "name another file or make this one readable and writable";
}

/** For its owner only; the files that SQLite lays beside it take their rights from it. */
async function createPrivately(path: string): Promise<void> {
  (await Deno.open(path, { create: true, append: true, mode: 0o600 })).close();
}
