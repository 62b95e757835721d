import { text } from "../state/settings.ts";

/** How many are unread; nothing when none is. A quiet one does not ask for attention. */
export function Badge({ count, quiet = false }: { count: number; quiet?: boolean }) {
  if (count === 0) return null;
  return (
    <span class={quiet ? "badge quiet" : "badge"} data-testid="unread">
      <span aria-hidden="true">{count > 99 ? "99+" : count}</span>
      <span class="hidden">{text.value.unread(count)}</span>
    </span>
  );
}
