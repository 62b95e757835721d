import * as z from "zod";
import { Content } from "../content.ts";
import { ClientId, Entry, Id, line, Message, Seq, Time } from "../schemas.ts";
import { limit, type Operation } from "./operation.ts";

const place = { conversationId: Id, seq: Seq.min(1) };
/** `seq` of the entry that records the change; null when there was nothing to change. */
const Changed = z.object({ seq: Seq.nullable() });
/**
 * One emoji: a flag, or one with its modifiers, or several joined by U+200D (UTS #51, ED-15a). By properties and
 * not by a list, so that next year's emoji pass.
 */
const Emoji = z.string().max(32).regex(
  /^(?:\p{RI}{2}|(?!\u200D)(?=.*[\p{ExtPict}\u20E3])(?:(?:^|\u200D)[\p{Emoji}\p{ExtPict}](?:\p{EMod}|\uFE0F?\u20E3|\uFE0F|[\u{E0020}-\u{E007E}]+\u{E007F})?)+)$/u,
  "must be one emoji",
);
const Pushed = z.object({ seq: Seq, messageNo: z.int().nonnegative(), at: Time });

export const messages = {
  "message.send": {
    method: "POST",
    idempotent: "by clientId",
    path: "/conversations/{conversationId}/messages",
    access: "user",
    limit: "send",
    summary: "Store a message. The answer means it is durable; the same clientId again gives the same answer",
    input: z.strictObject({ conversationId: Id, clientId: ClientId, content: Content }),
    output: Pushed,
  },
  "message.forward": {
    method: "POST",
    idempotent: "by clientId",
    path: "/conversations/{conversationId}/forwards",
    access: "user",
    // Who forwards to where they can read, reads.
    bots: ["messages:read", "messages:write"],
    limit: "heavy",
    summary:
      "Send messages of another conversation on, as they are now: each by itself, or `merged` into one. " +
      "The clientId names the whole",
    input: z.strictObject({
      conversationId: Id,
      clientId: ClientId.max(48),
      fromConversationId: Id,
      seqs: z.array(Seq.min(1)).min(1).max(100),
      merged: z.boolean().default(false),
      title: line(100).optional().meta({ description: "Of a merged one" }),
    }),
    output: z.object({ sent: z.array(Pushed) }),
  },
  "message.history": {
    method: "GET",
    path: "/conversations/{conversationId}/messages",
    access: "user",
    summary:
      "Messages before a place in the log (without `before`: the newest), oldest first, as they are now",
    input: z.strictObject({ conversationId: Id, before: Seq.optional(), limit: limit(200, 50) }),
    output: z.object({ messages: z.array(Message), nextBefore: Seq.nullable() }),
  },
  "message.get": {
    method: "GET",
    path: "/conversations/{conversationId}/messages/{seq}",
    access: "user",
    summary: "One message as it is now",
    input: z.strictObject(place),
    output: Message,
  },
  "message.edits": {
    method: "GET",
    path: "/conversations/{conversationId}/messages/{seq}/edits",
    access: "user",
    summary: "The entry of a message and those of its edits: every text it had",
    input: z.strictObject(place),
    output: z.object({ entries: z.array(Entry) }),
  },
  "message.edit": {
    method: "PUT",
    idempotent: "harmless",
    path: "/conversations/{conversationId}/messages/{seq}",
    access: "user",
    summary: "Give a message of one's own another content; the earlier ones stay readable",
    input: z.strictObject({ ...place, content: Content }),
    output: Changed,
  },
  "message.recall": {
    method: "POST",
    idempotent: "harmless",
    path: "/conversations/{conversationId}/messages/{seq}/recall",
    access: "user",
    summary:
      "Take a message back from everyone, its text and edits erased: one's own for a while after sending, " +
      "any by a group's owner and admins",
    input: z.strictObject(place),
    output: Changed,
  },
  "message.delete": {
    method: "POST",
    idempotent: "same",
    path: "/conversations/{conversationId}/messages/delete",
    access: "user",
    summary: "Delete messages for oneself, on all one's devices; the others keep them",
    input: z.strictObject({ conversationId: Id, seqs: z.array(Seq.min(1)).min(1).max(100) }),
    output: z.object({}),
  },
  "message.pin": {
    method: "PUT",
    idempotent: "harmless",
    path: "/conversations/{conversationId}/pins/{seq}",
    access: "user",
    summary: "Pin a message: either in a direct conversation, owner and admins in a group",
    input: z.strictObject(place),
    output: Changed,
  },
  "message.unpin": {
    method: "DELETE",
    idempotent: "harmless",
    path: "/conversations/{conversationId}/pins/{seq}",
    access: "user",
    summary: "Unpin a message",
    input: z.strictObject(place),
    output: Changed,
  },
  "message.pins": {
    method: "GET",
    path: "/conversations/{conversationId}/pins",
    access: "user",
    summary: "The pinned messages, the last pinned first",
    input: z.strictObject({ conversationId: Id }),
    output: z.object({ messages: z.array(Message) }),
  },
  "reaction.add": {
    method: "PUT",
    idempotent: "harmless",
    path: "/conversations/{conversationId}/messages/{seq}/reactions/{emoji}",
    access: "user",
    summary: "React to a message with an emoji",
    input: z.strictObject({ ...place, emoji: Emoji }),
    output: Changed,
  },
  "reaction.remove": {
    method: "DELETE",
    idempotent: "harmless",
    path: "/conversations/{conversationId}/messages/{seq}/reactions/{emoji}",
    access: "user",
    summary: "Take a reaction of one's own back",
    input: z.strictObject({ ...place, emoji: Emoji }),
    output: Changed,
  },
  "log.read": {
    method: "GET",
    path: "/conversations/{conversationId}/log",
    access: "user",
    summary:
      "Entries of the log in order and without holes: the first ones after a place (from the beginning, if no place " +
      "is given) or the last ones before one; `lastSeq` says how far the log goes",
    input: z.strictObject({
      conversationId: Id,
      after: Seq.optional(),
      before: Seq.optional().meta({ description: "In place of `after`" }),
      limit: limit(1000, 200),
    }).refine(({ after, before }) => after === undefined || before === undefined, {
      path: ["before"],
      message: "stands in place of after: give one of them",
    }),
    output: z.object({ entries: z.array(Entry), lastSeq: Seq }),
  },
} as const satisfies Record<string, Operation>;
