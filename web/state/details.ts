import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** What the third column shows: whoever has something to show there opens it with what renders it. */
export interface Details {
  /** Which one it is, for the button that opens it: `aria-expanded={isOpen("about")}`. */
  readonly name: string;
  /** Called when rendering, so that a change of language reaches it. */
  readonly title: () => string;
  readonly render: () => ComponentChildren;
  /** What it is a part of, which stays as it is behind it. */
  readonly whole?: Details;
}

export const details = signal<Details | null>(null);

/** What had the focus before, which gets it back. */
let opener: Element | null = null;
const partOpeners: (Element | null)[] = [];

export function openDetails(one: Details): void {
  if (details.peek() === null) opener = document.activeElement;
  partOpeners.length = 0;
  details.value = one;
}

/** Opens a part of the one that is open in its place, with a way back. */
export function openPart(part: Details): void {
  const whole = details.peek();
  if (whole === null) return openDetails(part);
  partOpeners.push(document.activeElement);
  details.value = { ...part, name: `${whole.name}/${part.name}`, whole };
}

/** From a part back to what it is a part of, and there to what opened it. */
export function closePart(): void {
  const whole = details.peek()?.whole;
  if (!whole) return;
  details.value = whole;
  const before = partOpeners.pop();
  // It is hidden until the column has rendered.
  requestAnimationFrame(() => before instanceof HTMLElement && before.focus());
}

/** Opens it, or closes it if it is the one that is open. */
export function toggleDetails(one: Details): void {
  if (isOpen(one.name)) closeDetails();
  else openDetails(one);
}

/** Whether it is open, or a part of it. */
export function isOpen(name: string): boolean {
  const open = details.value?.name;
  return open === name || open?.startsWith(`${name}/`) === true;
}

export function closeDetails(): void {
  if (details.peek() === null) return;
  details.value = null;
  partOpeners.length = 0;
  if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
  opener = null;
}
