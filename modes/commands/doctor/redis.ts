import type { Cluster, Redis } from "ioredis";
import { silent } from "../../../kit/log.ts";
import { closeRedis, openRedis } from "../../../kit/redis.ts";
import { parseRedisUrl, type RedisPlace } from "../../../kit/redis_url.ts";
import type { Config } from "../../config.ts";
import { type Check, fault, ok, warning } from "./check.ts";
import { judgeClock } from "./clock.ts";

const CONNECT_WITHIN_MS = 3_000;
const COMMAND_WITHIN_MS = 2_000;

type Said = ReturnType<typeof ok>;

export interface RedisFacts {
  version: string;
  /** `noeviction`, …; null: it does not tell. */
  policy: string | null;
  /** 0: no limit; null: it does not tell. */
  maxMemory: number | null;
  isCluster: boolean;
  /** `ok`, `fail`; null: no cluster. */
  clusterState: string | null;
  role: string;
  skewMs: number;
  skewErrorMs: number;
}

export function redisChecks({ redis, redisBus, redisCache }: Config): Check[] {
  const named = { "redis": redis, "redis (bus)": redisBus, "redis (cache)": redisCache };
  return Object.entries(named).flatMap(([name, url]) => {
    if (url === undefined) return [];
    const flag = name === "redis" ? "redis" : name === "redis (bus)" ? "redis-bus" : "redis-cache";
    return [{ name, look: () => lookAt(parseRedisUrl(url), flag) }];
  });
}

async function lookAt(place: RedisPlace, flag: string): Promise<Said | Said[]> {
  let why = "";
  const trouble = Promise.withResolvers<false>();
  const warn = (_: string, fields?: Record<string, unknown>) => {
    why ||= String(fields?.because);
    // Of several nodes another may answer.
    if (place.nodes.length === 1) trouble.resolve(false);
  };
  const log = { ...silent, warn };
  const redis = openRedis(place, log, { commandTimeoutMs: COMMAND_WITHIN_MS });
  try {
    if (!await Promise.race([isReady(redis), trouble.promise])) return unreachable(place, why, flag);
    const facts = await factsOf(redis);
    return [ok(`${nameOf(place)} answers: Redis ${facts.version}`), ...judgeRedis(facts, place, flag)];
  } catch (error) {
    return unreachable(place, (error as Error).message, flag);
  } finally {
    await closeRedis(redis);
  }
}

const nameOf = ({ nodes }: RedisPlace) => nodes.map(({ host, port }) => `${host}:${port}`).join(",");

async function isReady(redis: Redis | Cluster): Promise<boolean> {
  const ready = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => ready.resolve(false), CONNECT_WITHIN_MS);
  redis.once("ready", () => ready.resolve(true));
  try {
    return redis.status === "ready" || await ready.promise;
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(place: RedisPlace, why: string, flag: string): Said {
  if (/NOAUTH|WRONGPASS|invalid password|without any password/i.test(why)) {
    return fault(
      `${nameOf(place)} refuses the user or the password`,
      `correct them in --${flag}: redis://user:password@host:port, special characters as %40`,
    );
  }
  if (/cluster support disabled|ClusterAllFailedError|Failed to refresh slots/i.test(why)) {
    return fault(
      `${nameOf(place)} is no cluster, or none of its nodes can be reached (${why})`,
      `for a single server say redis:// in --${flag}; else start its nodes`,
    );
  }
  return fault(
    `${nameOf(place)} cannot be reached${why ? ` (${why})` : ""}`,
    `start it, or correct --${flag} (host, port, rediss:// for TLS); look at firewalls`,
  );
}

async function factsOf(redis: Redis | Cluster): Promise<RedisFacts> {
  // Of a cluster one node speaks for all: they are set up alike.
  const one = "nodes" in redis ? redis.nodes("master")[0] ?? redis : redis;
  const info = String(await one.call("info"));
  const line = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
  const setting = async (name: string) => {
    // Services that run Redis for others often refuse CONFIG.
    const said = await one.call("config", "get", name).catch(() => []) as string[];
    return said[1] ?? null;
  };
  const isCluster = line("cluster_enabled") === "1";
  const state = isCluster ? String(await one.call("cluster", "info").catch(() => "")) : "";
  const before = Date.now();
  const [seconds, microseconds] = (await one.call("time") as [string, string]).map(Number);
  const after = Date.now();
  const maxMemory = await setting("maxmemory") ?? line("maxmemory");
  return {
    version: line("redis_version") ?? "?",
    policy: await setting("maxmemory-policy") ?? line("maxmemory_policy") ?? null,
    maxMemory: maxMemory === undefined ? null : Number(maxMemory),
    isCluster,
    clusterState: isCluster ? /cluster_state:(\w+)/.exec(state)?.[1] ?? null : null,
    role: line("role") ?? "master",
    skewMs: Math.round(seconds * 1000 + microseconds / 1000 - (before + after) / 2),
    skewErrorMs: (after - before) / 2,
  };
}

export function judgeRedis(facts: RedisFacts, place: Pick<RedisPlace, "kind">, flag: string): Said[] {
  const said: Said[] = [];
  const major = Number(facts.version.split(".")[0]);
  if (major < 6 || (facts.isCluster && major < 7)) {
    const least = facts.isCluster ? "Redis 7 (a cluster's channels need it)" : "Redis 6.2";
    said.push(fault(`Redis ${facts.version} is too old`, `use ${least} or newer`));
  }
  if (facts.policy !== null && facts.policy !== "noeviction") {
    said.push(fault(
      `maxmemory-policy is ${facts.policy}: when memory is short, Redis forgets who is connected and what was counted`,
      "set maxmemory-policy noeviction, in redis.conf and by CONFIG SET",
    ));
  }
  if (facts.maxMemory === 0) {
    said.push(warning(
      "maxmemory is not set: Redis may take all memory of its machine, and is then killed",
      "set maxmemory to about two thirds of what the machine has for it",
    ));
  }
  if (facts.isCluster && place.kind !== "cluster") {
    said.push(fault(
      `it is a node of a cluster, and --${flag} speaks to it as to a single server`,
      `say redis-cluster://host:port,… in --${flag}, with some of its nodes`,
    ));
  }
  if (facts.clusterState !== null && facts.clusterState !== "ok") {
    said.push(fault(
      `the cluster's state is ${facts.clusterState}: some of its keys have no server`,
      "start the nodes that are missing; redis-cli --cluster check host:port says which",
    ));
  }
  if (facts.role === "slave" && place.kind === "single") {
    said.push(
      fault("it is a replica, and refuses writes", `name the primary in --${flag}, or use redis-sentinel://`),
    );
  }
  return [...said, judgeClock("Redis's clock", facts)];
}
