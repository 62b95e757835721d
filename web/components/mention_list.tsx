import type { Mentionable } from "./use_mentions.ts";
import { text } from "../state/settings.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";

interface MentionListProps {
  id: string;
  found: readonly Mentionable[];
  chosen: number;
  onPick: (one: Mentionable) => void;
}

/** Whom one may mean, above the line one writes in. The focus stays there. */
export function MentionList({ id, found, chosen, onPick }: MentionListProps) {
  return (
    <ul class="mention-list" id={id} role="listbox" aria-label={text.value.message.mentions}>
      {found.map((one, at) => (
        <li
          key={one.id}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === chosen}
          onMouseDown={(event) => (event.preventDefault(), onPick(one))}
        >
          {one.user ? <Avatar id={one.id} name={one.name} picture={one.user.avatar} /> : (
            <span class="avatar">
              <Icon name="group" />
            </span>
          )}
          <bdi>{one.name}</bdi>
          <bdi class="muted">{one.user ? `@${one.user.username}` : text.value.message.everyoneHint}</bdi>
        </li>
      ))}
    </ul>
  );
}
