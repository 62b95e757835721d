import { Cluster, type CommonRedisOptions, Redis, type RedisOptions } from "ioredis";
import type { Logger } from "./log.ts";
import type { RedisPlace } from "./redis_url.ts";

const CONNECT_TIMEOUT_MS = 3_000;
const PING_EVERY_MS = 2_000;
const PING_TIMEOUT_MS = 2_000;
const MAX_RETRY_MS = 2_000;

/** Again and again, at most two seconds apart, and not all processes at the same moment. */
const retry = (times: number) =>
  Math.min(50 * 2 ** Math.min(times, 10), MAX_RETRY_MS) * (0.5 + Math.random() / 2);

function common({ username, password, tls, caFile }: RedisPlace): CommonRedisOptions & RedisOptions {
  return {
    username,
    password,
    ...(tls ? { tls: caFile ? { ca: Deno.readTextFileSync(caFile) } : {} } : {}),
    connectTimeout: CONNECT_TIMEOUT_MS,
    // What cannot be sent now fails now: nothing of ours is worth keeping until later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // All of one turn of the event loop in one write.
    enableAutoPipelining: true,
    retryStrategy: retry,
    keepAlive: 10_000,
    disableClientInfo: true,
  };
}

/** A connection for commands, each of which fails after `commandTimeoutMs`, where given. It begins to connect, and keeps trying; a command that fails says so at once. */
export function openRedis(
  place: RedisPlace,
  log: Logger,
  { commandTimeoutMs }: { commandTimeoutMs?: number } = {},
): Redis | Cluster {
  const options = { ...common(place), commandTimeout: commandTimeoutMs };
  const redis = place.kind === "cluster"
    ? new Cluster(place.nodes, {
      redisOptions: options,
      enableOfflineQueue: false,
      enableAutoPipelining: true,
      slotsRefreshInterval: 5_000,
      clusterRetryStrategy: retry,
    })
    : new Redis({ ...options, ...addressOf(place) });
  watch(redis, place, log);
  return redis;
}

/** A connection to hear on: of a single server, or of this node of a cluster. It subscribes to nothing by itself. */
export function openListener(place: RedisPlace, node: string | null, log: Logger): Redis {
  const [, host, port] = /^(.*):(\d+)$/.exec(node ?? "") ?? [];
  const address = node === null ? addressOf(place) : { host, port: Number(port) };
  const redis = new Redis({
    ...common(place),
    ...address,
    enableAutoPipelining: false,
    autoResubscribe: false,
    // It answers only when all is loaded; pub/sub needs none of it.
    enableReadyCheck: false,
  });
  watch(redis, place, log);
  return redis;
}

function addressOf({ kind, nodes, name, db, tls, caFile }: RedisPlace): RedisOptions {
  if (kind !== "sentinel") return { ...nodes[0], db };
  const secure = tls ? { enableTLSForSentinelMode: true } : {};
  const sentinelTls = tls && caFile ? { sentinelTLS: { ca: Deno.readTextFileSync(caFile) } } : {};
  return { sentinels: nodes, name, db, sentinelRetryStrategy: retry, ...secure, ...sentinelTls };
}

/**
 * Asks a connection every two seconds whether it lives: a half-open one raises no event by itself (measured: for
 * 20 s). One that does not answer is cut, what waits on it fails, and it is made anew. The answer ends the asking.
 */
export function watchLife(redis: Redis): () => void {
  const ask = async () => {
    if (redis.status !== "ready") return;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("no answer")), PING_TIMEOUT_MS);
    try {
      await Promise.race([redis.ping(), late.promise]);
    } catch {
      // Not an orderly end: who does not answer would not take part in it.
      if (redis.status === "ready") (redis as unknown as { stream: { destroy(): void } }).stream.destroy();
    } finally {
      clearTimeout(timer);
    }
  };
  const timer = setInterval(ask, PING_EVERY_MS);
  return () => clearInterval(timer);
}

/** Cuts a connection and waits until nothing of it is left. */
export async function closeRedis(redis: Redis | Cluster): Promise<void> {
  const nodes = redis instanceof Cluster ? redis.nodes("all") : [];
  // Between two tries there is no connection, and so no end of one is told.
  const resting = ["end", "wait", "reconnecting"];
  const ended = [redis, ...nodes].filter(({ status }) => !resting.includes(status))
    .map((one) => new Promise<void>((resolve) => one.once("end", () => resolve())));
  redis.disconnect();
  await Promise.all(ended);
}

/** One line when it goes and one when it comes back, however often it is tried in between. */
function watch(redis: Redis | Cluster, { nodes }: RedisPlace, log: Logger): void {
  const server = nodes.map(({ host, port }) => `${host}:${port}`).join(",");
  let there: boolean | null = null;
  const say = (next: boolean, because?: string) => {
    if (there === next) return;
    if (next) { if (there === false) log.info("redis is back", { server }); }
    else log.warn("redis is away", { server, because });
    there = next;
  };
  redis.on("error", (error: Error) => say(false, error.message || (error as { code?: string }).code));
  redis.on("ready", () => say(true));
}
