import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
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

export function createLoginThrottle(
  { perName = 20, perAddress = 1000 }: { perName?: number; perAddress?: number } = {},
): LoginThrottle {
  const names = new RateLimiterMemory({ points: perName, duration: WINDOW_S });
  const addresses = new RateLimiterMemory({ points: perAddress, duration: WINDOW_S });
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
