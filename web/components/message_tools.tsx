import type { Conversation, ViewMessage } from "../../sdk/mod.ts";
import { compose } from "../state/composing.ts";
import { openMenu } from "../state/menu.ts";
import { isGone, menuOf, QUICK_REACTIONS, toggleReaction } from "../state/message_actions.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** What stands beside a message that is pointed at or has the focus. Keys have the message's menu, so Tab passes these by. */
export function MessageTools(
  { conversation, message }: { conversation: Conversation; message: ViewMessage },
) {
  const words = text.value.message;
  const { id: conversationId } = conversation;
  return (
    <div class="message-tools" role="toolbar" aria-label={words.tools}>
      {!isGone(message) && (
        <>
          {QUICK_REACTIONS.slice(0, 1).map((emoji) => (
            <button
              key={emoji}
              type="button"
              class="tool"
              tabIndex={-1}
              aria-label={words.reactWith(emoji)}
              title={words.reactWith(emoji)}
              onClick={() => void toggleReaction(conversationId, message, emoji)}
            >
              {emoji}
            </button>
          ))}
          <button
            type="button"
            class="tool"
            tabIndex={-1}
            aria-label={words.reply}
            title={words.reply}
            onClick={() => compose({ kind: "reply", conversationId, message })}
          >
            <Icon name="reply" />
          </button>
        </>
      )}
      <button
        type="button"
        class="tool"
        tabIndex={-1}
        aria-label={words.title}
        title={text.value.more}
        aria-haspopup="menu"
        onClick={(event) => openMenu(event, words.title, menuOf(conversation, message))}
      >
        <Icon name="more" />
      </button>
    </div>
  );
}
