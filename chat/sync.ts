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
  return {
    "sync.heads": async ({ userId }, { token, cursor, limit }) => {
      const place = parseCursor(cursor, 4);
      // The first page decides from when on and what the next token is; the cursor carries both.
      const [given] = parseCursor(token, 1);
      const since = cursor ? place[0] : now() - given > MAX_TOKEN_AGE_MS ? 0 : given;
      const next = cursor ? place[1] : Math.max(0, now() - TOKEN_MARGIN_MS);
      const answer = { token: formatCursor(next), full: since === 0 };
      if (since === 0) {
        const [beforeAt, beforeId] = place.slice(2);
        const { conversations, more } = await data.conversations.list({ userId, beforeAt, beforeId, limit });
        const last = conversations.at(-1);
        const nextCursor = more && last ? formatCursor(since, next, last.updatedAt, last.id) : null;
        return { ...answer, conversations: await present(data, conversations), left: [], nextCursor };
      }
      const { conversations, leftIds, nextAfterId } = await data.conversations.sync({
        userId,
        since,
        afterId: place[3],
        limit,
      });
      return {
        ...answer,
        conversations: await present(data, conversations),
        left: leftIds.map(String),
        nextCursor: nextAfterId > 0 ? formatCursor(since, next, 0, nextAfterId) : null,
      };
    },
  };
}
