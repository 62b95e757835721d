import type { Reaction } from "../../sdk/mod.ts";
import { text } from "../state/settings.ts";

/** What people answered without words. */
export function Reactions({ reactions }: { reactions: readonly Reaction[] }) {
  return (
    <ul class="reactions" aria-label={text.value.reactions} data-testid="reactions">
      {reactions.map(({ emoji, count, mine }) => (
        <li key={emoji} class={`reaction ${mine ? "own" : ""}`}>
          <span aria-hidden="true">{emoji} {count}</span>
          <span class="hidden">{text.value.reaction(emoji, count, mine)}</span>
        </li>
      ))}
    </ul>
  );
}
