import { openMysql } from "../../data/sql/mysql.ts";
import { silent } from "../../kit/log.ts";
import { RedisCache } from "../../kit/redis_cache.ts";
import { parseRedisUrl } from "../../kit/redis_url.ts";
import { SharedRedis } from "../../kit/shared_redis.ts";
import { openCachedDatas } from "../support/cached_data.ts";
import { EmptiedDatabase } from "../support/emptied_database.ts";
import { Mariadb } from "../support/mariadb.ts";
import { RedisServer } from "../support/redis.ts";
import { dataCases } from "./data_cases.ts";
import { START_MS } from "./data_world.ts";

/** Two dbproxies' worth of caches over one MariaDB and one Redis; each call goes to either. */

const server = await Mariadb.start({ fast: true });
const database = new EmptiedDatabase(() => server.database());
const redis = await RedisServer.start();

dataCases("data, two caches over MariaDB and Redis", async () => {
  const url = await database.url();
  // Each case has the same ids again, and what the last one knew of them is not true any more.
  await redis.command("FLUSHALL");
  const storages = [openMysql(url), openMysql(url)];
  const place = parseRedisUrl(redis.url);
  const links = storages.map(() => new SharedRedis({ place, log: silent, commandTimeoutMs: 100 }));
  const shared = (index: number) => new RedisCache({ redis: links[index], ttlMs: 60_000 });
  const opened = await openCachedDatas(storages, { startMs: START_MS, shared });
  const close = async () => {
    await Promise.all([...storages, ...links].map((one) => one.close()));
  };
  return { ...opened, close };
});

Deno.test.afterAll(async () => {
  await redis.remove();
  await server.remove();
});
