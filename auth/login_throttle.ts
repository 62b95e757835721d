import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from "rate-limiter-flexible";
import type { SharedRedis } from "../kit/shared_redis.ts";
import { ImError } from "../wire/errors.ts";

/**
 * Slows the guessing of passwords. It counts failures by address and name together, so that nobody locks the owner
 * of a name out from elsewhere, and by address, so that nobody tries many names from one place.
 */
export interface LoginThrottle {
  /** Before a password is checked. Errors: rate_limited, with retryAfterMs. */
  check(address: string, nameKey: string): Promise<void>;
  failed(address: string, nameKey: string): Promise<void>;
}

const WINDOW_S = 300;

export interface LoginThrottleOptions {
  perName?: number;
  perAddress?: number;
  /** Where gateways count together; while it fails each counts alone. */
  redis?: SharedRedis;
}

export function createLoginThrottle(
  { perName = 20, perAddress = 1000, redis }: LoginThrottleOptions = {},
): LoginThrottle {
  const names = limiter("name", perName, redis);
  const addresses = limiter("address", perAddress, redis);
  const spent = (state: RateLimiterRes | null, points: number) =>
    state !== null && state.consumedPoints >= points;
  // A name can be long and holds what somebody typed; the limiter needs neither.
  const nameKeyOf = (address: string, nameKey: string) => `${address} ${nameKey.slice(0, 64)}`;
  return {
    async check(address, nameKey) {
      const name = await names.get(nameKeyOf(address, nameKey));
      const place = await addresses.get(address);
      const waits = [
        spent(name, perName) ? name!.msBeforeNext : 0,
        spent(place, perAddress) ? place!.msBeforeNext : 0,
      ];
      const retryAfterMs = Math.max(...waits);
      if (retryAfterMs > 0) throw new ImError("rate_limited", "Too many wrong passwords", { retryAfterMs });
    },
    async failed(address, nameKey) {
      // Beyond the limit `consume` rejects, which the next check says anyway.
      await names.consume(nameKeyOf(address, nameKey)).catch(() => {});
      await addresses.consume(address).catch(() => {});
    },
  };
}

type Limiter = Pick<RateLimiterAbstract, "get" | "consume">;

function limiter(what: string, points: number, redis: SharedRedis | undefined): Limiter {
  const alone = new RateLimiterMemory({ points, duration: WINDOW_S });
  if (redis === undefined) return alone;
  const together = new RateLimiterRedis({
    storeClient: redis.client,
    keyPrefix: `imserver:login:${what}`,
    points,
    duration: WINDOW_S,
  });
  const ask = async <T>(call: (limiter: Limiter) => Promise<T>): Promise<T> => {
    try {
      return await redis.run(() => call(together));
    } catch (error) {
      // A count that is spent is told by a rejection that is no error.
      if (!(error instanceof Error)) throw error;
      return await call(alone);
    }
  };
  return {
    get: (key) => ask((limiter) => limiter.get(key)),
    consume: (key, points) => ask((limiter) => limiter.consume(key, points)),
  };
}
