import { useEffect, useRef, useState } from "preact/hooks";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";
import { lazy } from "./lazy.tsx";

const EmojiPicker = lazy(() => import("./emoji_picker.tsx").then((module) => module.EmojiPicker));

/** Opens the emoji above the line one writes in. It stays open for several, until Escape or a press elsewhere. */
export function EmojiButton({ onPick }: { onPick: (emoji: string) => void }) {
  const frame = useRef<HTMLDivElement>(null);
  const [isOpen, setOpen] = useState(false);
  const { emoji } = text.value.message;
  useEffect(() => {
    if (!isOpen) return;
    const away = (event: Event) => frame.current?.contains(event.target as Node) || setOpen(false);
    addEventListener("pointerdown", away);
    return () => removeEventListener("pointerdown", away);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    event.stopPropagation();
    event.preventDefault();
    setOpen(false);
    frame.current?.querySelector("button")?.focus();
  };
  // Enter in the picker's search is not for sending.
  const keepForm = (event: KeyboardEvent) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) event.preventDefault();
  };
  return (
    <div class="emoji-frame" ref={frame} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="attach"
        aria-label={emoji}
        title={emoji}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="smile" />
      </button>
      {isOpen && (
        <div class="emoji-pop" onKeyDown={keepForm}>
          <EmojiPicker onPick={onPick} />
        </div>
      )}
    </div>
  );
}
