import { useEffect, useMemo, useState } from "preact/hooks";
import { recentEmoji, useEmoji } from "../state/emoji.ts";
import { text } from "../state/settings.ts";
import { EMOJI } from "../text/emoji.ts";
import { searchEmoji } from "../text/emoji_search.ts";

/** All emoji by their groups, found by words of either language; those used last come first. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const [query, setQuery] = useState("");
  const words = text.value.message;
  const found = useMemo(() => searchEmoji(query), [query]);
  const pick = (emoji: string) => {
    useEmoji(emoji);
    onPick(emoji);
  };
  const groups = query.trim() === ""
    ? [
      { name: words.recentEmoji, emoji: recentEmoji.value },
      ...EMOJI.map((group, at) => ({ name: words.emojiGroups[at], emoji: group.map(([emoji]) => emoji) })),
    ]
    : [{ name: "", emoji: found }];
  return (
    <div class="emoji-picker" data-testid="emoji-picker">
      <div class="search">
        <input
          type="search"
          aria-label={words.searchEmoji}
          placeholder={words.searchEmoji}
          value={query}
          maxLength={64}
          // On a touch screen it would raise the keyboard over what one came to tap.
          autofocus={matchMedia("(pointer: fine)").matches}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
      </div>
      <div class="emoji-groups" tabIndex={-1}>
        {groups.filter(({ emoji }) => emoji.length > 0).map(({ name, emoji }) => (
          <Group key={name} name={name} emoji={emoji} onPick={pick} />
        ))}
        {query.trim() !== "" && found.length === 0 && (
          <p class="section-empty">{words.noEmoji(query.trim())}</p>
        )}
      </div>
    </div>
  );
}

interface GroupProps {
  name: string;
  emoji: readonly string[];
  onPick: (emoji: string) => void;
}

/** One stop for the Tab key; arrows go from emoji to emoji. */
function Group({ name, emoji, onPick }: GroupProps) {
  const [at, setAt] = useState(0);
  useEffect(() => setAt(0), [emoji.length]);
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll("button")];
    const step =
      { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(buttons), ArrowUp: -columns(buttons) }[event.key];
    const next = step === undefined ? undefined : buttons[at + step];
    if (!next) return;
    event.preventDefault();
    setAt(at + step!);
    next.focus();
  };
  return (
    <section aria-label={name || undefined}>
      {name && <h3>{name}</h3>}
      <div class="emoji-grid" onKeyDown={onKeyDown}>
        {emoji.map((one, index) => (
          <button
            key={one}
            type="button"
            class="emoji"
            tabIndex={index === at ? 0 : -1}
            onClick={() => onPick(one)}
          >
            {one}
          </button>
        ))}
      </div>
    </section>
  );
}

function columns(buttons: readonly HTMLElement[]): number {
  const second = buttons.findIndex(({ offsetTop }) => offsetTop > buttons[0].offsetTop);
  return second < 0 ? buttons.length : second;
}
