import type { Conversation, Entry } from "../../sdk/mod.ts";
import { type ContentLike, oneLine } from "../text/content_text.ts";
import { joinWords } from "../text/join_words.ts";
import { me, nameOf } from "./people.ts";
import { language, text } from "./settings.ts";

/** What things are called on the screen. Reads signals, so whatever shows a name follows its changes. */

export function conversationName({ type, title, peer }: Conversation): string {
  if (type === "group") return title ?? text.value.someone;
  return (peer && nameOf(peer.id)) ?? peer?.displayName ?? text.value.someone;
}

export function personName(userId: string): string {
  return nameOf(userId) ?? text.value.someone;
}

/** A message in one line. */
export function messageLine({ content }: { content: ContentLike }): string {
  return oneLine(content, text.value);
}

/** What happened in a group, in a sentence. */
export function eventText(entry: Entry): string {
  const { senderId, content } = entry;
  const other = typeof content.memberId === "string" ? subject(content.memberId) : text.value.someone;
  const words = entry.kind.startsWith("group.") ? groupEvent(entry, other) : memberEvent(entry, other);
  return words ?? text.value.unknownEvent(subject(senderId));
}

function memberEvent({ kind, senderId, content }: Entry, other: string): string | undefined {
  const [who, t] = [subject(senderId), text.value];
  switch (kind) {
    case "member.added": {
      const ids = Array.isArray(content.memberIds) ? content.memberIds.map(String) : [];
      const alone = ids.length === 1 && ids[0] === senderId;
      return alone ? t.memberJoined(who) : t.memberAdded(who, list(ids.map(subject)));
    }
    case "member.left":
      return typeof content.heirId === "string"
        ? t.ownerLeft(who, subject(content.heirId))
        : t.memberLeft(who);
    case "member.removed":
      return t.memberRemoved(who, other);
    case "member.banned":
      return t.memberBanned(who, other);
    case "member.unbanned":
      return t.memberUnbanned(who, other);
    case "member.role":
      return content.role === "admin" ? t.memberIsAdmin(who, other) : t.memberIsNoAdmin(who, other);
    case "member.muted":
      return content.until === null ? t.memberUnmuted(who, other) : t.memberMuted(who, other);
    case "member.renamed":
      return content.nickname ? t.memberRenamed(who, String(content.nickname)) : t.memberUnnamed(who);
  }
}

function groupEvent({ kind, senderId, content }: Entry, other: string): string | undefined {
  const [who, t] = [subject(senderId), text.value];
  switch (kind) {
    case "group.created":
      return t.groupCreated(who);
    case "group.updated":
      return typeof content.title === "string" ? t.groupRenamed(who, content.title) : t.groupUpdated(who);
    case "group.announced":
      return content.text ? t.groupAnnounced(who, String(content.text)) : t.groupUnannounced(who);
    case "group.muted":
      return content.until === null ? t.groupUnmuted(who) : t.groupMuted(who);
    case "group.transferred":
      return t.groupTransferred(who, other);
    case "group.dissolved":
      return t.groupDissolved(who);
  }
}

/** One line under a conversation's name. */
export function preview({ type, lastMessage }: Conversation): string {
  if (!lastMessage) return text.value.noMessagesYet;
  if (lastMessage.content.type === "hidden") return "";
  const words = messageLine(lastMessage);
  if (lastMessage.senderId === me.value?.id) return text.value.says(text.value.you, words);
  return type === "group" ? text.value.says(personName(lastMessage.senderId), words) : words;
}

/** Who is writing at the moment, in a sentence; empty when nobody is. */
export function typingText(userIds: readonly string[]): string {
  if (userIds.length === 0) return "";
  return text.value.typing(list(userIds.map(personName)), userIds.length);
}

function subject(userId: string): string {
  return userId === me.value?.id ? text.value.yourself : personName(userId);
}

function list(names: string[]): string {
  const parts = new Intl.ListFormat(language.value).formatToParts(names);
  return joinWords(...parts.map(({ value }) => value));
}
