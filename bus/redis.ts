import calculateSlot from "cluster-key-slot";
import { Cluster, type Redis } from "ioredis";
import { closeRedis, openListener, openRedis, watchLife } from "../kit/redis.ts";
import { parseRedisUrl, type RedisPlace } from "../kit/redis_url.ts";
import type { Logger } from "../kit/log.ts";
import { Event } from "../proto/gen/event.ts";
import type { Bus } from "./bus.ts";
import { RedisLink } from "./redis_link.ts";

export interface RedisBusOptions {
  url: string;
  /** What this node's own listeners hear by: they are told whatever Redis does. */
  local: Bus;
  log: Logger;
  /** Before every channel, where several systems share a Redis. */
  prefix?: string;
}

export interface BusStats {
  /** Whether what others publish is heard here now. */
  connected: boolean;
  published: number;
  /** Not sent, because Redis was away or slow. */
  dropped: number;
  received: number;
  gaps: number;
}

/** Publishes under way, at most; what comes above is dropped, and found by the sweep (P4, P6). */
const MAX_IN_FLIGHT = 20_000;
/** So long a subscriber waits for a Redis that does not answer; then it hears this node, and the rest by the sweep. */
const JOIN_TIMEOUT_MS = 1_000;
/** A channel nobody listens to any more is kept for so long, because many come back at once. */
const LINGER_MS = 5_000;
const LOOK_EVERY_MS = 1_000;
const GAP_SOON_MS = 20;
const ORIGIN_BYTES = 8;

/**
 * The Bus over Redis pub/sub, on a cluster over sharded pub/sub. An event goes to this node's listeners first and at
 * once, and then to Redis under this node's name, so that what comes back is not told twice. Redis loses events
 * without a word; each time it may have, `onGap` says so.
 */
export class RedisBus implements Bus {
  readonly stats = { published: 0, dropped: 0, received: 0, gaps: 0 };
  #local: Bus;
  #log: Logger;
  #place: RedisPlace;
  #prefix: string;
  #publisher: Redis | Cluster;
  #origin = crypto.getRandomValues(new Uint8Array(ORIGIN_BYTES));
  /** By node of a cluster; a single server is "". */
  #links = new Map<string, RedisLink>();
  /** Channel → how many listen here, and which link hears it. */
  #channels = new Map<string, { listeners: number; node: string; idleSinceMs: number }>();
  #gapListeners = new Set<() => void>();
  #inFlight = 0;
  #clusterKnown: Promise<void>;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setInterval>;
  #unwatch: () => void;
  #closed = false;

