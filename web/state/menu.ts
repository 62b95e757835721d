import { signal } from "@preact/signals";
import type { IconName } from "../text/icons.ts";

export interface MenuItem {
  label: string;
  icon?: IconName;
  run: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** A choice that is on or off; the menu shows which. */
  checked?: boolean;
  /** A line above it. */
  line?: boolean;
}

export interface OpenMenu {
  readonly items: readonly MenuItem[];
  readonly label: string;
  /** What it belongs to: it opens beside this, or at a point of it, and focus returns there. */
  readonly anchor: HTMLElement;
  readonly point?: { x: number; y: number };
}

/** The one menu that is open; menu_layer.tsx shows it. */
export const menu = signal<OpenMenu | null>(null);

/**
 * Opens a menu. On `contextmenu` it opens where the pointer is, or at the element when the event came from the
 * keyboard; on a click at the button that was pressed. A second press on the button closes it.
 */
export function openMenu(event: MouseEvent, label: string, items: readonly MenuItem[]): void {
  event.preventDefault();
  const anchor = event.currentTarget as HTMLElement;
  if (event.type !== "contextmenu" && menu.peek()?.anchor === anchor) return closeMenu();
  const byPointer = event.type === "contextmenu" && (event.clientX !== 0 || event.clientY !== 0);
  const point = byPointer ? { x: event.clientX, y: event.clientY } : undefined;
  menu.value = { items, label, anchor, point };
}

/** Opens a menu at something, for a key. */
export function openMenuAt(anchor: HTMLElement, label: string, items: readonly MenuItem[]): void {
  menu.value = { items, label, anchor };
}

export function closeMenu(): void {
  menu.value = null;
}
