import { type Bus, groupChannel, userChannel } from "../bus/bus.ts";
import { type Conversation, ConversationType, type Data, type Entry } from "../data/service.ts";
import type { HandlersOf } from "./handlers.ts";
import { present } from "./conversations.ts";

export function createGroups({ data, bus }: { data: Data; bus: Bus }): HandlersOf<"group"> {
  const announceEntry = (conversationId: number, entry: Entry) =>
    bus.publish(groupChannel(conversationId), {
      body: { $case: "appended", appended: { conversationId, entries: [entry] } },
    });

  return {
    "group.create": async (caller, { title, memberIds }) => {
      const created = await data.conversations.createGroup({
        ownerId: caller.userId,
        title,
        memberIds: memberIds.map(Number),
      });
      const conversation = created.conversation!;
      announceMembership(bus, conversation, created.memberIds, true);
      return (await present(data, [conversation]))[0];
    },

    "group.addMembers": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      const { entry, changedIds } = await data.conversations.addMembers({
        conversationId,
        actorId: caller.userId,
        memberIds: input.memberIds.map(Number),
      });
      announceMembership(bus, group(conversationId), changedIds, true);
      if (entry) announceEntry(conversationId, entry);
      return { added: changedIds.map(String) };
    },

    "group.leave": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      const { entry, changedIds } = await data.conversations.leave({ conversationId, userId: caller.userId });
      if (entry) announceEntry(conversationId, entry);
      announceMembership(bus, group(conversationId), changedIds, false);
      return {};
    },
  };
}

const group = (id: number) => ({ id, type: ConversationType.CONVERSATION_GROUP });

/** Tells each of these users' devices and gateways that they are now in, or out of, the conversation. */
export function announceMembership(
  bus: Bus,
  conversation: Pick<Conversation, "id" | "type">,
  userIds: readonly number[],
  joined: boolean,
): void {
  const isGroup = conversation.type === ConversationType.CONVERSATION_GROUP;
  const membership = { conversationId: conversation.id, joined, group: isGroup };
  for (const userId of userIds) {
    bus.publish(userChannel(userId), { body: { $case: "membership", membership } });
  }
}
