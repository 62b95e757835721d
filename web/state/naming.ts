import type { Conversation, Entry } from "../../sdk/mod.ts";
import { type ContentLike, oneLine } from "../text/content_text.ts";
import { tellEvent } from "../text/event_text.ts";
import { joinWords } from "../text/join_words.ts";
import { callOf, me, nameOf } from "./people.ts";
import { language, text } from "./settings.ts";

/** What things are called on the screen. Reads signals, so whatever shows a name follows its changes. */

export function conversationName({ type, title, peer }: Conversation): string {
  if (type === "group") return title ?? text.value.someone;
  return (peer && nameOf(peer.id)) ?? text.value.someone;
}

export { callOf };

export function personName(userId: string): string {
  return nameOf(userId) ?? text.value.someone;
}

/** A message in one line. */
export function messageLine({ content }: { content: ContentLike }): string {
  return oneLine(content, text.value);
}

/** What happened in a group, in a sentence. */
export function eventText(entry: Entry): string {
  return tellEvent(entry, text.value, { subject, object, list });
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

function object(userId: string): string {
  return userId === me.value?.id ? text.value.yourselfAsObject : personName(userId);
}

function list(names: string[]): string {
  const parts = new Intl.ListFormat(language.value).formatToParts(names);
  return joinWords(...parts.map(({ value }) => value));
}
