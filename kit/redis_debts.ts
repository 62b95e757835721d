import type { SharedRedis } from "./shared_redis.ts";

/** How far a bucket is from full, kept in Redis by its own clock until it is full again. */
export interface Debt {
  key: string;
  /** What is added. */
  costMs: number;
}

/** A key's text decides on one of so many tags: all keys of a tag are in one slot, and go in one command. */
const TAGS = 16;
const KEYS_PER_COMMAND = 500;

const ADD = `
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local debts = {}
for i, key in ipairs(KEYS) do
  local full = math.max(tonumber(redis.call('GET', key)) or 0, now) + tonumber(ARGV[i])
  debts[i] = full - now
  redis.call('SET', key, string.format('%.0f', full), 'PX', string.format('%.0f', debts[i]))
end
return debts`;

/** Debts that several processes add to. Each key is gone from Redis as soon as its debt is. */
export class RedisDebts {
  constructor(private readonly redis: Pick<SharedRedis, "run">, private readonly prefix = "imserver:rate:") {}

  /** What each is now, in milliseconds, all of them added to. Rejects when Redis does not answer. */
  async add(debts: readonly Debt[]): Promise<number[]> {
    const answers: number[] = new Array(debts.length);
    const byTag = Map.groupBy(debts.keys(), (i) => tagOf(debts[i].key));
    const commands: Promise<void>[] = [];
    for (const [tag, all] of byTag) {
      for (let from = 0; from < all.length; from += KEYS_PER_COMMAND) {
        commands.push(this.#addSome(tag, all.slice(from, from + KEYS_PER_COMMAND), debts, answers));
      }
    }
    await Promise.all(commands);
    return answers;
  }

  async #addSome(tag: number, some: number[], debts: readonly Debt[], answers: number[]): Promise<void> {
    const keys = some.map((i) => `${this.prefix}{${tag}}:${debts[i].key}`);
    const costs = some.map((i) => Math.max(1, Math.round(debts[i].costMs)));
    const said = await this.redis.run((redis) => redis.eval(ADD, keys.length, ...keys, ...costs)) as number[];
    for (const [n, i] of some.entries()) answers[i] = said[n];
  }
}

function tagOf(key: string): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) | 0;
  return (hash >>> 0) % TAGS;
}