  constructor({ url, local, log, prefix = "imserver:" }: RedisBusOptions) {
    this.#local = local;
    this.#log = log;
    this.#prefix = prefix;
    this.#place = parseRedisUrl(url);
    this.#publisher = openRedis(this.#place, log);
    this.#unwatch = this.#publisher instanceof Cluster ? () => {} : watchLife(this.#publisher);
    const ready = Promise.withResolvers<void>();
    this.#clusterKnown = ready.promise;
    if (this.#place.kind === "cluster") this.#publisher.once("ready", () => ready.resolve());
    else this.#linkOf("");
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  get connected(): boolean {
    return this.#links.size > 0 && [...this.#links.values()].every((link) => link.connected);
  }

  publish(channel: string, event: Event): void {
    if (this.#closed) return;
    this.#local.publish(channel, event);
    if (this.#publisher.status !== "ready" || this.#inFlight >= MAX_IN_FLIGHT) {
      this.stats.dropped++;
      return;
    }
    this.stats.published++;
    this.#inFlight++;
    const message = this.#envelope(event);
    const name = this.#prefix + channel;
    const sent = this.#place.kind === "cluster"
      ? this.#publisher.spublish(name, message)
      : this.#publisher.publish(name, message);
    sent.then(() => this.#inFlight--, () => {
      this.#inFlight--;
      this.stats.dropped++;
    });
  }

  async subscribe(channel: string, listener: (event: Event) => void): Promise<() => void> {
    const release = await this.#local.subscribe(channel, listener);
    if (this.#closed) return release;
    const known = this.#channels.get(channel) ??
      { listeners: 0, node: this.#nodeOf(channel), idleSinceMs: 0 };
    this.#channels.set(channel, known);
    known.listeners++;
    await inTime(this.#join(channel, known));
    let released = false;
    return () => {
      if (released) return;
      released = true;
      release();
      known.listeners--;
      known.idleSinceMs = performance.now();
    };
  }

  onGap(listener: () => void): () => void {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#gapTimer);
    this.#unwatch();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await closeRedis(this.#publisher);
    await this.#local.close();
  }

  #envelope(event: Event): Buffer {
    const body = Event.encode(event).finish();
    const message = new Uint8Array(ORIGIN_BYTES + body.length);
    message.set(this.#origin);
    message.set(body, ORIGIN_BYTES);
    return Buffer.from(message.buffer);
  }

  #hear(name: string, message: Uint8Array): void {
    if (this.#origin.every((byte, i) => message[i] === byte)) return;
    this.stats.received++;
    try {
      this.#local.publish(name.slice(this.#prefix.length), Event.decode(message.subarray(ORIGIN_BYTES)));
    } catch (error) {
      this.#log.warn("an event on the bus cannot be read", { channel: name, error: String(error) });
    }
  }

  #gap(): void {
    this.stats.gaps++;
    for (const listener of [...this.#gapListeners]) listener();
  }

  async #join(channel: string, known: { node: string }): Promise<void> {
    if (this.#place.kind === "cluster" && known.node === "") {
      await this.#clusterKnown;
      this.#move();
      // A slot that is nobody's now is somebody's later, and followed then.
      if (known.node === "") return;
    }
    await this.#linkOf(known.node).join(this.#prefix + channel);
  }

  /** One word for many, once they are heard again. */
  #gapSoon(): void {
    if (this.#gapTimer !== undefined) return;
    this.#gapTimer = setTimeout(() => {
      this.#gapTimer = undefined;
      this.#gap();
    }, GAP_SOON_MS);
  }

  /** The node of a cluster that a channel belongs to; "" while the cluster is not known, and on a single server. */
  #nodeOf(channel: string): string {
    if (!(this.#publisher instanceof Cluster)) return "";
    const { slots } = this.#publisher as unknown as { slots: string[][] };
    return slots[calculateSlot(this.#prefix + channel)]?.[0] ?? "";
  }

  #linkOf(node: string): RedisLink {
    let link = this.#links.get(node);
    if (!link) {
      const sharded = this.#place.kind === "cluster";
      link = new RedisLink({
        redis: openListener(this.#place, sharded && node !== "" ? node : null, this.#log),
        sharded,
        onMessage: (channel, message) => this.#hear(channel, message),
        onGap: () => this.#gap(),
        onMoved: () => this.#moveSoon(),
      });
      this.#links.set(node, link);
    }
    return link;
  }

  #moveSoon(): void {
    if (this.#publisher instanceof Cluster) {
      this.#publisher.refreshSlotsCache(() => this.#closed || this.#move());
    }
  }

  /** Channels whose slot is another node's now are heard there. */
  #move(): void {
    if (this.#place.kind !== "cluster") return;
    for (const [channel, known] of this.#channels) {
      const node = this.#nodeOf(channel);
      if (node === known.node || node === "") continue;
      this.#links.get(known.node)?.leave([this.#prefix + channel]);
      known.node = node;
      this.#linkOf(node).join(this.#prefix + channel).then(() => !this.#closed && this.#gapSoon());
    }
    const used = new Set<string>([...this.#channels.values()].map(({ node }) => node));
    for (const [node, link] of this.#links) {
      if (used.has(node)) continue;
      link.close();
      this.#links.delete(node);
    }
  }

  /** Every second: lets go of channels that nobody came back to, and follows a cluster that changes. */
  #look(): void {
    const now = performance.now();
    const idle = Map.groupBy(
      [...this.#channels].filter(([, known]) => known.listeners === 0 && now - known.idleSinceMs > LINGER_MS),
      ([, known]) => known.node,
    );
    for (const [node, channels] of idle) {
      for (const [channel] of channels) this.#channels.delete(channel);
      this.#links.get(node)?.leave(channels.map(([channel]) => this.#prefix + channel));
    }
    this.#move();
  }
}

async function inTime(joined: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(() => late.resolve(), JOIN_TIMEOUT_MS);
  try {
    await Promise.race([joined, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
