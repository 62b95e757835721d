import { signal } from "@preact/signals";

/** The emoji used last in this browser. */
const KEY = "imserver.emoji";
const MOST = 24;
const FIRST = ["👍", "❤️", "😂", "🎉", "🙏", "😮", "😢", "🔥"];

export const recentEmoji = signal<readonly string[]>(read());

export function useEmoji(emoji: string): void {
  recentEmoji.value = [emoji, ...recentEmoji.peek().filter((one) => one !== emoji)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(recentEmoji.peek()));
  } catch {
    // Then they are remembered for as long as the page is open.
  }
}

function read(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (Array.isArray(kept)) return kept.filter((one) => typeof one === "string").slice(0, MOST);
  } catch {
    // What is kept there is somebody else's.
  }
  return FIRST;
}
