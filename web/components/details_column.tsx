import { useEffect, useRef } from "preact/hooks";
import { closeDetails, details } from "../state/details.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";
import { useShortcut } from "./use_shortcut.ts";

/** The third column, or what lies over the second where there is no room. */
export function DetailsColumn() {
  const open = details.value;
  return open && <Details key={open.name} />;
}

function Details() {
  const column = useRef<HTMLElement>(null);
  const open = details.value;
  useEffect(() => column.current?.focus(), []);
  useShortcut({ keys: "Escape", label: () => text.value.close, run: closeDetails, group: "chat" });
  if (!open) return null;
  return (
    <aside class="details" ref={column} tabIndex={-1} aria-label={open.title()} data-testid="details">
      <header class="details-head">
        {open.back && (
          <button type="button" class="icon-button" aria-label={text.value.groups.back} onClick={open.back}>
            <Icon name="back" />
          </button>
        )}
        <h2>{open.title()}</h2>
        <button type="button" class="icon-button" aria-label={text.value.close} onClick={closeDetails}>
          <Icon name="close" />
        </button>
      </header>
      <div class="scroll">{open.render()}</div>
    </aside>
  );
}
