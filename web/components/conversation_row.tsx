import type { Conversation } from "../../sdk/mod.ts";
import { chatHref, chatId } from "../state/route.ts";
import { conversationName, preview } from "../state/naming.ts";
import { text } from "../state/settings.ts";
import { shortTime } from "../state/time.ts";
import { Avatar } from "./avatar.tsx";

export function ConversationRow({ conversation }: { conversation: Conversation }) {
  const { id, type, peer, unread, updatedAt } = conversation;
  const name = conversationName(conversation);
  return (
    <li>
      <a class="row" href={chatHref(id)} aria-current={chatId.value === id ? "page" : undefined}>
        <Avatar id={peer?.id ?? id} name={name} group={type === "group"} />
        <span class="row-main">
          <span class="row-line">
            <bdi class="row-name">{name}</bdi>
            <time class="row-time" dateTime={new Date(updatedAt).toISOString()}>{shortTime(updatedAt)}</time>
          </span>
          <span class="row-line">
            <span class="row-preview" dir="auto">{preview(conversation)}</span>
            {unread > 0 && (
              <span class="badge" data-testid="unread">
                <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
                <span class="hidden">{text.value.unread(unread)}</span>
              </span>
            )}
          </span>
        </span>
      </a>
    </li>
  );
}
