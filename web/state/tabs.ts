/** What the tabs of this browser tell each other: who has logged in and out. Settings they see by themselves. */

type Word = "entered" | "left";

const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("imserver.tabs");

/** To the other tabs, not to this one. */
export function tellTabs(word: Word): void {
  channel?.postMessage(word);
}

export function onTabs(hear: (word: Word) => void): void {
  channel?.addEventListener("message", ({ data }: MessageEvent<Word>) => hear(data));
}
