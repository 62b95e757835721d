import { type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
import type { AppendResponse, Data } from "../data/service.ts";
import type { HandlersOf } from "./handlers.ts";
import { presentEntry } from "./present.ts";

export function createMessages(
  { data, bus }: { data: Data; bus: Bus },
): HandlersOf<"message"> & HandlersOf<"log"> {
  return {
    "message.send": async ({ userId: senderId }, input) => {
      const conversationId = Number(input.conversationId);
      const { clientId } = input;
      const body = JSON.stringify(input.content);
      const stored = await data.log.append({ conversationId, senderId, clientId, body });
      const { seq, messageNo, at } = stored;
      if (!stored.duplicate) {
        const entry = { seq, kind: "message", senderId, at, messageNo, clientId, body };
        const event: Event = { body: { $case: "appended", appended: { conversationId, entries: [entry] } } };
        for (const channel of channelsOf(conversationId, stored)) bus.publish(channel, event);
      }
      return { seq, messageNo, at };
    },

    "message.history": async (caller, { conversationId, before = 0, limit }) => {
      const { entries, more } = await data.log.history({
        conversationId: Number(conversationId),
        userId: caller.userId,
        before,
        limit,
      });
      const messages = entries.map(presentEntry).reverse();
      return { messages, nextBefore: more ? messages[0].seq : null };
    },

    "log.read": async (caller, { conversationId, after, limit }) => {
      const { entries, lastSeq } = await data.log.read({
        conversationId: Number(conversationId),
        userId: caller.userId,
        after,
        limit,
      });
      return { entries: entries.map(presentEntry), lastSeq };
    },
  };
}

/** A direct conversation's entry goes to its two users, a group's to the group. */
function channelsOf(conversationId: number, { directUserIds }: AppendResponse): string[] {
  return directUserIds.length > 0 ? directUserIds.map(userChannel) : [groupChannel(conversationId)];
}
