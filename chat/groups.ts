import type { Bus } from "../bus/bus.ts";
import { ConversationType, type Data } from "../data/service.ts";
import { announceEntry, announceMembership } from "./announce.ts";
import { present } from "./conversations.ts";
import type { HandlersOf } from "./handlers.ts";

export function createGroups({ data, bus }: { data: Data; bus: Bus }): HandlersOf<"group"> {
  return {
    "group.create": async (caller, { title, memberIds }) => {
      const created = await data.conversations.createGroup({
        ownerId: caller.userId,
        title,
        memberIds: memberIds.map(Number),
      });
      const conversation = created.conversation!;
      announceMembership(bus, conversation, created.memberIds, true);
      if (created.entry) announceEntry(bus, conversation.id, [], created.entry);
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
      if (entry) announceEntry(bus, conversationId, [], entry);
      return { added: changedIds.map(String) };
    },

    "group.leave": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      const { entry, changedIds } = await data.conversations.leave({ conversationId, userId: caller.userId });
      if (entry) announceEntry(bus, conversationId, [], entry);
      announceMembership(bus, group(conversationId), changedIds, false);
      return {};
    },
  };
}

const group = (id: number) => ({ id, type: ConversationType.CONVERSATION_GROUP });
