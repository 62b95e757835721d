import type { ViewMessage } from "../../sdk/mod.ts";
import { toggleReaction } from "../state/message_actions.ts";
import { nameOf } from "../state/people.ts";
import { text } from "../state/settings.ts";

/** What people answered without words; a press adds one's own, or takes it back. */
export function Reactions({ conversationId, message }: { conversationId: string; message: ViewMessage }) {
  const words = text.value.message;
  return (
    <ul class="reactions" aria-label={text.value.reactions} data-testid="reactions">
      {message.reactions.map(({ emoji, count, mine, userIds }) => (
        <li key={emoji}>
          <button
            type="button"
            class={`reaction ${mine ? "own" : ""}`}
            aria-pressed={mine}
            title={[
              ...userIds.map(nameOf).filter(Boolean),
              mine ? words.unreact(emoji) : words.reactWith(emoji),
            ]
              .join("\n")}
            onClick={() => void toggleReaction(conversationId, message, emoji)}
          >
            <span aria-hidden="true">{emoji} {count}</span>
            <span class="hidden">{text.value.reaction(emoji, count, mine)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
