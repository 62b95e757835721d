import type { Bus } from "../bus/bus.ts";
import type { Data } from "../data/service.ts";
import { announceEntry, announceInboxes } from "./announce.ts";
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
      announceInboxes(bus, created.inboxes);
      if (created.entry) announceEntry(bus, conversation.id, [], created.entry);
      return (await present(data, [conversation]))[0];
    },

    "group.addMembers": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      const { entry, changedIds, inboxes } = await data.conversations.addMembers({
        conversationId,
        actorId: caller.userId,
        memberIds: input.memberIds.map(Number),
      });
      announceInboxes(bus, inboxes);
      if (entry) announceEntry(bus, conversationId, [], entry);
      return { added: changedIds.map(String) };
    },

    "group.leave": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      const { entry, inboxes } = await data.conversations.leave({ conversationId, userId: caller.userId });
      if (entry) announceEntry(bus, conversationId, [], entry);
      announceInboxes(bus, inboxes);
      return {};
    },
  };
}
