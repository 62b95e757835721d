import { signal } from "@preact/signals";

/** A few passing words about what was just done. */
export interface Toast {
  readonly id: number;
  readonly words: string;
  readonly isError: boolean;
  readonly action?: ToastAction;
}

export interface ToastAction {
  label: string;
  run: () => void;
}

export const toasts = signal<readonly Toast[]>([]);

/** More are in each other's way. */
const MOST = 3;
/** Whoever reads slowly, or must reach the button by keyboard, needs this long; an error stays until closed. */
const STAY_MS = 6000;
let last = 0;

/** Says that something was done; with an action, how to take it back. */
export function toast(words: string, action?: ToastAction): void {
  const id = show({ words, isError: false, action });
  setTimeout(() => closeToast(id), action ? 2 * STAY_MS : STAY_MS);
}

/** Says that something failed. */
export function toastError(words: string, action?: ToastAction): void {
  show({ words, isError: true, action });
}

export function closeToast(id: number): void {
  toasts.value = toasts.peek().filter((one) => one.id !== id);
}

function show(one: Omit<Toast, "id">): number {
  const id = ++last;
  const others = toasts.peek().filter(({ words }) => words !== one.words);
  toasts.value = [...others, { id, ...one }].slice(-MOST);
  return id;
}
