import { type Bus, type Event, groupChannel, userChannel } from "../bus/bus.ts";
import type { ChangeResponse, Entry, InboxAppended } from "../data/service.ts";
import { currentTraceparent } from "../kit/trace.ts";
import { isRecorded } from "../kit/tracer.ts";

/** Tells users' devices and gateways what their inboxes say. */
export function announceInboxes(bus: Bus, inboxes: Iterable<InboxAppended | undefined>): void {
  for (const inbox of inboxes) {
    if (inbox) bus.publish(userChannel(inbox.userId), { body: { $case: "inbox", inbox } });
  }
}

/** Tells of a new entry: the two users of a direct conversation, or, without them, the group. */
export function announceEntry(
  bus: Bus,
  conversationId: number,
  directUserIds: readonly number[],
  entry: Entry,
): void {
  const appended = { conversationId, entries: [entry], directUserIds: [...directUserIds] };
  const traceparent = currentTraceparent();
  const event: Event = {
    body: { $case: "appended", appended },
    ...(isRecorded(traceparent) ? { traceparent } : {}),
  };
  if (directUserIds.length === 0) bus.publish(groupChannel(conversationId), event);
  for (const userId of directUserIds) bus.publish(userChannel(userId), event);
}

/** Tells of a change of a group: the group, and whose inboxes say something of it. */
export function announceChange(bus: Bus, groupId: number, { entry, inboxes }: ChangeResponse): void {
  if (entry) announceEntry(bus, groupId, [], entry);
  announceInboxes(bus, inboxes);
}
