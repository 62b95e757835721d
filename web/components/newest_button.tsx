import type { Chat } from "../state/chat.ts";
import { conversationOf } from "../state/conversations.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** The way back to the end, for whoever reads further up; says how much has come meanwhile. */
export function NewestButton({ chat, onClick }: { chat: Chat; onClick: () => void }) {
  const unread = conversationOf(chat.id)?.unread ?? 0;
  const { newMessages, toNewest } = text.value;
  return (
    <button
      type="button"
      class="newest"
      onClick={onClick}
      aria-label={unread > 0 ? newMessages(unread) : toNewest}
    >
      {unread > 0 && <span>{newMessages(unread)}</span>}
      <Icon name="down" />
    </button>
  );
}
