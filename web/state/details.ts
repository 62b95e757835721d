import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** What the third column shows: whoever has something to show there opens it with what renders it. */
export interface Details {
  /** Which one it is, for the button that opens it: `aria-expanded={isOpen("about")}`. */
  readonly name: string;
  /** Called when rendering, so that a change of language reaches it. */
  readonly title: () => string;
  readonly render: () => ComponentChildren;
}

export const details = signal<Details | null>(null);

/** What had the focus before, which gets it back. */
let opener: Element | null = null;

export function openDetails(one: Details): void {
  if (details.peek() === null) opener = document.activeElement;
  details.value = one;
}

/** Opens it, or closes it if it is the one that is open. */
export function toggleDetails(one: Details): void {
  if (isOpen(one.name)) closeDetails();
  else openDetails(one);
}

export function isOpen(name: string): boolean {
  return details.value?.name === name;
}

export function closeDetails(): void {
  if (details.peek() === null) return;
  details.value = null;
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  opener = null;
}
