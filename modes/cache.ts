import { cached, type CacheStats } from "../data/cached.ts";
import { readRevised } from "../data/local/revisions.ts";
import type { Data } from "../data/service.ts";
import type { Reads } from "../data/sql/driver.ts";
import type { Logger } from "../kit/log.ts";
import type { Metrics } from "../kit/metrics.ts";
import type { Tracer } from "../kit/tracer.ts";
import { parseRedisUrl } from "../kit/redis_url.ts";
import type { Config } from "./config.ts";
import { showBreaker, showRedis, tellBreaker } from "./states.ts";

/** Redis is there to be faster than the database: what takes longer is asked of that. */
const SHARED_TIMEOUT_MS = 100;
const SHARED_TTL_MS = 600_000;

/** The cache over a Data whose storage is `db`: in this process, and in Redis where one is named and it is worth it. */
export async function openCache(
  config: Config,
  { data, db }: { data: Data; db: Reads },
  { log, metrics, tracer }: { log: Logger; metrics: Metrics; tracer?: Tracer },
): Promise<{ part: Data; close(): Promise<void> }> {
  const url = config.redisCache ?? config.redis;
  // Asking SQLite, in this process, costs less than asking anybody.
  const redis = url !== undefined && config.database.kind === "mysql" ? await openShared(url) : undefined;
  const { part: shared, close } = redis ?? { part: undefined, close: () => Promise.resolve() };
  const coat = cached(data, { revised: (since) => readRevised(db, since), shared });
  showCache(metrics, coat.stats);
  return { part: coat.data, close };

  async function openShared(url: string) {
    const { SharedRedis } = await import("../kit/shared_redis.ts");
    const { RedisCache } = await import("../kit/redis_cache.ts");
    const onState = tellBreaker(log, "cache");
    const place = parseRedisUrl(url);
    const redis = new SharedRedis({ place, log, commandTimeoutMs: SHARED_TIMEOUT_MS, onState, tracer });
    showBreaker(metrics, "cache redis", () => redis.state);
    showRedis(metrics, "cache", () => redis.client.status === "ready");
    return { part: new RedisCache({ redis, ttlMs: SHARED_TTL_MS }), close: () => redis.close() };
  }
}

function showCache(metrics: Metrics, stats: () => CacheStats): void {
  const kind = "user";
  metrics.counterOf("imserver_cache_hits_total", "Reads answered by the cache.", () => {
    const { hits, sharedHits } = stats();
    return [[{ kind, level: "process" }, hits], [{ kind, level: "redis" }, sharedHits]];
  });
  const each = (read: (stats: CacheStats) => number) => () => [[{ kind }, read(stats())]] as const;
  metrics.counterOf("imserver_cache_misses_total", "Reads it asked the database for.", each((s) => s.misses));
  metrics.counterOf(
    "imserver_cache_invalidations_total",
    "Entries forgotten because they were changed.",
    each((s) => s.invalidations),
  );
  metrics.counterOf(
    "imserver_cache_looks_total",
    "Looks at the store for what was changed; reads share them.",
    each((s) => s.looks),
  );
  metrics.gauge("imserver_cache_entries", "Entries in this process.", each((s) => s.users));
  metrics.gauge("imserver_cache_bytes", "About what they hold.", each((s) => s.bytes));
}
