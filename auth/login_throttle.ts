import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  type RateLimiterRes,
} from "rate-limiter-flexible";
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
  /** A connection of ioredis, over which gateways count together; while it fails each counts alone. */
  redis?: unknown;
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

function limiter(what: string, points: number, redis: unknown): RateLimiterAbstract {
  const alone = new RateLimiterMemory({ points, duration: WINDOW_S });
  if (redis === undefined) return alone;
  return new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: `imserver:login:${what}`,
    points,
    duration: WINDOW_S,
    insuranceLimiter: alone,
  });
}
