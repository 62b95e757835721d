import * as z from "zod";
import { BLANK, isClean, isOneLine, isStraight, isVisible, TURNED, UNCLEAN, UNLINED_TEXT } from "./text.ts";

/** The shapes clients see. Ids are opaque decimal strings; times are milliseconds since 1970 (UTC). */

export const Id = z.string().regex(/^[1-9][0-9]{0,15}$/, "must be an id").meta({ description: "Opaque id" });
export const Time = z.int().nonnegative().meta({ description: "Milliseconds since 1970-01-01T00:00Z" });
export const Seq = z.int().nonnegative().meta({ description: "Place in a conversation's log: 1, 2, 3 …" });

/** What a client names its send with; the same id again is the same message (P3). */
export const ClientId = z.string().regex(/^[A-Za-z0-9._:-]{1,64}$/, "must be 1 to 64 of A-Z a-z 0-9 . _ : -");

/** Raw name as typed; its rules (NFKC, letters, scripts) are in auth/usernames.ts. */
export const Username = z.string().min(1).max(64);
export const Password = z.string().min(8).max(256).refine(
  (text) => text.isWellFormed(),
  "must be well-formed Unicode",
);

/** Of an app, or a recovery code; spaces and hyphens do not matter. */
export const FactorCode = z.string().max(40).meta({
  description: "Six digits from the app, or a recovery code; each is good once",
});

/** What people write. */
const Prose = z.string().trim().refine(isClean, UNCLEAN);
/** One line of it, to call somebody or something by: there is something to see, in the order it is written in. */
export const line = (max: number) =>
  Prose.min(1).max(max)
    .refine(isOneLine, UNLINED_TEXT)
    .refine(isStraight, TURNED)
    .refine(isVisible, BLANK);
/** Several lines, or none; never some with nothing to see in them. */
export const note = (max: number) => Prose.max(max).refine((text) => text === "" || isVisible(text), BLANK);
export const DisplayName = line(64);

/** Kinds of device; how many sessions of one kind a user may have at once is the operator's choice. */
export const DeviceKind = z.enum(["web", "mobile", "desktop", "bot", "other"]);

export const User = z.object({
  id: Id,
  username: z.string(),
  displayName: z.string(),
  bot: z.literal(true).optional().meta({ description: "A program uses it" }),
  ownerId: Id.optional().meta({ description: "Of a bot: who made it" }),
  avatar: z.string().optional().meta({ description: "The address of a picture" }),
  statusText: z.string().optional(),
  deleted: z.literal(true).optional().meta({ description: "The account is gone, and its names are empty" }),
});
/** What an app keeps about a person beside the rest: any JSON object of up to 4,096 bytes. */
export const Custom = z.record(z.string().min(1).max(64), z.unknown());
export const Profile = User.extend({
  bio: z.string().optional().meta({
    description: "Absent: none, or not for the caller, whom they have blocked",
  }),
  custom: Custom.optional(),
});
export const Privacy = z.object({
  findBy: z.enum(["everyone", "friends", "nobody"]).meta({ description: "Who finds me by searching" }),
  writeBy: z.enum(["everyone", "friends"]).meta({
    description: "Who may begin a direct conversation with me; one that is there goes on",
  }),
  seenBy: z.enum(["everyone", "friends", "nobody"]).meta({
    description: "Who of those who may watch me sees whether I am online, and when I was",
  }),
});
export const Self = Profile.extend({
  role: z.enum(["user", "admin"]),
  createdAt: Time,
  email: z.string().optional(),
  phone: z.string().optional(),
  privacy: Privacy,
  renamedAt: Time.nullable().meta({ description: "When the username was last changed" }),
  totpSince: Time.nullable().meta({ description: "Since when a login takes a code too; null: it does not" }),
});

/**
 * One entry of a conversation's log. `messageNo` counts messages only: the number of messages up to and
 * with this entry. `content` depends on `kind`: a message's content for `message`, else the event's data:
 * wire/entries.ts has them all. What changes a message names it as `target`; of one from before the reader's joining an
 * edit shows `{type: "hidden"}` and a reaction no emoji.
 */
export const Entry = z.object({
  seq: Seq,
  kind: z.enum([
    "message",
    "message.edited",
    "message.recalled",
    "message.pinned",
    "message.unpinned",
    "reaction.added",
    "reaction.removed",
    "group.created",
    "group.updated",
    "group.announced",
    "group.muted",
    "group.transferred",
    "group.dissolved",
    "member.added",
    "member.left",
    "member.removed",
    "member.banned",
    "member.unbanned",
    "member.role",
    "member.muted",
    "member.renamed",
  ]),
  senderId: Id,
  at: Time,
  messageNo: z.int().nonnegative(),
  clientId: ClientId.optional(),
  content: z.record(z.string(), z.unknown()).meta({ description: "By `kind`: see EntryContents" }),
});

/**
 * A message as it is now: its entry, the text of its last edit in place of the first, and what else became of it.
 * `content` of a recalled message is `{type: "recalled"}`, of one the caller has deleted `{type: "hidden"}`.
 */
export const Message = Entry.extend({
  editedAt: Time.optional(),
  edits: z.int().positive().optional().meta({ description: "How many times it was edited" }),
  recalledAt: Time.optional(),
  recalledBy: Id.optional(),
  reactions: z.array(z.object({ emoji: z.string(), count: z.int().positive(), mine: z.boolean() }))
    .optional(),
  pinnedAt: Time.optional(),
  changedSeq: Seq.optional().meta({ description: "The entry of the last change that is in this state" }),
});

