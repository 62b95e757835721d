import { Cluster } from "ioredis";
import { Buffer } from "node:buffer";
import type { SharedRedis } from "./shared_redis.ts";

export interface RedisCacheOptions {
  redis: SharedRedis;
  /** So long an entry lies there, if Redis has room. */
  ttlMs: number;
  /** Before every key, where several systems share a Redis. */
  prefix?: string;
}

/**
 * Bytes in Redis that several processes share, each gone after its time or whenever Redis likes. It never fails: what
 * Redis does not answer in time is not there, and what it does not take is not kept.
 */
export class RedisCache {
  #options: RedisCacheOptions;
  #prefix: string;

  constructor(options: RedisCacheOptions) {
    this.#options = options;
    this.#prefix = options.prefix ?? "imserver:";
  }

  /** In the order of the keys. */
  async get(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    const names = keys.map((key) => this.#prefix + key);
    const { redis } = this.#options;
    // Without a connection nothing is waited for, and it is no news for the breaker.
    if (redis.client.status !== "ready") return [];
    const values = await redis.run((client): Promise<(Buffer | null)[]> =>
      // A cluster takes keys of one slot at a time; what is asked in one turn goes to each node in one write.
      client instanceof Cluster
        ? Promise.all(names.map((name) => client.getBuffer(name)))
        : client.mgetBuffer(names)
    ).catch(() => []);
    return values.map((value) => value ?? undefined);
  }

  set(entries: readonly (readonly [key: string, value: Uint8Array])[]): void {
    const { redis, ttlMs } = this.#options;
    if (entries.length === 0 || redis.client.status !== "ready") return;
    redis.run((client) =>
      Promise.all(
        entries.map(([key, { buffer, byteOffset, length }]) =>
          client.set(this.#prefix + key, Buffer.from(buffer, byteOffset, length), "PX", ttlMs)
        ),
      )
    ).catch(() => {});
  }
}
