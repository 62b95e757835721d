import { signal } from "@preact/signals";

/** Every action that a key can bring about. Whoever can do one registers it while it can be done. */
export interface Shortcut {
  /**
   * A key as `KeyboardEvent.key` names it, after `mod+` (Ctrl, on a Mac Cmd), `alt+` or `shift+`: `mod+k`,
   * `alt+ArrowDown`, `?`, `Escape`. Several that do the same: `["j", "ArrowDown"]`. A shifted sign stands without `shift+`.
   */
  readonly keys: string | readonly string[];
  /** Called when the list is shown, so that it speaks the language chosen then. */
  readonly label: () => string;
  readonly run: (event: KeyboardEvent) => void;
  /** Under which heading it is listed. */
  readonly group?: ShortcutGroup;
  /** Whether it acts while one writes: only keys that write nothing should. By default those with `mod` or `alt`. */
  readonly whileWriting?: boolean;
  /** Whether it acts where one is now; absent: everywhere. What does not act leaves the key to others. */
  readonly when?: () => boolean;
}

export const SHORTCUT_GROUPS = ["general", "list", "chat", "message"] as const;
export type ShortcutGroup = (typeof SHORTCUT_GROUPS)[number];

export const shortcuts = signal<readonly Shortcut[]>([]);
/** Whether the list of them is open. */
export const showsShortcuts = signal(false);

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** Answers what takes it away again. Of two on the same key the later one acts: it belongs to what is on top. */
export function registerShortcut(shortcut: Shortcut): () => void {
  shortcuts.value = [...shortcuts.peek(), shortcut];
  return () => shortcuts.value = shortcuts.peek().filter((one) => one !== shortcut);
}

export const keysOf = ({ keys }: Shortcut): readonly string[] => typeof keys === "string" ? [keys] : keys;

/** As it is printed on the keyboard at hand: `Ctrl K`, `⌘ K`. */
export function keyNames(keys: string, mac = isMac): string[] {
  const names: Record<string, string> = {
    mod: mac ? "⌘" : "Ctrl",
    alt: mac ? "⌥" : "Alt",
    shift: "⇧",
    ArrowUp: "↑",
    ArrowDown: "↓",
    Escape: "Esc",
  };
  return keys.split("+").map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/** What a key that was pressed is called in `keys`. */
export function keyOf(event: KeyboardEvent, mac = isMac): string {
  const { key, altKey, shiftKey } = event;
  const mod = mac ? event.metaKey : event.ctrlKey;
  const named = key.length === 1 ? key.toLowerCase() : key;
  // Shift is part of a sign like "?", and of nothing else that is one character.
  const shift = shiftKey && (key.length > 1 || /[a-z]/i.test(key));
  return [mod && "mod", altKey && "alt", shift && "shift", named].filter(Boolean).join("+");
}

/** Runs what the key stands for. Answers whether there was something. */
export function press(event: KeyboardEvent): boolean {
  // A word that is still being composed (Chinese, for instance) owns its keys.
  if (event.defaultPrevented || event.isComposing) return false;
  const pressed = keyOf(event);
  const found = shortcuts.peek().findLast((one) => keysOf(one).includes(pressed) && (one.when?.() ?? true));
  if (!found) return false;
  // Escape closes what lies on top, and that does it by itself.
  if (pressed === "Escape" && document.querySelector("dialog[open], .menu:popover-open")) return false;
  const isFree = found.whileWriting ?? /^(mod|alt)\+/.test(pressed);
  if (!isFree && isWriting(event.target)) return false;
  // What lies above the page has its own keys.
  if (document.querySelector("dialog[open]") && !(event.target as Element).closest?.("dialog")) return false;
  event.preventDefault();
  found.run(event);
  return true;
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("textarea, select, input:not([type=checkbox], [type=radio])"));
}