/**
 * One entry of the caller's own log. Its `content` depends on `kind` too: wire/entries.ts.
 */
export const InboxEntry = z.object({
  seq: Seq,
  kind: z.enum([
    "conversation.joined",
    "conversation.left",
    "conversation.configured",
    "group.requested",
    "group.answered",
    "message.hidden",
    "friend.changed",
    "friend.configured",
    "block.changed",
    "profile.changed",
    "system.message",
    "hidden",
  ]),
  senderId: Id.meta({ description: "Who did it" }),
  at: Time,
  content: z.record(z.string(), z.unknown()).meta({ description: "By `kind`: see InboxContents" }),
});

/** What a member keeps for themselves about a conversation, on all their devices. */
export const ConversationSettings = z.object({
  muted: z.boolean().meta({ description: "Do not disturb" }),
  pinnedAt: Time.nullable().meta({ description: "Pinned to the top of the list" }),
  archived: z.boolean(),
  draft: z.string(),
});

export const Role = z.enum(["member", "admin", "owner"]);
/** Whom a group leaves something to; the owner counts as an admin. */
export const Who = z.enum(["members", "admins"]);

export const Conversation = z.object({
  id: Id,
  type: z.enum(["direct", "group"]),
  title: z.string().nullable(),
  peer: User.nullable().meta({ description: "The other person, in a direct conversation" }),
  role: Role,
  memberCount: z.int().nonnegative(),
  firstSeq: Seq.meta({ description: "The first entry this member may read" }),
  lastSeq: Seq,
  lastMessageNo: z.int().nonnegative(),
  readSeq: Seq.meta({ description: "Read up to here on any of the user's devices" }),
  unread: z.int().nonnegative(),
  lastMessage: Message.nullable(),
  createdAt: Time,
  updatedAt: Time.meta({ description: "Time of the last entry" }),
  settings: ConversationSettings,
  avatar: z.string().nullable().meta({ description: "Of a group" }),
  onlyAdminsWrite: z.boolean(),
  mutedUntil: Time.nullable().meta({ description: "The caller may not write until then" }),
});

/** A group as one member sees it, with what a list of conversations has no room for. */
export const Group = z.object({
  id: Id,
  title: z.string(),
  avatar: z.string().nullable(),
  description: z.string(),
  announcement: z.object({ text: z.string(), by: Id, at: Time }).nullable(),
  whoInvites: Who,
  whoChangesInfo: Who,
  whoWrites: Who,
  approval: z.boolean(),
  historyForNewMembers: z.boolean(),
  mutedUntil: Time.nullable().meta({ description: "Nobody but owner and admins may write until then" }),
  memberCount: z.int().nonnegative(),
  createdAt: Time,
  myNickname: z.string().nullable(),
  myMutedUntil: Time.nullable(),
});

export const GroupLink = z.object({
  code: z.string(),
  createdBy: Id,
  createdAt: Time,
  expiresAt: Time.nullable(),
  maxUses: z.int().nonnegative().nullable(),
  uses: z.int().nonnegative(),
});

export const Presence = z.object({
  userId: Id,
  online: z.boolean(),
  lastSeenAt: Time.nullable().meta({ description: "When they were last connected; null: never yet" }),
});

/** A friend as the caller has them. */
export const Friend = z.object({
  user: User,
  since: Time,
  remark: z.string().nullable().meta({ description: "What the caller calls them; only the caller sees it" }),
  tags: z.array(z.string()),
  presence: Presence.nullable().meta({ description: "null: not asked for, or not for the caller to see" }),
});

/** What is between the caller and another person. */
export const Relation = z.object({
  user: User,
  state: z.enum(["requested", "invited", "friends", "blocked"]).meta({
    description: "requested: by the caller; invited: by the other; blocked: by the caller",
  }),
  at: Time.meta({ description: "Since when" }),
  note: z.string().meta({ description: "Of a request" }),
  expiresAt: Time.nullable().meta({ description: "When a request ends unanswered; null: never" }),
  remark: z.string().nullable(),
  tags: z.array(z.string()),
});

export const Member = z.object({
  user: User,
  role: Role,
  joinedAt: Time,
  nickname: z.string().nullable().meta({ description: "What they are called in this group" }),
  mutedUntil: Time.nullable(),
});

// Their names in documents (docs/protocol.md).
for (
  const [id, schema] of Object.entries({
    User,
    Profile,
    Privacy,
    Self,
    Entry,
    InboxEntry,
    Message,
    ConversationSettings,
    Conversation,
    Group,
    GroupLink,
    Member,
    Presence,
    Friend,
    Relation,
  })
) {
  z.globalRegistry.add(schema, { id });
}

export type Id = z.infer<typeof Id>;
export type User = z.infer<typeof User>;
export type Profile = z.infer<typeof Profile>;
export type Privacy = z.infer<typeof Privacy>;
export type Self = z.infer<typeof Self>;
export type Entry = z.infer<typeof Entry>;
export type InboxEntry = z.infer<typeof InboxEntry>;
export type Message = z.infer<typeof Message>;
export type ConversationSettings = z.infer<typeof ConversationSettings>;
export type Conversation = z.infer<typeof Conversation>;
export type Group = z.infer<typeof Group>;
export type GroupLink = z.infer<typeof GroupLink>;
export type Presence = z.infer<typeof Presence>;
export type Friend = z.infer<typeof Friend>;
export type Relation = z.infer<typeof Relation>;
export type Member = z.infer<typeof Member>;
