import assert from "node:assert/strict";
import { cached, type CacheStats, type SharedCache } from "../../data/cached.ts";
import { createLocalData } from "../../data/local/mod.ts";
import { noteRevised, readRevised } from "../../data/local/revisions.ts";
import type { Data, User } from "../../data/service.ts";
import type { Storage } from "../../data/sql/driver.ts";
import { migrate } from "../../data/sql/migrate.ts";
import { createIds } from "../../kit/ids.ts";

/** Datas with a cache each, on storages of one database: as many dbproxies. */
export interface CachedDatas {
  /** Each call goes to one of them at random, as a gateway's may. */
  data: Data;
  each: { data: Data; below: Data; stats: () => CacheStats }[];
  clock: { nowMs: number };
}

export interface CachedOptions {
  startMs: number;
  /** The shared cache of each, where there is one. */
  shared?: (index: number) => SharedCache;
}

export async function openCachedDatas(storages: Storage[], options: CachedOptions): Promise<CachedDatas> {
  const clock = { nowMs: options.startMs };
  const now = () => clock.nowMs;
  const nextId = createIds(now);
  await migrate(storages[0]);
  const each = storages.map((storage, index) => {
    const below = createLocalData(storage, { now, nextId });
    const revised = (since: number) => readRevised(storage, since);
    const coat = cached(below, { revised, shared: options.shared?.(index) });
    return { ...coat, data: honest(coat.data, below), below };
  });
  return { data: spread(each.map(({ data }) => data)), each, clock };
}

/** Every answer of `users.get` is compared with what the database says before it or after it. */
function honest(data: Data, below: Data): Data {
  return {
    ...data,
    users: {
      ...data.users,
      async get(request) {
        const sorted = ({ users }: { users: User[] }) => users.toSorted((a, b) => a.id - b.id);
        const before = sorted(await below.users.get(request));
        const answer = await data.users.get(request);
        try {
          assert.deepEqual(sorted(answer), before);
        } catch {
          assert.deepEqual(
            sorted(answer),
            sorted(await below.users.get(request)),
            "the cache told the truth",
          );
        }
        return answer;
      },
    },
  };
}

/** Each call to any one of them; what is about a conversation's order goes to one, as routing by its id does. */
function spread(datas: readonly Data[]): Data {
  const services = Object.keys(datas[0]) as (keyof Data)[];
  return Object.fromEntries(services.map((service) => {
    const methods = Object.keys(datas[0][service]);
    return [
      service,
      Object.fromEntries(methods.map((name) => [name, (request: Record<string, unknown>) => {
        const key = name === "append" ? Number(request.conversationId) : Math.floor(Math.random() * 1_000);
        const target = datas[key % datas.length][service] as unknown as Record<string, Method>;
        return target[name](request);
      }])),
    ];
  })) as unknown as Data;
}

type Method = (request: unknown) => Promise<unknown>;

/** Changes a display name as any method of Data that does so must. */
export async function rename(storage: Storage, userId: number, displayName: string): Promise<void> {
  await storage.transaction(async (tx) => {
    await tx.run("UPDATE users SET display_name = ? WHERE id = ?", [displayName, userId]);
    await noteRevised(tx, [userId]);
  });
}

export async function nameOf(data: Data, userId: number): Promise<string | undefined> {
  return (await data.users.get({ ids: [userId] })).users[0]?.displayName;
}

/** A shared cache in memory; a test may reach into it. */
export class MapCache implements SharedCache {
  readonly entries = new Map<string, Uint8Array>();

  get(keys: readonly string[]) {
    return Promise.resolve(keys.map((key) => this.entries.get(key)));
  }

  set(entries: readonly (readonly [string, Uint8Array])[]) {
    for (const [key, value] of entries) this.entries.set(key, value);
  }
}
