import { text } from "../state/settings.ts";

interface BadgeProps {
  count: number;
  /** Does not ask for attention. */
  quiet?: boolean;
  /** What it counts, where that is not unread messages. */
  words?: (count: number) => string;
}

/** How many are new; nothing when none is. */
export function Badge({ count, quiet = false, words = text.value.unread }: BadgeProps) {
  if (count === 0) return null;
  return (
    <span class={quiet ? "badge quiet" : "badge"} data-testid="unread">
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span class="hidden">{words(count)}</span>
    </span>
  );
}
