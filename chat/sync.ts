import type { Data } from "../data/service.ts";
import { present } from "./conversations.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { Handlers } from "./handlers.ts";

/**
 * A token says from when on to look. It lies this much before the time it was given, because clocks of several
 * nodes differ and a transaction may commit a little after the time it bears; seeing a little twice is harmless.
 */
const TOKEN_MARGIN_MS = 60_000;
/** An older token gives everything: what moved would be hardly less. */
const MAX_TOKEN_AGE_MS = 30 * 24 * 3600 * 1000;

export function createSyncHandlers({ data, now }: { data: Data; now: () => number }): Handlers<"sync.heads"> {
  /** From when on to look, and what the next token holds. A token of another epoch gives everything. */
  function begin([given, tokenEpoch]: number[], epoch: number): number[] {
    const useful = tokenEpoch === epoch && now() - given <= MAX_TOKEN_AGE_MS;
    return [useful ? given : 0, Math.max(0, now() - TOKEN_MARGIN_MS), epoch];
  }

  return {
    "sync.heads": async (caller, { token, cursor, limit }) => {
      const { userId } = caller;
      const [{ epoch }, { lastSeq: inboxSeq }] = await Promise.all([
        data.log.epoch({ raise: false }),
        data.inboxes.read({ userId, after: Number.MAX_SAFE_INTEGER, limit: 1 }),
      ]);
      // The first page decides from when on, and what the next token is; the cursor carries both.
      const place = parseCursor(cursor, 5);
      const [since, next, tokenEpoch] = cursor ? place : begin(parseCursor(token, 2, "token"), epoch);
      const answer = { token: formatCursor(next, tokenEpoch), full: since === 0, epoch, inboxSeq };
      if (since === 0) {
        const [beforeAt, beforeId] = place.slice(3);
        const { conversations, more } = await data.conversations.list({ userId, beforeAt, beforeId, limit });
        const last = conversations.at(-1);
        const nextCursor = more && last
          ? formatCursor(since, next, tokenEpoch, last.updatedAt, last.id)
          : null;
        return { ...answer, conversations: await present(data, conversations, caller), left: [], nextCursor };
      }
      const { conversations, leftIds, nextAfterId } = await data.conversations.sync({
        userId,
        since,
        afterId: place[4],
        limit,
      });
      return {
        ...answer,
        conversations: await present(data, conversations, caller),
        left: leftIds.map(String),
        nextCursor: nextAfterId > 0 ? formatCursor(since, next, tokenEpoch, 0, nextAfterId) : null,
      };
    },
  };
}
