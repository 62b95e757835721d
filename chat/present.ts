import {
  Audience,
  type Conversation,
  type ConversationSettings,
  ConversationType,
  type Entry,
  type Group,
  type GroupLink,
  MemberRole,
  type Profile,
  Role,
  type User,
  Who,
} from "../data/service.ts";
import type * as wire from "../wire/mod.ts";
import { mayReadInInbox, mayReadMessages } from "../wire/scopes.ts";

/** The one place where the language between our processes (proto) becomes the language of clients (wire). */

const ROLES = {
  [MemberRole.MEMBER_ROLE_MEMBER]: "member",
  [MemberRole.MEMBER_ROLE_ADMIN]: "admin",
  [MemberRole.MEMBER_ROLE_OWNER]: "owner",
} as const;

const ROLE_NUMBERS = {
  member: MemberRole.MEMBER_ROLE_MEMBER,
  admin: MemberRole.MEMBER_ROLE_ADMIN,
  owner: MemberRole.MEMBER_ROLE_OWNER,
} as const;

export function presentUser(user: User): wire.User {
  const { id, username, displayName, ownerId, avatar, status: statusText } = user;
  const bot = ownerId ? { bot: true, ownerId: String(ownerId) } as const : {};
  if (user.deleted) return { id: String(id), username: "", displayName: "", ...bot, deleted: true };
  const shown = { ...(avatar ? { avatar } : {}), ...(statusText ? { statusText } : {}) };
  return { id: String(id), username, displayName, ...bot, ...shown };
}

/** What an account is beside what everybody sees of it. */
export function presentStanding({ role, createdAt }: User): Pick<wire.Self, "role" | "createdAt"> {
  return { role: role === Role.ROLE_ADMIN ? "admin" : "user", createdAt };
}

export function presentProfile({ user, bio, custom }: Profile): wire.Profile {
  return {
    ...presentUser(user!),
    ...(bio ? { bio } : {}),
    ...(custom ? { custom: JSON.parse(custom) } : {}),
  };
}

/** The same for whom they have blocked. */
export function presentName({ user }: Profile): wire.Profile {
  const { avatar: _avatar, statusText: _statusText, ...name } = presentUser(user!);
  return name;
}

const AUDIENCES = {
  [Audience.AUDIENCE_EVERYONE]: "everyone",
  [Audience.AUDIENCE_FRIENDS]: "friends",
  [Audience.AUDIENCE_NOBODY]: "nobody",
} as const;

export function presentSelf(profile: Profile): wire.Self {
  const { findBy, writeBy, seenBy } = profile.privacy!;
  return {
    ...presentProfile(profile),
    ...presentStanding(profile.user!),
    ...presentContact(profile),
    privacy: {
      findBy: AUDIENCES[findBy],
      writeBy: writeBy === Audience.AUDIENCE_EVERYONE ? "everyone" : "friends",
      seenBy: AUDIENCES[seenBy],
    },
    renamedAt: profile.renamedAt || null,
    totpSince: profile.factorAt || null,
  };
}

/** The private part, for the person and for admins. */
export function presentContact({ email, phone }: Profile): { email?: string; phone?: string } {
  return { ...(email ? { email } : {}), ...(phone ? { phone } : {}) };
}

/** The other way round. */
export function parseRole(role: wire.Member["role"]): MemberRole {
  return ROLE_NUMBERS[role];
}

export function presentRole(role: MemberRole): wire.Member["role"] {
  return ROLES[role];
}

export function presentEntry(entry: Entry): wire.Entry {
  const { seq, kind, senderId, at, messageNo, clientId, body } = entry;
  return {
    seq,
    kind: kind as wire.Entry["kind"],
    senderId: String(senderId),
    at,
    messageNo,
    ...(clientId ? { clientId } : {}),
    content: JSON.parse(body),
  };
}

/** What the Data contract says became of a message (data/local/message_state.ts). */
interface State {
  content?: wire.Message["content"];
  editedAt?: number;
  edits?: number[];
  recalledAt?: number;
  recalledBy?: string;
  reactions?: Record<string, number>;
  pinnedAt?: number;
  changedSeq?: number;
  mine?: string[];
}

export function presentMessage(entry: Entry): wire.Message {
  const message = presentEntry(entry);
  if (!entry.state) return message;
  const { content = message.content, edits, reactions, mine = [], ...same }: State = JSON.parse(entry.state);
  return {
    ...message,
    ...same,
    content,
    ...(edits ? { edits: edits.length } : {}),
    ...(reactions ? { reactions: presentReactions(reactions, mine) } : {}),
  };
}

