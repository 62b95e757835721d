import type { ComponentChildren } from "preact";
import { closeSection } from "../state/route.ts";
import { text } from "../state/settings.ts";
import { Icon } from "./icon.tsx";

/** The bar above what was chosen in a list; on a phone with the way back to the list. */
export function PaneHead({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <header class="pane-head">
      <button
        type="button"
        class="icon-button back"
        aria-label={text.value.groups.back}
        onClick={closeSection}
      >
        <Icon name="back" />
      </button>
      <h2>{title}</h2>
      {children}
    </header>
  );
}
