import type { Data } from "../data/service.ts";
import { formatCursor, parseCursor } from "./cursor.ts";
import type { Handlers } from "./handlers.ts";
import { presentMessage } from "./present.ts";

/** Finding messages. */
export function createSearchHandlers({ data }: { data: Data }): Handlers<"message.search"> {
  return {
    "message.search": async ({ userId }, { query, types = [], from, to, cursor, limit, ...filters }) => {
      const { conversationId, senderId } = filters;
      const [at, id, seq] = parseCursor(cursor, 3);
      const { hits, next, complete } = await data.searches.messages({
        userId,
        query,
        conversationId: conversationId === undefined ? undefined : Number(conversationId),
        senderId: senderId === undefined ? undefined : Number(senderId),
        types,
        from,
        to,
        before: cursor === undefined ? undefined : { at, conversationId: id, seq },
        limit,
      });
      return {
        hits: hits.map(({ conversationId, entry, highlights }) => ({
          conversationId: String(conversationId),
          message: presentMessage(entry!),
          highlights,
        })),
        nextCursor: next ? formatCursor(next.at, next.conversationId, next.seq) : null,
        complete,
      };
    },
  };
}
