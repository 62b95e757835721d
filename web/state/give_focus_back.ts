/**
 * Gives the focus to what had it before, when what lay over the page goes: unless it is somewhere else already, because the
 * browser gave it back itself, say.
 */
export function giveFocusBack(from: Element | null, to: Element | null): void {
  const { activeElement } = document;
  const isHere = activeElement === document.body || from?.contains(activeElement);
  if (!isHere) return;
  let shown = to;
  while (shown && !shown.checkVisibility()) shown = shown.parentElement?.closest("[tabindex]") ?? null;
  if (shown instanceof HTMLElement) shown.focus();
}