function presentReactions(counts: Record<string, number>, mine: string[]): wire.Message["reactions"] {
  return Object.entries(counts).map(([emoji, count]) => ({ emoji, count, mine: mine.includes(emoji) }));
}

/** The same entry as JSON text; its content is not parsed, only copied. */
function entryJson(entry: Entry): string {
  const clientId = entry.clientId ? `"clientId":${JSON.stringify(entry.clientId)},` : "";
  return `{"seq":${entry.seq},"kind":"${entry.kind}","senderId":"${entry.senderId}","at":${entry.at},` +
    `"messageNo":${entry.messageNo},${clientId}"content":${entry.body}}`;
}

/** The notification `log.append`, built once for everyone who gets it. */
export function appendFrame(conversationId: number, entries: readonly Entry[]): string {
  return `{"jsonrpc":"2.0","method":"log.append","params":{"conversationId":"${conversationId}",` +
    `"entries":[${entries.map(entryJson)}]}}`;
}

/** Whose inbox it is, and what they read it with. */
interface Reader {
  userId: number;
  scopes?: readonly string[];
}

export function presentInboxEntry(entry: Entry, { userId, scopes }: Reader): wire.InboxEntry {
  const { seq, senderId, at, body } = entry;
  const kind = entry.kind as wire.InboxEntry["kind"];
  if (!mayReadInInbox(scopes, kind)) {
    return { seq, kind: "hidden", senderId: String(userId), at, content: {} };
  }
  return { seq, kind, senderId: String(senderId), at, content: JSON.parse(body) };
}

/** The notification `inbox.append`. */
export function inboxFrame(entries: readonly Entry[], reader: Reader): string {
  const shown = entries.map((entry) => presentInboxEntry(entry, reader));
  return notificationFrame("inbox.append", { entries: shown });
}

/** Any other notification. */
export function notificationFrame<N extends wire.NotificationName>(
  method: N,
  params: wire.Notifications[N],
): string {
  return JSON.stringify({ jsonrpc: "2.0", method, params });
}

/** To a bot whose token is not for reading messages, without what is in any. */
export function presentConversation(
  conversation: Conversation,
  peer: User | undefined,
  scopes: readonly string[] | undefined,
): wire.Conversation {
  const { id, title, role, lastMessage, settings, avatar, mutedUntil, peerId: _, ...same } = conversation;
  const direct = conversation.type === ConversationType.CONVERSATION_DIRECT;
  return {
    ...same,
    id: String(id),
    type: direct ? "direct" : "group",
    title: direct ? null : title,
    peer: peer ? presentUser(peer) : null,
    role: presentRole(role),
    lastMessage: lastMessage && mayReadMessages(scopes) ? presentMessage(lastMessage) : null,
    settings: presentSettings(settings!, scopes),
    avatar: avatar || null,
    mutedUntil: mutedUntil || null,
  };
}

export function presentGroup(group: Group): wire.Group {
  const { announcement: text, announcedBy, announcedAt, ...same } = group;
  return {
    ...same,
    id: String(group.id),
    avatar: group.avatar || null,
    announcement: text ? { text, by: String(announcedBy), at: announcedAt } : null,
    whoInvites: presentWho(group.whoInvites),
    whoChangesInfo: presentWho(group.whoChangesInfo),
    whoWrites: presentWho(group.whoWrites),
    mutedUntil: group.mutedUntil || null,
    myNickname: group.myNickname || null,
    myMutedUntil: group.myMutedUntil || null,
  };
}

const presentWho = (who: Who): wire.Group["whoWrites"] => who === Who.WHO_MEMBERS ? "members" : "admins";

export function presentLink({ createdBy, expiresAt, maxUses, ...same }: GroupLink): wire.GroupLink {
  return {
    ...same,
    createdBy: String(createdBy),
    expiresAt: expiresAt || null,
    maxUses: maxUses || null,
  };
}

/** To a bot whose token is not for reading messages, without the draft of one. */
export function presentSettings(
  { pinnedAt, draft, ...same }: ConversationSettings,
  scopes: readonly string[] | undefined,
): wire.ConversationSettings {
  return { ...same, draft: mayReadMessages(scopes) ? draft : "", pinnedAt: pinnedAt || null };
}
