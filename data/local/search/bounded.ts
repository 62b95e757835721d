import { NoSlot, Slots } from "../../../kit/slots.ts";
import { ImError } from "../../../wire/errors.ts";
import type { Searches } from "../../service.ts";

export interface SearchBounds {
  /** So many at once. */
  running: number;
  /** So many more wait, and not for ever. */
  waiting: number;
  waitTimeoutMs: number;
  /** Of one user, running and waiting. */
  perUser: number;
}

const BOUNDS: SearchBounds = { running: 2, waiting: 64, waitTimeoutMs: 5_000, perUser: 4 };

/** A search costs many times what a message does: only so many are at work, and no user takes all places. */
export function bounded(search: Searches, bounds: SearchBounds = BOUNDS): Searches {
  const slots = new Slots({
    count: bounds.running,
    maxWaiting: bounds.waiting,
    waitTimeoutMs: bounds.waitTimeoutMs,
  });
  const users = new Map<number, number>();
  return {
    async messages(request) {
      const { userId } = request;
      const own = users.get(userId) ?? 0;
      if (own >= bounds.perUser) throw overloaded();
      users.set(userId, own + 1);
      try {
        const giveBack = await slots.take();
        try {
          return await search.messages(request);
        } finally {
          giveBack();
        }
      } catch (error) {
        throw error instanceof NoSlot ? overloaded() : error;
      } finally {
        const left = users.get(userId)! - 1;
        if (left > 0) users.set(userId, left);
        else users.delete(userId);
      }
    },
  };
}

const overloaded = () => new ImError("overloaded", "Too many are searching", { retryAfterMs: 500 });
