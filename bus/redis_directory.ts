import type { Logger } from "../kit/log.ts";
import type { SharedRedis } from "../kit/shared_redis.ts";
import { addSessions, type Change, type Directory, type Found } from "./directory.ts";
import { BEAT, BURY_KEEP_LEASES, LIVE, RENEW, WRITE } from "./redis_directory_scripts.ts";

export interface RedisDirectoryOptions {
  redis: Pick<SharedRedis, "run" | "onReady">;
  log: Logger;
  now: () => number;
  /** What a gateway said of itself holds so long after it was last renewed. */
  leaseMs?: number;
  prefix?: string;
}

const LEASE_MS = 12_000;
/** Renewed, and others looked at, so many times within a lease. */
const BEATS = 4;
const USERS_PER_COMMAND = 500;
/** Beyond so many changes that could not be written, everything is written anew. */
const MAX_UNWRITTEN = 10_000;

/** Another gateway as it was last seen. */
interface Peer {
  lastAt: number;
}

/**
 * The directory in Redis. Each gateway has one hash, user → sessions, whose field `whole` says that it is; one more hash
 * says until when each gateway is there. A beat renews both: two commands for a gateway, however many users it has.
 * Whoever first finds a gateway out of time takes it off and tells whose connections it had.
 *
 * A Redis that was restarted is empty: at its next beat each gateway sees that its hash is gone and writes it anew, under
 * a new name, so that nobody who buries the old one meets it. Until a lease has passed, nobody is sure of who is not
 * there.
 */
export class RedisDirectory implements Directory {
  readonly #options: RedisDirectoryOptions;
  readonly #leaseMs: number;
  readonly #prefix: string;
  readonly #own = new Map<number, readonly number[]>();
  readonly #unwritten = new Set<number>();
  readonly #peers = new Map<string, Peer>();
  readonly #listeners = new Set<(change: Change) => void>();
  #id = crypto.randomUUID();
  #whole = false;
  #away = false;
  /** One command after the other, so that a later word on a user is not overtaken by an earlier one. */
  #last: Promise<void> = Promise.resolve();
  #writing: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval>;
  #closed = false;

  constructor(options: RedisDirectoryOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#prefix = options.prefix ?? "imserver:directory:";
    this.#timer = setInterval(() => void this.beat(), this.#leaseMs / BEATS);
    // Not only with the next beat: others shall see those who come, and who comes back finds it empty perhaps.
    options.redis.onReady(() => void this.beat());
  }

