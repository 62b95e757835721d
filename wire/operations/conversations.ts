import * as z from "zod";
import { FileUrl } from "../content.ts";
import { Conversation, ConversationSettings, Id, line, Member, note, Role, Seq } from "../schemas.ts";
import { Cursor, limit, Ok, type Operation } from "./operation.ts";

export const conversations = {
  "conversation.openDirect": {
    method: "PUT",
    path: "/conversations/direct/{userId}",
    access: "user",
    summary: "The conversation with one other person, made when there is none; the same for both",
    input: z.strictObject({ userId: Id }),
    output: Conversation,
  },
  "conversation.list": {
    method: "GET",
    path: "/conversations",
    access: "user",
    summary: "The caller's conversations, the one with the newest entry first",
    input: z.strictObject({ cursor: Cursor, limit: limit(200, 50) }),
    output: z.object({ conversations: z.array(Conversation), nextCursor: z.string().nullable() }),
  },
  "sync.heads": {
    method: "GET",
    path: "/sync",
    access: "user",
    summary:
      "The conversations in which something happened since a token (an entry, the caller's read marker, the " +
      "caller leaving), in pages, and the token for the next time. Without a token, or with one over 30 days old or " +
      "of another epoch: all conversations, and `full` is true",
    input: z.strictObject({
      token: z.string().max(100).optional(),
      cursor: Cursor,
      limit: limit(200, 100),
    }),
    output: z.object({
      conversations: z.array(Conversation),
      left: z.array(Id),
      full: z.boolean(),
      nextCursor: z.string().nullable(),
      inboxSeq: Seq.meta({
        description: "How far the caller's inbox goes; `inbox.read` gives what is missing",
      }),
      epoch: z.int().nonnegative().meta({
        description: "The store's; with another than before, every seq begins anew",
      }),
      token: z.string().meta({ description: "The same on every page; keep it when the last page has come" }),
    }),
  },
  "conversation.get": {
    method: "GET",
    path: "/conversations/{conversationId}",
    access: "user",
    summary: "One conversation as the caller sees it",
    input: z.strictObject({ conversationId: Id }),
    output: Conversation,
  },
  "conversation.members": {
    method: "GET",
    path: "/conversations/{conversationId}/members",
    access: "user",
    summary: "Who is in a conversation, by role or by the beginning of a name where that is asked for",
    input: z.strictObject({
      conversationId: Id,
      role: Role.optional(),
      query: line(64).optional().meta({
        description: "What the username, the name or the nickname begins with",
      }),
      cursor: Cursor,
      limit: limit(200, 50),
    }),
    output: z.object({ members: z.array(Member), nextCursor: z.string().nullable() }),
  },
  "conversation.configure": {
    method: "PUT",
    path: "/conversations/{conversationId}/settings",
    access: "user",
    summary: "Mute, pin, archive a conversation or keep a draft in it, for oneself; what is left out stays",
    input: z.strictObject({
      conversationId: Id,
      muted: z.boolean().optional(),
      pinned: z.boolean().optional(),
      archived: z.boolean().optional(),
      draft: note(16_000).optional(),
    }),
    output: ConversationSettings,
  },
  "conversation.markRead": {
    method: "PUT",
    path: "/conversations/{conversationId}/read",
    access: "user",
    limit: "hint",
    summary: "Move the caller's read marker forward; it never moves back",
    input: z.strictObject({ conversationId: Id, seq: Seq }),
    output: z.object({ readSeq: Seq, unread: z.int().nonnegative() }),
  },
  "group.create": {
    method: "POST",
    path: "/groups",
    access: "user",
    limit: "heavy",
    summary: "Make a group of the caller (its owner) and others",
    input: z.strictObject({
      title: line(100),
      memberIds: z.array(Id).max(999),
      avatar: FileUrl.optional(),
      description: note(1000).optional(),
    }),
    output: Conversation,
  },
  "group.addMembers": {
    method: "POST",
    idempotent: "harmless",
    path: "/groups/{conversationId}/members",
    access: "user",
    limit: "heavy",
    summary: "Add people to a group; for its owner and admins, and for members where `whoInvites` says so",
    input: z.strictObject({ conversationId: Id, memberIds: z.array(Id).min(1).max(999) }),
    output: z.object({ added: z.array(Id) }),
  },
  "group.leave": {
    method: "DELETE",
    idempotent: "done: conversation_not_found",
    path: "/groups/{conversationId}/members/me",
    access: "user",
    summary:
      "Leave a group. What its owner leaves passes to its longest-standing admin, or member where it has none",
    input: z.strictObject({ conversationId: Id }),
    output: Ok,
  },
} as const satisfies Record<string, Operation>;
