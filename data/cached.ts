import { LRUCache } from "lru-cache";
import { coalesced } from "../kit/coalesce.ts";
import { type AsOf, KnownRevisions, type Revised } from "./known_revisions.ts";
import { decodeShared, encodeShared, sharedKey } from "./shared_user.ts";
import type { Data, User, Users } from "./service.ts";

/** A store of bytes that several processes share. It may lose anything at any time, and never fails. */
export interface SharedCache {
  /** What is there, in the order of the keys; undefined for what is not, and for all when it is away. */
  get(keys: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Nobody waits for it. */
  set(entries: readonly (readonly [key: string, value: Uint8Array])[]): void;
}

export interface CacheParts {
  /** Looks at the store itself: what was changed since a revision. It must never be behind (no replica). */
  revised: (since: number) => Promise<Revised>;
  shared?: SharedCache;
  maxUsers?: number;
  maxBytes?: number;
}

/** What it has done so far, in users. */
export interface CacheStats {
  /** Answered from this process, from the shared cache, from below. */
  hits: number;
  sharedHits: number;
  misses: number;
  /** Known to have changed, and forgotten. */
  invalidations: number;
  /** Looks at the store's revision; many reads share one. */
  looks: number;
  users: number;
  bytes: number;
}

const MAX_USERS = 50_000;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * A coat over a Data: what others see of users (`users.get`) is kept in this process, and beneath that in a shared
 * cache. Before each answer, one small look at the store says who was changed: it begins after the question, so that
 * an answer is never older than that, whatever was lost on the way (P9). All else goes through, and must: memberships,
 * blocks and sessions are never answered from here (P5). `stats` is for metrics.
 */
export function cached(data: Data, parts: CacheParts): { data: Data; stats: () => CacheStats } {
  const users = new CachedUsers(data.users, parts);
  return {
    data: { ...data, users: { ...data.users, get: (request) => users.get(request) } },
    stats: () => users.stats(),
  };
}

/** A read from below or from the shared cache that is under way. */
interface Flight {
  asOf: AsOf;
  users: Promise<ReadonlyMap<number, User>>;
}

class CachedUsers {
  readonly #counts = { hits: 0, sharedHits: 0, misses: 0, invalidations: 0, looks: 0 };
  readonly #known = new KnownRevisions();
  /** Holds as of the last look: who was changed is taken out in the same turn. */
  readonly #users: LRUCache<number, User>;
  readonly #flights = new Map<number, Flight>();
  readonly #look: () => Promise<void>;

  constructor(private readonly below: Users, private readonly parts: CacheParts) {
    this.#users = new LRUCache({ max: parts.maxUsers ?? MAX_USERS, maxSize: parts.maxBytes ?? MAX_BYTES });
    this.#look = coalesced(async () => this.#learn(await parts.revised(this.#known.asOf.revision)));
  }

  stats(): CacheStats {
    return { ...this.#counts, users: this.#users.size, bytes: this.#users.calculatedSize };
  }

  /** Who is given here belongs to all: nobody may change it. */
  async get(request: Parameters<Users["get"]>[0]): ReturnType<Users["get"]> {
    const { ids, ...more } = request;
    // A question that says more than whom it wants is none that this knows how to answer.
    if (ids.length === 0 || Object.values(more).some((value) => value !== undefined)) {
      return await this.below.get(request);
    }
    await this.#look();
    const found: User[] = [];
    const missing: number[] = [];
    for (const id of new Set(ids)) {
      const user = this.#users.get(id);
      if (user) found.push(user);
      else missing.push(id);
    }
    this.#counts.hits += found.length;
    if (missing.length > 0) found.push(...await this.#load(missing));
    return { users: found };
  }

  #learn(revised: Revised): void {
    this.#counts.looks++;
    const changed = this.#known.learn(revised);
    if (changed === "all") {
      this.#counts.invalidations += this.#users.size;
      this.#users.clear();
      return;
    }
    for (const id of changed) if (this.#users.delete(id)) this.#counts.invalidations++;
  }

  /** Each user is asked for once at a time: who wants one that is on its way waits for that, if it will do. */
  async #load(ids: readonly number[]): Promise<User[]> {
    const underWay = new Map(ids.map((id) => [id, this.#flights.get(id)]));
    const own = ids.filter((id) => {
      const flight = underWay.get(id);
      return !flight || !this.#known.holds(id, flight.asOf);
    });
    if (own.length > 0) {
      const { asOf } = this.#known;
      const flight: Flight = { asOf, users: this.#fetch(own, asOf) };
      for (const id of own) {
        underWay.set(id, flight);
        this.#flights.set(id, flight);
      }
      const land = () => own.forEach((id) => this.#flights.get(id) === flight && this.#flights.delete(id));
      flight.users.then(land, land);
    }
    const users = await Promise.all([...underWay].map(async ([id, flight]) => (await flight!.users).get(id)));
    return users.filter((user) => user !== undefined);
  }

  async #fetch(ids: readonly number[], asOf: AsOf): Promise<ReadonlyMap<number, User>> {
    const users = await this.#fetchShared(ids, asOf.store);
    this.#counts.sharedHits += users.size;
    const missing = ids.filter((id) => !users.has(id));
    this.#counts.misses += missing.length;
    if (missing.length === 0) return users;
    const { users: read } = await this.below.get({ ids: missing });
    for (const user of read) {
      users.set(user.id, user);
      this.#keep(user, asOf);
    }
    const { store, revision } = asOf;
    this.parts.shared?.set(read.map((user) => [sharedKey(store, user.id), encodeShared(user, revision)]));
    return users;
  }

  async #fetchShared(ids: readonly number[], store: string): Promise<Map<number, User>> {
    const users = new Map<number, User>();
    const { shared } = this.parts;
    if (!shared) return users;
    const values = await shared.get(ids.map((id) => sharedKey(store, id)));
    ids.forEach((id, i) => {
      const value = values[i] && decodeShared(values[i]);
      // Whatever is found there is believed only if the store says that nothing has happened since.
      const asOf = { store, revision: value?.revision ?? -1 };
      if (value?.user.id !== id || !this.#known.holds(id, asOf)) return;
      users.set(id, value.user);
      this.#keep(value.user, asOf);
    });
    return users;
  }

  /** Unless it was changed since: somebody may have looked while it was read. */
  #keep(user: User, asOf: AsOf): void {
    if (this.#known.holds(user.id, asOf)) this.#users.set(user.id, user, { size: sizeOf(user) });
  }
}

/** About so many bytes: each user is asked for their size when they are kept, so it must cost little. */
function sizeOf(user: User): number {
  let size = 200;
  for (const value of Object.values(user)) size += typeof value === "string" ? 2 * value.length : 8;
  return size;
}