  set(userId: number, sessionIds: readonly number[] | null): Promise<void> {
    if (sessionIds === null) this.#own.delete(userId);
    else this.#own.set(userId, [...sessionIds]);
    if (this.#closed) return Promise.resolve();
    this.#unwritten.add(userId);
    // All of one turn of the event loop go together.
    return this.#writing ??= new Promise<void>((resolve) => setTimeout(resolve, 0)).then(() => {
      this.#writing = undefined;
      return this.#inTurn(() => this.#writeChanges());
    });
  }

  async find(userIds: readonly number[]): Promise<Found> {
    const sessions: Found["sessions"] = new Map();
    for (const userId of userIds) addSessions(sessions, userId, this.#own.get(userId));
    try {
      const { ids, sure } = await this.#live();
      const others = ids.filter((id) => id !== this.#id);
      const whole = await Promise.all(
        others.flatMap((id) => chunks(userIds).map((some) => this.#look(id, some, sessions))),
      );
      return { sessions, sure: sure && this.#whole && whole.every(Boolean) };
    } catch {
      return { sessions, sure: false };
    }
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Renews the lease and looks at the others. Never rejects. */
  beat(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return this.#inTurn(async () => {
      if (this.#whole) this.#whole = await this.#eval(RENEW, [this.#key(this.#id)], [this.#keepMs]) === 1;
      if (!this.#whole) await this.#writeAll();
      await this.#writeChanges();
      await this.#lookAround();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#last;
    await this.#inTurn(async () => {
      await this.#options.redis.run((redis) =>
        Promise.all([redis.hdel(this.#registry, this.#id), redis.del(this.#key(this.#id))])
      );
    });
  }

  get #registry(): string {
    return `${this.#prefix}gateways`;
  }

  /** What a gateway said stays longer than its lease, for whoever buries it. */
  get #keepMs(): number {
    return this.#leaseMs * BURY_KEEP_LEASES;
  }

  #key(id: string): string {
    return `${this.#prefix}at:${id}`;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const next = this.#last.then(work).then(() => this.#isBack(true), () => this.#isBack(false));
    this.#last = next;
    return next;
  }

  #isBack(back: boolean): void {
    if (back && this.#away) this.#tell({ orphans: [] });
    this.#away = !back;
  }

  #eval(script: string, keys: string[], args: (string | number)[]): Promise<unknown> {
    return this.#options.redis.run((redis) => redis.eval(script, keys.length, ...keys, ...args));
  }

  async #writeChanges(): Promise<void> {
    if (!this.#whole) {
      // The next beat writes everything.
      if (this.#unwritten.size > MAX_UNWRITTEN) this.#unwritten.clear();
      return;
    }
    for (const some of chunks([...this.#unwritten])) {
      if (!await this.#write(some)) {
        this.#whole = false;
        return;
      }
      // What changed meanwhile was added again behind, and is written next.
    }
  }

  async #writeAll(): Promise<void> {
    const before = this.#id;
    this.#id = crypto.randomUUID();
    this.#unwritten.clear();
    await this.#eval(WRITE, [this.#key(this.#id)], [this.#keepMs, 1, "whole", "1"]);
    for (const some of chunks([...this.#own.keys()])) {
      if (!await this.#write(some)) return;
    }
    this.#whole = true;
    await this.#options.redis.run((redis) => redis.hdel(this.#registry, before));
  }

  /** False when the hash has gone meanwhile. */
  async #write(userIds: readonly number[]): Promise<boolean> {
    const fields = userIds.flatMap((id) => [id, this.#own.get(id)?.join(",") ?? "-"]);
    for (const id of userIds) this.#unwritten.delete(id);
    try {
      return await this.#eval(WRITE, [this.#key(this.#id)], [this.#keepMs, 0, ...fields]) === 1;
    } catch (error) {
      if (this.#unwritten.size + userIds.length > MAX_UNWRITTEN) this.#whole = false;
      else for (const id of userIds) this.#unwritten.add(id);
      throw error;
    }
  }

  async #live(): Promise<{ ids: string[]; sure: boolean }> {
    const [age, ids] = await this.#eval(LIVE, [this.#registry], []) as [number, string[]];
    return { ids, sure: age >= this.#leaseMs };
  }

  /** Whether the gateway's hash is whole. */
  async #look(id: string, userIds: readonly number[], sessions: Found["sessions"]): Promise<boolean> {
    const [whole, ...values] = await this.#options.redis.run((redis) =>
      redis.hmget(this.#key(id), "whole", ...userIds.map(String))
    );
    for (const [i, value] of values.entries()) {
      if (value !== null) addSessions(sessions, userIds[i], value === "" ? [] : value.split(",").map(Number));
    }
    return whole !== null;
  }

  async #lookAround(): Promise<void> {
    const { now } = this.#options;
    const args = [this.#id, this.#leaseMs];
    const [live, gone] = await this.#eval(BEAT, [this.#registry], args) as [(string | number)[], string[]];
    const before = new Map(this.#peers);
    this.#peers.clear();
    for (let i = 0; i < live.length; i += 2) {
      const [id, leftMs] = [String(live[i]), Number(live[i + 1])];
      if (id !== this.#id) this.#peers.set(id, { lastAt: now() + leftMs - this.#leaseMs });
    }
    for (const id of gone) {
      const lastAt = before.get(id)?.lastAt ?? now() - this.#leaseMs;
      before.delete(id);
      await this.#bury(id, lastAt);
    }
    for (const [id, { lastAt }] of before) {
      if (!this.#peers.has(id)) this.#tell({ lastAt, orphans: [] });
    }
    if ([...this.#peers.keys()].some((id) => !before.has(id))) this.#tell({ orphans: [] });
  }

  async #bury(id: string, lastAt: number): Promise<void> {
    const key = this.#key(id);
    const orphans: number[] = [];
    let cursor = "0";
    do {
      const [next, fields] = await this.#options.redis.run((redis) =>
        redis.hscan(key, cursor, "COUNT", USERS_PER_COMMAND)
      );
      cursor = next;
      for (let i = 0; i < fields.length; i += 2) if (fields[i] !== "whole") orphans.push(Number(fields[i]));
    } while (cursor !== "0");
    await this.#options.redis.run((redis) => redis.del(key));
    this.#options.log.warn("a gateway is gone without a word", { users: orphans.length });
    this.#tell({ lastAt, orphans: [...new Set(orphans)] });
  }

  #tell(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}

function chunks(userIds: readonly number[]): (readonly number[])[] {
  const cut: (readonly number[])[] = [];
  for (let i = 0; i < userIds.length; i += USERS_PER_COMMAND) {
    cut.push(userIds.slice(i, i + USERS_PER_COMMAND));
  }
  return cut;
}
