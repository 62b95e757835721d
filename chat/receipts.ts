import { type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
import type { Data } from "../data/service.ts";
import type { DirectPolicy } from "./direct_policy.ts";
import type { Handlers } from "./handlers.ts";

type Receipts = Handlers<"conversation.markRead" | "receipt.delivered" | "receipt.list" | "typing.set">;

/** How far people have read, and that they are writing: hints for the others, never entries. */
export function createReceipts(
  { data, bus, friendsOnly }: { data: Data; bus: Bus } & DirectPolicy,
): Receipts {
  /** Tells a conversation, if it is small enough to be told. */
  function tell(conversationId: number, audience: Audience | undefined, event: Event): void {
    if (!audience?.small) return;
    for (const userId of audience.directUserIds) bus.publish(userChannel(userId), event);
    if (audience.directUserIds.length === 0) bus.publish(groupChannel(conversationId), event);
  }

  return {
    "conversation.markRead": async ({ userId }, input) => {
      const conversationId = Number(input.conversationId);
      const { readSeq, unread, moved, audience } = await data.conversations.markRead({
        conversationId,
        userId,
        seq: input.seq,
      });
      if (moved) {
        bus.publish(userChannel(userId), {
          body: { $case: "read", read: { conversationId, readSeq, unread } },
        });
        const receipt = { conversationId, userId, deliveredSeq: readSeq, readSeq };
        tell(conversationId, audience, { body: { $case: "receipt", receipt } });
      }
      return { readSeq, unread };
    },

    "receipt.delivered": async ({ userId }, input) => {
      const conversationId = Number(input.conversationId);
      const { deliveredSeq, moved, audience } = await data.conversations.markDelivered({
        conversationId,
        userId,
        seq: input.seq,
      });
      // readSeq 0: not said here; a receiver keeps what it knows.
      const receipt = { conversationId, userId, deliveredSeq, readSeq: 0 };
      if (moved) tell(conversationId, audience, { body: { $case: "receipt", receipt } });
      return { deliveredSeq };
    },

    "receipt.list": async ({ userId }, { conversationId }) => {
      const { receipts } = await data.conversations.receipts({
        conversationId: Number(conversationId),
        userId,
      });
      return { receipts: receipts.map((receipt) => ({ ...receipt, userId: String(receipt.userId) })) };
    },

    "typing.set": async ({ userId }, input) => {
      const conversationId = Number(input.conversationId);
      const audience = await data.conversations.audience({ conversationId, userId, friendsOnly });
      const typing = { conversationId, userId, on: input.on };
      tell(conversationId, audience, { body: { $case: "typing", typing } });
      return {};
    },
  };
}

interface Audience {
  directUserIds: number[];
  small: boolean;
}
