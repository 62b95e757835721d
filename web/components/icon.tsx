import { type IconName, ICONS } from "../text/icons.ts";

export type { IconName };

/** A line icon; it only accompanies words and labels, so it has no name of its own. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={ICONS[name]} />
    </svg>
  );
}
