import type { Caller, Origin } from "../chat/handlers.ts";
import { RateLimits } from "../gateway/rate_limits.ts";
import { RATE_POLICIES } from "../gateway/rate_policies.ts";
import { median } from "./proc.ts";

const USERS = 10_000;
const CALLS = 2_000_000;

/**
 * What the counting adds to each message.send: nanoseconds for one of 10,000 users in turn, alone and with uses being
 * told to others (whose answer costs nothing here) every second.
 */
export async function limits(): Promise<Record<string, number>> {
  const shared = { add: (uses: readonly unknown[]) => Promise.resolve(uses.map(() => 0)) };
  const policies = { ...RATE_POLICIES, send: { quota: 1e9, windowS: 1 } };
  const origin: Origin = { address: "192.0.2.1", agent: "bench" };
  const callers = Array.from(
    { length: USERS },
    (_, i): Caller => ({ userId: i, sessionId: i, role: "user" }),
  );
  const figures: Record<string, number> = {};
  for (const [name, options] of Object.entries({ alone: {}, shared: { shared } })) {
    const runs: number[] = [];
    for (let run = 0; run < 5; run++) {
      const limits = new RateLimits({ policies, nowMs: () => performance.now(), ...options });
      const from = performance.now();
      for (let i = 0; i < CALLS; i++) {
        limits.takeCall("message.send", callers[i % USERS], origin);
        // As often as a gateway at 20,000 messages a second does.
        if (i % 20_000 === 0) await limits.tell();
      }
      runs.push((performance.now() - from) * 1e6 / CALLS);
      limits.close();
    }
    figures[`${name}NsPerCall`] = Math.round(median(runs));
  }
  return figures;
}
