import { encoded } from "../kit/encode.ts";
import type { Logger } from "../kit/log.ts";
import { RedisPubSub } from "../kit/redis_pubsub.ts";
import type { Tracer } from "../kit/tracer.ts";
import { Event } from "../proto/gen/event.ts";
import type { Bus } from "./bus.ts";

export interface RedisBusOptions {
  url: string;
  /** What this node's own listeners hear by: they are told whatever Redis does. */
  local: Bus;
  log: Logger;
  /** Before every channel, where several systems share a Redis. */
  prefix?: string;
  /** Told once a second, while Redis answers, how many milliseconds an event takes over it. */
  onLag?: (ms: number) => void;
  tracer?: Tracer;
}

/**
 * The Bus over Redis. An event goes to this node's listeners first and at once, and then to Redis, whatever becomes of
 * it there. Each time events of others may have been lost, `onGap` says so.
 */
export class RedisBus implements Bus {
  #local: Bus;
  #redis: RedisPubSub;
  #gapListeners = new Set<() => void>();
  #closed = false;

  constructor({ url, local, log, prefix = "imserver:", onLag, tracer }: RedisBusOptions) {
    this.#local = local;
    this.#redis = new RedisPubSub({
      url,
      log,
      prefix,
      onLag,
      tracer,
      onMessage: (channel, message) => {
        try {
          local.publish(channel, Event.decode(message));
        } catch (error) {
          log.warn("an event on the bus cannot be read", { channel, error: String(error) });
        }
      },
      onGap: () => [...this.#gapListeners].forEach((listener) => listener()),
    });
  }

  /** What went over Redis since the start; `connected`: whether others are heard now. */
  get stats() {
    return {
      ...this.#redis.stats,
      connected: this.#redis.connected,
      inFlight: this.#redis.inFlight,
    };
  }

  get connected(): boolean {
    return this.#redis.connected;
  }

  publish(channel: string, event: Event): void {
    if (this.#closed) return;
    this.#local.publish(channel, event);
    this.#redis.publish(channel, encoded(Event, event));
  }

  async subscribe(channel: string, listener: (event: Event) => void): Promise<() => void> {
    const release = await this.#local.subscribe(channel, listener);
    const leave = await this.#redis.join(channel);
    return () => {
      release();
      leave();
    };
  }

  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#redis.close();
    await this.#local.close();
  }
}
