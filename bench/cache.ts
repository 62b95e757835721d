import { cached } from "../data/cached.ts";
import { createLocalData } from "../data/local/mod.ts";
import { readRevised } from "../data/local/revisions.ts";
import type { Data } from "../data/service.ts";
import { migrate } from "../data/sql/migrate.ts";
import { openMysql } from "../data/sql/mysql.ts";
import { createIds } from "../kit/ids.ts";
import { silent } from "../kit/log.ts";
import { RedisCache } from "../kit/redis_cache.ts";
import { parseRedisUrl } from "../kit/redis_url.ts";
import { SharedRedis } from "../kit/shared_redis.ts";
import { Mariadb } from "../tests/support/mariadb.ts";
import { RedisServer } from "../tests/support/redis.ts";
import { cpuSeconds, median } from "./proc.ts";

const PEOPLE = 500;
const PAGE = 50;
const PAGES = 1_500;
const ROUNDS = 3;

/**
 * What the cache saves on MariaDB: pages of a conversation list (50 people) and of a group's members (50), as a
 * dbproxy answers them with the people on them, 16 at a time; the people alone, also one page after the other. `plain`:
 * without it; `cached`: from memory; `redis`: by a process whose memory is empty. CPU in microseconds a page, of all
 * processes and of the database alone; the three in turn, in one run.
 */
export async function cache(): Promise<Record<string, number>> {
  const [mariadb, redis] = [await Mariadb.start({ fast: true }), await RedisServer.start()];
  const storage = openMysql(await mariadb.database());
  const link = new SharedRedis({ place: parseRedisUrl(redis.url), log: silent, commandTimeoutMs: 100 });
  try {
    await migrate(storage);
    const plain = createLocalData(storage, { now: Date.now, nextId: createIds(Date.now) });
    const { ids, group } = await fill(plain);
    const revised = (since: number) => readRevised(storage, since);
    const warm = cached(plain, { revised }).data;
    while (link.client.status !== "ready") await new Promise((resolve) => setTimeout(resolve, 20));
    // A memory for one user: as good as none.
    const shared = new RedisCache({ redis: link, ttlMs: 600_000 });
    const cold = cached(plain, { revised, shared, maxUsers: 1 }).data;
    const kinds = { plain, cached: warm, redis: cold };
    const cost = costOf(mariadb.pid, redis.pid);
    const figures: Record<string, number> = {};
    const people = peoplePage(ids);
    const loads: [name: string, page: Page, lanes: number][] = [
      ["list16", listPage(ids[0]), 16],
      ["members16", membersPage(group, ids), 16],
      ["people16", people, 16],
      ["people1", people, 1],
    ];
    for (const [name, page, lanes] of loads) {
      const costs = Object.entries(kinds).map(([kind, data]) => ({ kind, data, runs: [] as Cost[] }));
      for (let round = 0; round < ROUNDS; round++) {
        for (const { data, runs } of costs) {
          await run(() => page(data), PAGES / 10, lanes);
          runs.push(await cost(() => run(() => page(data), PAGES, lanes)));
        }
      }
      for (const { kind, runs } of costs) {
        figures[`${name}.${kind}.all`] = Math.round(median(runs.map(({ all }) => all)));
        figures[`${name}.${kind}.database`] = Math.round(median(runs.map(({ database }) => database)));
      }
    }
    return figures;
  } finally {
    await Promise.all([storage.close(), link.close()]);
    await Promise.all([mariadb.remove(), redis.remove()]);
  }
}

/** Everybody is in one group, and the first one writes to sixty of them directly. */
async function fill(data: Data): Promise<{ ids: number[]; group: number }> {
  const ids: number[] = [];
  for (let i = 0; i < PEOPLE; i++) {
    const username = `person${i}`;
    const displayName = `Person number ${i}`;
    const names = { username, usernameKey: username, displayName, displayKey: displayName.toLowerCase() };
    ids.push((await data.users.create({ ...names, passwordHash: "none" })).id);
  }
  const made = await data.conversations.createGroup({ ownerId: ids[0], title: "All", memberIds: ids });
  for (const otherId of ids.slice(1, 61)) {
    const { conversation } = await data.conversations.openDirect({ userId: ids[0], otherId });
    const body = '{"type":"text","text":"Good morning"}';
    await data.log.append({ conversationId: conversation!.id, senderId: ids[0], clientId: "a", body });
  }
  return { ids, group: made.conversation!.id };
}

type Page = (data: Data) => Promise<unknown>;

const listPage = (userId: number): Page => async (data) => {
  const page = await data.conversations.list({ userId, beforeAt: 0, beforeId: 0, limit: PAGE });
  return await data.users.get({ ids: page.conversations.map(({ peerId }) => peerId) });
};

const membersPage = (conversationId: number, ids: number[]): Page => async (data) => {
  const afterId = ids[Math.floor(Math.random() * (PEOPLE - PAGE))];
  const request = { conversationId, userId: ids[0], afterId, limit: PAGE };
  const { members } = await data.conversations.members(request);
  return await data.users.get({ ids: members.map(({ userId }) => userId) });
};

const peoplePage = (ids: number[]): Page => (data) => {
  const from = Math.floor(Math.random() * (PEOPLE - PAGE));
  return data.users.get({ ids: ids.slice(from, from + PAGE) });
};

async function run(page: () => Promise<unknown>, count: number, lanes: number): Promise<void> {
  await Promise.all(Array.from({ length: lanes }, async () => {
    for (let i = 0; i < count / lanes; i++) await page();
  }));
}

/** CPU in microseconds a page: of all processes, and of the database's part in it. */
interface Cost {
  all: number;
  database: number;
}

function costOf(database: number, redis: number) {
  const now = () => [Deno.pid, redis, database].map(cpuSeconds);
  return async (work: () => Promise<void>): Promise<Cost> => {
    const before = now();
    await work();
    const spent = now().map((seconds, i) => (seconds - before[i]) * 1e6 / PAGES);
    return { all: spent[0] + spent[1] + spent[2], database: spent[2] };
  };
}
