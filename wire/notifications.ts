import type { Entry, InboxEntry, Presence } from "./schemas.ts";

/** What the server says unasked, as JSON-RPC notifications on the WebSocket. */
export interface Notifications {
  /**
   * First on every connection: who the socket speaks for. A client syncs after it, because what happened
   * while it was away is not pushed. With an `epoch` other than the one it knows, it forgets every seq and token.
   */
  "session.ready": { userId: string; sessionId: string; serverTime: number; epoch: number };
  /**
   * Notifications were left out: the client read too slowly, or the server had lost its database for minutes. It syncs as after `session.ready`; from here
   * on nothing new is left out.
   */
  "sync.needed": Record<string, never>;
  /**
   * New entries of one conversation, in seq order. A hint: if `entries[0].seq` is more than one above what
   * the client holds, it asks `log.read` for the hole.
   */
  "log.append": { conversationId: string; entries: Entry[] };
  /** New entries of the caller's own log, in seq order: a hint like `log.append`; holes are read by `inbox.read`. */
  "inbox.append": { entries: InboxEntry[] };
  /** The caller's read marker moved, on another device perhaps. */
  "conversation.read": { conversationId: string; readSeq: number; unread: number };
  /** The draft the caller keeps in a conversation was set, on another device perhaps. */
  "draft.changed": { conversationId: string; draft: string };
  /** Another member has received or read up to here; what is absent has not moved. */
  "receipt.moved": { conversationId: string; userId: string; deliveredSeq: number; readSeq?: number };
  /** Somebody whom this connection watches (`presence.subscribe`) came online or went. */
  "presence.changed": Presence;
  /** Another member is writing (until 6 s after the last of these), or has stopped. */
  "typing.changed": { conversationId: string; userId: string; on: boolean };
}

export type NotificationName = keyof Notifications;
