import { type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
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

/** Tells of a new entry: the two users of a direct conversation, or, without them, the group. */
export function announceEntry(
  bus: Bus,
  conversationId: number,
  directUserIds: readonly number[],
  entry: Entry,
): void {
  const event: Event = { body: { $case: "appended", appended: { conversationId, entries: [entry] } } };
  if (directUserIds.length === 0) bus.publish(groupChannel(conversationId), event);
  for (const userId of directUserIds) bus.publish(userChannel(userId), event);
}
