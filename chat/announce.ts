import { type Bus, groupChannel, userChannel } from "../bus/bus.ts";
import { type Conversation, ConversationType, type Entry } from "../data/service.ts";

/** Tells each of these users' devices and gateways that they are now in, or out of, the conversation. */
export function announceMembership(
  bus: Bus,
  conversation: Pick<Conversation, "id" | "type">,
  userIds: readonly number[],
  joined: boolean,
): void {
  const group = conversation.type === ConversationType.CONVERSATION_GROUP;
  const membership = { conversationId: conversation.id, joined, group };
  for (const userId of userIds) {
    bus.publish(userChannel(userId), { body: { $case: "membership", membership } });
  }
}

/** Tells the members of a group of an entry that is not a message. */
export function announceGroupEntry(bus: Bus, conversationId: number, entry: Entry): void {
  bus.publish(groupChannel(conversationId), {
    body: { $case: "appended", appended: { conversationId, entries: [entry] } },
  });
}
