import type { Conversation, Entry } from "../../sdk/mod.ts";
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

/** A message's words. */
export function messageText({ content }: Pick<Entry, "content">): string {
  return content.type === "text" && typeof content.text === "string"
    ? content.text
    : text.value.unknownMessage;
}

/** What happened in a group, in a sentence. */
export function eventText({ kind, senderId, content }: Entry): string {
  const who = subject(senderId);
  const others = Array.isArray(content.memberIds) ? content.memberIds.map(String) : [];
  const t = text.value;
  switch (kind) {
    case "group.created":
      return t.groupCreated(who);
    case "member.added":
      return t.memberAdded(who, list(others.map(subject)));
    case "member.left":
      return typeof content.memberId === "string" && content.memberId !== senderId
        ? t.memberRemoved(who, subject(content.memberId))
        : t.memberLeft(who);
    default:
      return t.unknownMessage;
  }
}

/** One line under a conversation's name. */
export function preview({ type, lastMessage }: Conversation): string {
  if (!lastMessage) return text.value.noMessagesYet;
  const words = messageText(lastMessage);
  if (lastMessage.senderId === me.value?.id) return text.value.says(text.value.you, words);
  return type === "group" ? text.value.says(personName(lastMessage.senderId), words) : words;
}

function subject(userId: string): string {
  return userId === me.value?.id ? text.value.yourself : personName(userId);
}

function list(names: string[]): string {
  return new Intl.ListFormat(language.value).format(names);
}
