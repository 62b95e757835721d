import type { Bus } from "../bus/bus.ts";
import type { Data } from "../data/service.ts";
import { announceEntry, announceInboxes } from "./announce.ts";
import { present } from "./conversations.ts";
import type { Handlers } from "./handlers.ts";

export interface GroupParts {
  data: Data;
  bus: Bus;
  /** Members a group may have. */
  maxGroupMembers: number;
}

/** A group's making, and how its members come and go. */
export function createGroups(
  { data, bus, maxGroupMembers }: GroupParts,
): Handlers<"group.create" | "group.addMembers" | "group.leave"> {
  return {
    "group.create": async (caller, { memberIds, ...info }) => {
      const created = await data.conversations.createGroup({
        ownerId: caller.userId,
        memberIds: memberIds.map(Number),
        maxMembers: maxGroupMembers,
        ...info,
      });
      const conversation = created.conversation!;
      announceInboxes(bus, created.inboxes);
      if (created.entry) announceEntry(bus, conversation.id, [], created.entry);
      return (await present(data, [conversation], caller))[0];
    },

    "group.addMembers": async (caller, input) => {
      const conversationId = Number(input.conversationId);
      const { entry, changedIds, inboxes } = await data.conversations.addMembers({
        conversationId,
        actorId: caller.userId,
        memberIds: input.memberIds.map(Number),
        maxMembers: maxGroupMembers,
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
