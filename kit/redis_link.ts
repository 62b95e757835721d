import type { Redis } from "ioredis";
import { closeRedis, watchLife } from "./redis.ts";

export interface LinkParts {
  redis: Redis;
  /** `subscribe`, or on a cluster `ssubscribe`: sharded pub/sub (Redis 7). */
  sharded: boolean;
  onMessage: (channel: string, message: Uint8Array) => void;
  /** What was published meanwhile is lost; now all channels are heard again. */
  onGap: () => void;
  /** The server says that a channel is another node's. */
  onMoved: () => void;
}

const CHANNELS_PER_COMMAND = 500;

/**
 * One connection that hears. It keeps the list of channels it should be subscribed to and makes it so after each
 * reconnect.
 */
export class RedisLink {
  #parts: LinkParts;
  /** Channel → resolves when the server has confirmed it. */
  #channels = new Map<string, PromiseWithResolvers<void>>();
  #connectedBefore = false;
  #joining: string[] = [];
  #unwatch: () => void;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    const { redis, sharded } = parts;
    redis.on(sharded ? "smessageBuffer" : "messageBuffer", (channel: Uint8Array, message: Uint8Array) => {
      parts.onMessage(decoder.decode(channel), message);
    });
    redis.on("ready", () => this.#joinAll());
    redis.on("close", () => this.#forget());
    // The node gives a slot away, and takes its subscribers off the channels of it.
    redis.on("sunsubscribe", (channel: string) => this.#channels.has(channel) && parts.onMoved());
    this.#unwatch = watchLife(redis);
  }

  get connected(): boolean {
    return this.#parts.redis.status === "ready";
  }

  get channels(): Iterable<string> {
    return this.#channels.keys();
  }

  /** Resolves when the server has confirmed it, which may take until it is back. */
  join(channel: string): Promise<void> {
    let joined = this.#channels.get(channel);
    if (joined) return joined.promise;
    this.#channels.set(channel, joined = Promise.withResolvers<void>());
    if (this.connected) {
      // All of one turn go in one command.
      if (this.#joining.push(channel) === 1) {
        queueMicrotask(() => void this.#subscribe(this.#joining.splice(0)));
      }
    }
    return joined.promise;
  }

  leave(channels: readonly string[]): void {
    for (const channel of channels) this.#channels.delete(channel);
    if (!this.connected || channels.length === 0) return;
    const { redis, sharded } = this.#parts;
    for (const part of parts(channels, sharded)) {
      (sharded ? redis.sunsubscribe(...part) : redis.unsubscribe(...part)).catch(() => {});
    }
  }

  async close(): Promise<void> {
    this.#unwatch();
    await closeRedis(this.#parts.redis);
  }

  async #joinAll(): Promise<void> {
    const late = this.#connectedBefore || this.#channels.size > 0;
    this.#connectedBefore = true;
    this.#joining = [];
    if (await this.#subscribe([...this.#channels.keys()]) && late) this.#parts.onGap();
  }

  /** After a lost connection nothing is confirmed any more. */
  #forget(): void {
    for (const [channel, joined] of this.#channels) {
      joined.resolve();
      this.#channels.set(channel, Promise.withResolvers<void>());
    }
  }

  async #subscribe(channels: readonly string[]): Promise<boolean> {
    const { redis, sharded, onMoved } = this.#parts;
    try {
      await Promise.all(
        parts(channels, sharded).map(async (part) => {
          await (sharded ? redis.ssubscribe(...part) : redis.subscribe(...part));
          for (const channel of part) this.#channels.get(channel)?.resolve();
        }),
      );
      return true;
    } catch (error) {
      // Lost again, then it is done again by the next connection; or the channel is another node's.
      if (/^(MOVED|CLUSTERDOWN|ASK)/.test((error as Error).message)) onMoved();
      return false;
    }
  }
}

const decoder = new TextDecoder();

/** In a cluster one command takes channels of one slot only, so each goes alone. */
function parts(channels: readonly string[], alone: boolean): string[][] {
  const size = alone ? 1 : CHANNELS_PER_COMMAND;
  const cut: string[][] = [];
  for (let i = 0; i < channels.length; i += size) cut.push(channels.slice(i, i + size));
  return cut;
}
