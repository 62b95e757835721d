import * as z from "zod";
import type { NotificationName, Notifications } from "./notifications.ts";
import { Entry, Id, InboxEntry, Presence, Seq, Time } from "./schemas.ts";

/**
 * The notifications of notifications.ts as schemas, for documents and tests; the types stay plain for the SDK, and the
 * compiler holds the two together.
 */
export const notificationSchemas = {
  "session.ready": z.object({ userId: Id, sessionId: Id, serverTime: Time, epoch: z.int() })
    .meta({ description: "First on every connection: who the socket speaks for. A client syncs after it" }),
  "sync.needed": z.object({})
    .meta({ description: "Notifications were left out; a client syncs as after session.ready" }),
  "log.append": z.object({ conversationId: Id, entries: z.array(Entry) })
    .meta({
      description: "New entries of a conversation, in seq order; a hole before them is read by log.read",
    }),
  "inbox.append": z.object({ entries: z.array(InboxEntry) })
    .meta({ description: "New entries of the caller's own log, in seq order" }),
  "conversation.read": z.object({ conversationId: Id, readSeq: Seq, unread: z.int().nonnegative() })
    .meta({ description: "The caller's read marker moved, on another device perhaps" }),
  "draft.changed": z.object({ conversationId: Id, draft: z.string() })
    .meta({ description: "The caller's draft was set, on another device perhaps" }),
  "receipt.moved": z.object({ conversationId: Id, userId: Id, deliveredSeq: Seq, readSeq: Seq.optional() })
    .meta({ description: "Another member has received or read up to here" }),
  "presence.changed": Presence.meta({ description: "Somebody who is watched came online or went" }),
  "typing.changed": z.object({ conversationId: Id, userId: Id, on: z.boolean() })
    .meta({ description: "Another member is writing, or has stopped" }),
} satisfies { [N in NotificationName]: z.ZodType<Notifications[N]> };

export const NOTIFICATION_NAMES = Object.keys(notificationSchemas) as NotificationName[];
