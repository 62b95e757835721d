import { useEffect, useRef } from "preact/hooks";
import { closeDetails, closePart, type Details, details } from "../state/details.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";
import { useShortcut } from "./use_shortcut.ts";

/** The third column, or what lies over the second where there is no room. */
export function DetailsColumn() {
  const open = details.value;
  return open && <Column key={layersOf(open)[0].name} open={open} />;
}

/** What is a part stands before what it is a part of, which keeps its place in the list and its focus. */
function Column({ open }: { open: Details }) {
  const column = useRef<HTMLElement>(null);
  const layers = layersOf(open);
  const depth = layers.length;
  const before = useRef(0);
  useEffect(() => {
    // On the way back the focus goes to what led here.
    if (depth > before.current) column.current?.focus();
    before.current = depth;
  }, [depth]);
  useShortcut({ keys: "Escape", label: () => text.value.close, run: closeDetails, group: "chat" });
  return (
    <aside class="details" ref={column} tabIndex={-1} aria-label={open.title()} data-testid="details">
      <header class="details-head">
        {open.whole && (
          <button type="button" class="icon-button" aria-label={text.value.groups.back} onClick={closePart}>
            <Icon name="back" />
          </button>
        )}
        <h2>{open.title()}</h2>
        <button type="button" class="icon-button" aria-label={text.value.close} onClick={closeDetails}>
          <Icon name="close" />
        </button>
      </header>
      {layers.map((layer) => (
        <div key={layer.name} class="scroll" hidden={layer !== open}>{layer.render()}</div>
      ))}
    </aside>
  );
}

/** From the whole to the part that is open. */
function layersOf(one: Details): Details[] {
  return one.whole ? [...layersOf(one.whole), one] : [one];
}
