import * as z from "zod";
import { type Entry, Id, type InboxEntry, Seq, Time, Who } from "./schemas.ts";

/** What the `content` of an entry is and what it means, for each kind there is. Documents and tests are made of it. */
export type Kinds<K extends string> = Record<K, { content: z.ZodObject; about: string }>;

const kind = (shape: z.ZodRawShape, about: string) => ({ content: z.object(shape), about });
/** Of one of the types under Sending; open, because programs of others may have put more into it. */
const content = z.looseObject({ type: z.string() });
const target = Seq.meta({ description: "The message" });
const member = { memberId: Id };
const conversation = { conversationId: Id };
const place = { ...conversation, type: z.enum(["direct", "group"]), seq: Seq };

/** Of a conversation's log. */
export const ENTRY_KINDS: Kinds<Entry["kind"]> = {
  message: { content, about: 'what was sent (see Sending); of a recalled one `{type: "recalled"}`' },
  "message.edited": kind({ target, content }, "another content; of a recalled message `recalled`"),
  "message.recalled": kind({ target }, "`senderId` took it back from all"),
  "message.pinned": kind({ target }, "pinned"),
  "message.unpinned": kind({ target }, "no longer pinned"),
  "reaction.added": kind(
    { target, emoji: z.string().optional() },
    "`senderId` reacted; no emoji, where the message is from before the reader's joining",
  ),
  "reaction.removed": kind({ target, emoji: z.string().optional() }, "and took it back"),
  "group.created": kind({
    title: z.string(),
    memberIds: z.array(Id),
    avatar: z.string().optional(),
    description: z.string().optional(),
  }, "the first entry; `senderId` is the owner and one of the members"),
  "group.updated": kind({
    title: z.string().optional(),
    avatar: z.string().optional(),
    description: z.string().optional(),
    whoInvites: Who.optional(),
    whoChangesInfo: Who.optional(),
    whoWrites: Who.optional(),
    approval: z.boolean().optional(),
    historyForNewMembers: z.boolean().optional(),
  }, "the fields that have changed, as they are now; an empty avatar: none"),
  "group.announced": kind({ text: z.string() }, "the announcement; empty: none any more"),
  "group.muted": kind(
    { until: Time.nullable() },
    "nobody but owner and admins writes until then; null: ended",
  ),
  "group.transferred": kind(member, "the owner now; `senderId` was it and is an admin"),
  "group.dissolved": kind({}, "the last entry there is"),
  "member.added": kind(
    { memberIds: z.array(Id), history: z.literal(true).optional() },
    "`senderId` added them, or came by an invitation, when it is the only one; `history`: they read what came before",
  ),
  "member.left": kind(
    { ...member, heirId: Id.optional() },
    "`heirId`: who owns the group now, when the owner left",
  ),
  "member.removed": kind(member, "taken out by `senderId`"),
  "member.banned": kind(member, "kept out by `senderId`, whether they were in or not"),
  "member.unbanned": kind(member, "may come in again"),
  "member.role": kind({ ...member, role: z.enum(["member", "admin"]) }, "what they are now"),
  "member.muted": kind({ ...member, until: Time.nullable() }, "may not write until then; null: may again"),
  "member.renamed": kind(
    { ...member, nickname: z.string() },
    "what they are called here; empty: as elsewhere",
  ),
};

/** Of a user's own log. */
export const INBOX_KINDS: Kinds<InboxEntry["kind"]> = {
  "conversation.joined": kind(
    { ...place, firstSeq: Seq.optional() },
    "the user is in it now; `seq` is the entry that says so, 0 in a direct conversation; `firstSeq`, where it is another: " +
      "the first that they may read",
  ),
  "conversation.left": kind(
    { ...place, reason: z.enum(["removed", "banned", "dissolved"]).optional() },
    "the user is no longer in it; `seq` is the last entry they may read; no `reason`: they left",
  ),
  "conversation.configured": kind(
    { ...conversation, muted: z.boolean(), pinnedAt: Time.nullable(), archived: z.boolean() },
    "set by the user, on another device perhaps (drafts are pushed and synced only)",
  ),
  "group.requested": kind(
    { ...conversation, userId: Id },
    "to a group's owner and admins: somebody asks to be let in",
  ),
  "group.answered": kind(
    { ...conversation, approved: z.boolean() },
    "to who asked; let in, `conversation.joined` comes as well",
  ),
  "message.hidden": kind(
    { ...conversation, seqs: z.array(Seq) },
    "the user deleted these messages for themselves",
  ),
  "friend.changed": kind(
    { userId: Id, state: z.enum(["none", "requested", "invited", "friends"]), note: z.string().optional() },
    "`requested`: the user has asked; `invited`: was asked; `friends`; or `none`",
  ),
  "friend.configured": kind(
    { userId: Id, remark: z.string().nullable(), tags: z.array(z.string()) },
    "the user has noted something about a friend; the friend is not told",
  ),
  "block.changed": kind(
    { userId: Id, blocked: z.boolean() },
    "the user has blocked somebody, or no longer; the other is not told",
  ),
  "profile.changed": kind({}, "the user's own profile or settings: read `user.me` again"),
  "system.message": kind(
    { broadcastId: Id, text: z.string() },
    "an admin of the server says something, to everyone or to a list",
  ),
  hidden: kind({}, "to a bot: what its token is not for; the sender is then the bot itself"),
};

const contentsOf = (kinds: Kinds<string>) =>
  z.object(
    Object.fromEntries(Object.entries(kinds).map(([name, { content }]) => [name, content.optional()])),
  );

/** The contents by kind, each under the name of its kind. */
export const EntryContents = contentsOf(ENTRY_KINDS);
export const InboxContents = contentsOf(INBOX_KINDS);
