import { createMemoryBus } from "../../bus/memory.ts";
import { RedisBus } from "../../bus/redis.ts";
import { silent } from "../../kit/log.ts";
import { RedisCluster, RedisServer } from "../support/redis.ts";
import { busCases } from "./bus_cases.ts";

const [server, cluster] = await Promise.all([RedisServer.start(), RedisCluster.start()]);
Deno.test.afterAll(async () => void await Promise.all([server.remove(), cluster.remove()]));

/** A bus of a node of its own; nobody else's channels are like its. */
function open(url: string) {
  const prefix = `${crypto.randomUUID()}:`;
  const bus = new RedisBus({ url, local: createMemoryBus(), log: silent, prefix });
  return Promise.resolve({ bus, settle: () => new Promise<void>((resolve) => setTimeout(resolve, 50)) });
}

busCases("bus, Redis", () => open(server.url));
busCases("bus, Redis Cluster", () => open(cluster.url));
