import calculateSlot from "cluster-key-slot";
import { Cluster, type Redis } from "ioredis";
import type { Logger } from "./log.ts";
import { closeRedis, openListener, openRedis, watchLife } from "./redis.ts";
import { RedisLink } from "./redis_link.ts";
import { SpanKind, type Tracer } from "./tracer.ts";
import { parseRedisUrl, type RedisPlace } from "./redis_url.ts";

export interface PubSubOptions {
  url: string;
  log: Logger;
  /** Before every channel, where several systems share a Redis. */
  prefix: string;
  /** What somebody else published on a channel that was joined. */
  onMessage: (channel: string, message: Uint8Array) => void;
  /** What others published may be lost; now it is heard again. */
  onGap: () => void;
  /** Told once a second, while Redis answers, how many milliseconds a message takes over it to who listens. */
  onLag?: (ms: number) => void;
  tracer?: Tracer;
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
 * Redis pub/sub, on a cluster sharded pub/sub (Redis 7), between processes. Who publishes does not hear itself. Redis
 * loses messages without a word; each time it may have, `onGap` says so.
 */
export class RedisPubSub {
  readonly stats = { published: 0, dropped: 0, received: 0, gaps: 0 };
  #options: PubSubOptions;
  #place: RedisPlace;
  #publisher: Redis | Cluster;
  #origin = crypto.getRandomValues(new Uint8Array(ORIGIN_BYTES));
  /** By node of a cluster; a single server is "". */
  #links = new Map<string, RedisLink>();
  /** Channel → how many listen here, and which link hears it. */
  #channels = new Map<string, { listeners: number; node: string; idleSinceMs: number }>();
  #inFlight = 0;
  #clusterKnown: Promise<void>;
  #gapTimer: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setInterval>;
  #unwatch: () => void;
  #closed = false;
  /** A channel of this process only, on which it hears itself. */
  #probe = `lag:${this.#origin.toHex()}`;

  constructor(options: PubSubOptions) {
    this.#options = options;
    const { url, log } = options;
    this.#place = parseRedisUrl(url);
    this.#publisher = openRedis(this.#place, log);
    this.#unwatch = this.#publisher instanceof Cluster ? () => {} : watchLife(this.#publisher);
    const ready = Promise.withResolvers<void>();
    this.#clusterKnown = ready.promise;
    if (this.#place.kind === "cluster") this.#publisher.once("ready", () => ready.resolve());
    else this.#linkOf("");
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    if (options.onLag) void this.join(this.#probe);
  }

  /** Whether what others publish is heard here now. */
  get connected(): boolean {
    return this.#links.size > 0 && [...this.#links.values()].every((link) => link.connected);
  }

  /** Publishes that Redis has not confirmed yet. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Never throws and never waits: what cannot be sent now is dropped. */
  publish(channel: string, body: Uint8Array): void {
    if (this.#closed) return;
    if (this.#publisher.status !== "ready" || this.#inFlight >= MAX_IN_FLIGHT) {
      this.stats.dropped++;
      return;
    }
    this.stats.published++;
    this.#inFlight++;
    const message = this.#envelope(body);
    const name = this.#options.prefix + channel;
    const send = () =>
      this.#place.kind === "cluster"
        ? this.#publisher.spublish(name, message)
        : this.#publisher.publish(name, message);
    const { tracer } = this.#options;
    (tracer ? tracer.part("redis publish", SpanKind.CLIENT, send) : send()).then(
      () => this.#inFlight--,
      () => {
        this.#inFlight--;
        this.stats.dropped++;
      },
    );
  }

  /** Hears a channel, once more if it is heard already. The answer ends it; the channel is let go of a little later. */
  async join(channel: string): Promise<() => void> {
    if (this.#closed) return () => {};
    const known = this.#channels.get(channel) ??
      { listeners: 0, node: this.#nodeOf(channel), idleSinceMs: 0 };
    this.#channels.set(channel, known);
    known.listeners++;
    await inTime(this.#join(channel, known));
    let released = false;
    return () => {
      if (released) return;
      released = true;
      known.listeners--;
      known.idleSinceMs = performance.now();
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#gapTimer);
    this.#unwatch();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await closeRedis(this.#publisher);
  }

  #envelope(body: Uint8Array): Buffer {
    const message = new Uint8Array(ORIGIN_BYTES + body.length);
    message.set(this.#origin);
    message.set(body, ORIGIN_BYTES);
    return Buffer.from(message.buffer);
  }

  #hear(name: string, message: Uint8Array): void {
    if (this.#origin.every((byte, i) => message[i] === byte)) return this.#hearSelf(name, message);
    this.stats.received++;
    this.#options.onMessage(name.slice(this.#options.prefix.length), message.subarray(ORIGIN_BYTES));
  }

  #hearSelf(name: string, message: Uint8Array): void {
    if (name !== this.#options.prefix + this.#probe) return;
    const sentMs = new DataView(message.buffer, message.byteOffset + ORIGIN_BYTES).getFloat64(0);
    this.#options.onLag?.(performance.now() - sentMs);
  }

  #measureLag(): void {
    if (!this.#options.onLag || !this.connected) return;
    const now = new DataView(new ArrayBuffer(8));
    now.setFloat64(0, performance.now());
    this.publish(this.#probe, new Uint8Array(now.buffer));
  }

  #gap(): void {
    this.stats.gaps++;
    this.#options.onGap();
  }

  async #join(channel: string, known: { node: string }): Promise<void> {
    if (this.#place.kind === "cluster" && known.node === "") {
      await this.#clusterKnown;
      this.#move();
      // A slot that is nobody's now is somebody's later, and followed then.
      if (known.node === "") return;
    }
    await this.#linkOf(known.node).join(this.#options.prefix + channel);
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
    return slots[calculateSlot(this.#options.prefix + channel)]?.[0] ?? "";
  }

  #linkOf(node: string): RedisLink {
    let link = this.#links.get(node);
    if (!link) {
      const sharded = this.#place.kind === "cluster";
      link = new RedisLink({
        redis: openListener(this.#place, sharded && node !== "" ? node : null, this.#options.log),
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
      this.#links.get(known.node)?.leave([this.#options.prefix + channel]);
      known.node = node;
      this.#linkOf(node).join(this.#options.prefix + channel).then(() => !this.#closed && this.#gapSoon());
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
    this.#measureLag();
    const now = performance.now();
    const idle = Map.groupBy(
      [...this.#channels].filter(([, known]) => known.listeners === 0 && now - known.idleSinceMs > LINGER_MS),
      ([, known]) => known.node,
    );
    for (const [node, channels] of idle) {
      for (const [channel] of channels) this.#channels.delete(channel);
      this.#links.get(node)?.leave(channels.map(([channel]) => this.#options.prefix + channel));
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
