import { signal } from "@preact/signals";

/** What a screen reader says without anybody going there. Both regions are always in the page (see app.tsx). */
export const spoken = signal("");
export const spokenAtOnce = signal("");

/** How long words stay, so that several at once are all said; a repeated one is said again. */
const STAY_MS = 1000;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Says it when the reader is done with what it says now. What comes within a second is said together. */
export function announce(words: string): void {
  if (words === "") return;
  spoken.value = spoken.peek() === "" ? words : `${spoken.peek()} ${words}`;
  clearTimeout(timer);
  timer = setTimeout(() => spoken.value = "", STAY_MS);
}

/** Says it at once, whatever is being said: only for what went wrong. */
export function announceAtOnce(words: string): void {
  spokenAtOnce.value = words;
  setTimeout(() => {
    if (spokenAtOnce.peek() === words) spokenAtOnce.value = "";
  }, STAY_MS);
}
