import { rest } from "../support/people.ts";
import { revoke } from "../support/revocation.ts";
import { TwoGateways } from "../support/two_gateways.ts";

/** The sweep of sessions comes every 30 s; the rest is for a database that is slow to answer. */
export const REDIS_AWAY_MS = 35_000;

/**
 * Ends a session at one gateway whose socket is at another, with Redis gone between them. Answers how long after the
 * acknowledgement the socket was closed; throws when it is not within the bound, or still hears something after that.
 */
export async function revokedWithoutRedis(): Promise<number> {
  await using cluster = await TwoGateways.start(["--rate-limit-scale=0"]);
  const [from, at] = cluster.gateways.map(({ url }) => url);
  const { lastHeardMs, closedMs } = await revoke({
    at,
    from,
    end: async ({ other }) => {
      await cluster.redis.kill();
      await rest(from, "session.revokeOthers", {}, other);
    },
    withinMs: REDIS_AWAY_MS,
  });
  if (lastHeardMs > REDIS_AWAY_MS) throw new Error(`it heard something after ${lastHeardMs} ms`);
  return closedMs;
}
